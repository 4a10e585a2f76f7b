"""The classes to look for: by vocabulary, by file, or written out; and who may stand for whom."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources

import yaml

from benchwright.curation.mining.published import published
from benchwright.curation.vocabulary import (
    FILE_ENDINGS,
    VocabularyClass,
    load_classes,
    shipped_synonyms,
)
from benchwright.errors import RecipeError, did_you_mean
from benchwright.label_settings import ClassEntry

_OBJECT_SETS = {"objects": None, "shapes": "shapes", "comco": "images"}
"""Vocabulary to the use that its names have in ``objects.yaml``; None: all."""


@dataclass(frozen=True, slots=True)
class MinedClass:
    """A class to look for.

    Attributes:
        words: its name, synonyms, exceptions and taxon.
        wnid: WordNet id, empty if it has none.
        index: of ImageNet-1k; -1 if it has none.
    """

    words: VocabularyClass
    wnid: str = ""
    index: int = -1

    @property
    def name(self) -> str:
        """What tables and prompts call it."""
        return self.words.name


@dataclass(frozen=True, slots=True)
class Classes:
    """Classes in order, none of which can be taken for another.

    Raises:
        RecipeError: none, a name twice, or one word for two of them.
    """

    entries: tuple[MinedClass, ...]

    def __post_init__(self) -> None:
        """Refuse what cannot be told apart."""
        if not self.entries:
            raise RecipeError("classes: none given; name at least one")
        by_word(self.entries)

    @property
    def names(self) -> tuple[str, ...]:
        """The classes' names."""
        return tuple(entry.name for entry in self.entries)


def spoken(word: str) -> str:
    """A word as it is compared: underscores and hyphens as spaces, without regard to case."""
    return " ".join(word.replace("_", " ").replace("-", " ").casefold().split())


def by_word(entries: Sequence[MinedClass]) -> Mapping[str, int]:
    """Index of the class of each name, synonym, taxon and WordNet id, as ``spoken``.

    Raises:
        RecipeError: a word of two classes.
    """
    found: dict[str, int] = {}
    for index, entry in enumerate(entries):
        for word in (*entry.words.words, entry.words.taxon, entry.wnid):
            other = found.setdefault(spoken(word), index) if word else index
            if other != index:
                raise RecipeError(_clash(word, entry, entries[other]))
    return found


def _clash(word: str, entry: MinedClass, other: MinedClass) -> str:
    if spoken(entry.name) == spoken(other.name):
        return f'classes: "{entry.name}" is listed twice; keep one'
    if spoken(word) == spoken(other.name):
        return f'classes: "{word}" is a class and a synonym of "{entry.name}"; keep one of them'
    if spoken(word) == spoken(entry.name):
        return f'classes: "{word}" is a class and a synonym of "{other.name}"; keep one of them'
    return f'classes: "{word}" names both "{other.name}" and "{entry.name}"; leave it to one'


def classes(chosen: str | Sequence[str | ClassEntry]) -> Classes:
    """The classes that a recipe names.

    Args:
        chosen: a shipped vocabulary (``counteranimal``, ``objects``), a file or names between
            commas as ``benchwright download --classes`` takes them, or a list of vocabularies,
            names and entries of one's own.

    Raises:
        RecipeError: one line: the place, what is wrong, what was perhaps meant.
        VocabularyError: a file that is no list of classes.
    """
    if isinstance(chosen, str):
        _check_vocabulary(chosen)
        return Classes(tuple(_named(chosen)))
    found: list[MinedClass] = []
    for item in chosen:
        found += _named(item) if isinstance(item, str) else [_own(item)]
    return Classes(tuple(found))


def vocabularies() -> tuple[str, ...]:
    """The shipped vocabularies of classes."""
    return tuple(_shipped())


def _check_vocabulary(name: str) -> None:
    """Refuse a word that stands where a vocabulary may, and nearly is one."""
    if name in _shipped() or "," in name or name.endswith(FILE_ENDINGS):
        return
    if hint := did_you_mean(name, _shipped()):
        raise RecipeError(
            f'classes: there is no vocabulary "{name}"{hint}; for a class of that name write '
            f"[{name}]"
        )


def _named(name: str) -> Iterable[MinedClass]:
    known = _shipped()
    if name in known:
        return known[name]
    if not name.strip():
        raise RecipeError("classes: an empty name; write one or remove it")
    single = {entry.name: entry for entries in reversed([*known.values()]) for entry in entries}
    if name in single:
        return (single[name],)
    return [MinedClass(entry) for entry in load_classes(name)]


def _own(entry: ClassEntry) -> MinedClass:
    synonyms = tuple(entry.synonyms)
    words = VocabularyClass(entry.name, synonyms, tuple(entry.exceptions), entry.taxon)
    return MinedClass(words, entry.wnid, entry.index)


@cache
def _shipped() -> Mapping[str, tuple[MinedClass, ...]]:
    """Name to classes of every vocabulary in ``data/vocabulary`` that lists classes."""
    folder = resources.files("benchwright.data") / "vocabulary"
    synonyms = shipped_synonyms()
    objects = yaml.safe_load((folder / "objects.yaml").read_text("utf-8"))
    found = {
        vocabulary: tuple(
            MinedClass(VocabularyClass(name, synonyms.get(name, ())))
            for name, fields in objects.items()
            if use is None or use in fields["in"]
        )
        for vocabulary, use in _OBJECT_SETS.items()
    }
    with resources.as_file(folder / "counteranimal.yaml") as file:
        animals = load_classes(str(file))
    known = {fact.name: (fact.wnid, fact.index) for fact in published()}
    return found | {"counteranimal": tuple(MinedClass(e, *known[e.name]) for e in animals)}
