"""Which classes a caption names: whole words, many thousands of patterns, one pass.

Captions and patterns are brought to one form: case-folded words with a single space around each.
Whole-word matching is then plain substring matching, which an Aho-Corasick automaton does for all
patterns at once. Of matches that share a word the leftmost counts, and of those the longest, so
that ``hot dog`` hides ``dog``.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Sequence

from ahocorasick_rs import BytesAhoCorasick, Implementation

from benchwright.curation.vocabulary import VocabularyClass

SIBILANTS = ("s", "x", "z", "ch", "sh", "o")
"""Endings that form their plural with "es" (also, not only: "photos", "potatoes")."""

ASCII_WORDS = bytes(
    ord(chr(code).lower()) if code < 128 and chr(code).isalnum() else ord(" ")
    for code in range(256)
)
"""A ``bytes.translate`` table: letters to lower case, all that is no part of a word to a space."""


class _UnicodeWords(dict[int, int | None]):
    """The same beyond ASCII, filled as characters appear.

    Marks belong to words: without them, words of many scripts would fall apart.
    """

    def __missing__(self, code: int) -> int | None:
        character = chr(code)
        word = character.isalnum() or unicodedata.category(character).startswith("M")
        soft_hyphen = code == 0xAD
        self[code] = code if word else None if soft_hyphen else ord(" ")
        return self[code]


UNICODE_WORDS = _UnicodeWords()


def normalised(text: str) -> bytes:
    """Words of a text, case-folded, a single space before, between and after them, in UTF-8.

    Text beyond ASCII is brought to NFKC, so that a letter and its accent are one character however
    they were typed. ``Hot-Dog!`` gives `` hot dog ``; a text without words gives two spaces.
    """
    if text.isascii():
        words = text.encode("ascii").translate(ASCII_WORDS).split()
    else:
        # Case folding can leave a text unnormalised, so it is normalised on both sides.
        folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())
        # A table's text may hold halves of surrogate pairs, which UTF-8 does not have.
        words = folded.translate(UNICODE_WORDS).encode("utf-8", "replace").split()
    return b" " + b" ".join(words) + b" "


def plurals(phrase: bytes) -> tuple[bytes, ...]:
    """The regular plurals of a normalised phrase's last word; irregular ones are synonyms."""
    stem = phrase.decode().strip()
    forms = [stem + "s"]
    if stem.endswith(SIBILANTS):
        forms.append(stem + "es")
    if stem.endswith("y") and stem[-2:-1] not in "aeiou":
        forms.append(stem[:-1] + "ies")
    return tuple(f" {form} ".encode() for form in forms)


class Matcher:
    """Finds the classes that captions name; built once, used for any number of captions.

    Attributes:
        classes: as given; results are indices into it.
    """

    def __init__(self, classes: Sequence[VocabularyClass]) -> None:
        self.classes = tuple(classes)
        owners: dict[bytes, set[int]] = {}
        for index, each in enumerate(self.classes):
            for word in each.words:
                for form in forms(word):
                    owners.setdefault(form, set()).add(index)
        for each in self.classes:
            for phrase in each.exceptions:
                for form in forms(phrase):
                    owners.setdefault(form, set())
        self._owners = [tuple(sorted(indices)) for indices in owners.values()]
        # Of the three implementations the fastest from a thousand patterns on.
        self._automaton = BytesAhoCorasick(
            list(owners), implementation=Implementation.ContiguousNFA
        )

    def find(self, caption: str) -> tuple[int, ...]:
        """Indices of the classes named, ascending, each once."""
        found = self._automaton.find_matches_as_indexes(normalised(caption), overlapping=True)
        if not found:
            return ()
        if len(found) == 1:
            return self._owners[found[0][0]]
        found.sort(key=lambda match: (match[1], -match[2]))
        named: set[int] = set()
        free_from = 0
        for pattern, start, end in found:
            if start >= free_from:
                named.update(self._owners[pattern])
                free_from = end - 1  # the space after a word is also the one before the next
        return tuple(sorted(named))

    def find_all(self, captions: Iterable[str | None]) -> list[tuple[int, ...]]:
        """``find`` for each caption; none are named by a missing one."""
        return [self.find(caption) if caption else () for caption in captions]


def forms(word: str) -> tuple[bytes, ...]:
    """A word or phrase as it is looked for: normalised, in singular and plural."""
    phrase = normalised(word)
    return (phrase, *plurals(phrase))
