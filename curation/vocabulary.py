"""Classes by name: what they are also called, what only looks like them, and their taxon."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import Any

import yaml

from benchwright.errors import BenchwrightError
from benchwright.plain_yaml import NotPlainError, parse

SYNONYMS = "vocabulary/synonyms.yaml"
"""Shipped file of ``benchwright.data``: name to a list of other words for the same thing."""

FILE_ENDINGS = (".yaml", ".yml", ".txt")
"""A ``--classes`` value that ends so is a file; anything else is names."""

FIELDS = {"synonyms", "except", "taxon"}
LETTER = re.compile(r"\w")


class VocabularyError(BenchwrightError):
    """A class list that cannot be used: the message names the entry."""


@dataclass(frozen=True, slots=True)
class VocabularyClass:
    """A class as captions and taxonomies name it.

    Attributes:
        name: what the class is called in everything that is written.
        synonyms: other words for the same thing; plurals are understood, not listed.
        exceptions: phrases that hold one of these words and mean something else: ``hot dog``.
        taxon: scientific name, for iNaturalist; empty if it has none.
    """

    name: str
    synonyms: tuple[str, ...] = ()
    exceptions: tuple[str, ...] = ()
    taxon: str = ""

    @property
    def words(self) -> tuple[str, ...]:
        """The name and its synonyms."""
        return (self.name, *self.synonyms)


def shipped_synonyms() -> dict[str, tuple[str, ...]]:
    """Name to synonyms, as shipped; empty where the installation has no such file."""
    file = resources.files("benchwright.data") / SYNONYMS
    if not file.is_file():
        return {}
    listed = yaml.safe_load(file.read_text("utf-8")) or {}
    return {str(name): tuple(str(word) for word in words) for name, words in listed.items()}


def load_classes(source: str) -> tuple[VocabularyClass, ...]:
    """The classes of a file, or of names between commas; shipped synonyms are added to names.

    Args:
        source: ``cat, dog``; or a text file with a name a line; or a YAML file with a list of
            names, or a mapping from name to a list of synonyms, or to ``synonyms``, ``except`` and
            ``taxon``.

    Raises:
        VocabularyError: no such file, no classes, a name twice, or one without a letter.
    """
    if not source.endswith(FILE_ENDINGS):
        return _checked(source, _named(source.split(",")))
    path = Path(source)
    try:
        text = path.read_text("utf-8")
        listed = text.splitlines() if path.suffix == ".txt" else parse(text)
    except (OSError, UnicodeDecodeError, NotPlainError) as error:
        reason = " ".join(str(error).split())
        raise VocabularyError(f"{source}: not readable as a list of classes: {reason}") from error
    if isinstance(listed, list) and all(isinstance(name, str) for name in listed):
        return _checked(source, _named(listed))
    if isinstance(listed, Mapping):
        _check_keys(source, text)
        return _checked(source, [_entry(source, str(n), entry) for n, entry in listed.items()])
    raise VocabularyError(f"{source}: neither a list of names nor a mapping from name to synonyms")


def _check_keys(source: str, text: str) -> None:
    """Refuse a name that is a key twice: YAML keeps the last of such entries and drops the rest."""
    node = yaml.compose(text, yaml.SafeLoader)
    keys = Counter(key.value for key, _ in node.value) if node else Counter()
    for name, count in keys.items():
        if count > 1:
            raise VocabularyError(f'{source}: class "{name}" is listed twice')


def _named(names: Iterable[str]) -> list[VocabularyClass]:
    known = shipped_synonyms()
    stripped = (name.strip() for name in names)
    return [VocabularyClass(name, known.get(name, ())) for name in stripped if name]


def _entry(source: str, name: str, entry: Any) -> VocabularyClass:
    if entry is None:
        return VocabularyClass(name)
    if isinstance(entry, Mapping):
        unknown = set(entry) - FIELDS
        if unknown:
            raise VocabularyError(
                f'{source}: class "{name}": unknown field "{min(map(str, unknown))}"; '
                f"there are {', '.join(sorted(FIELDS))}"
            )
        synonyms, exceptions = entry.get("synonyms") or (), entry.get("except") or ()
        taxon = entry.get("taxon") or ""
    else:
        synonyms, exceptions, taxon = entry, (), ""
    for words in (synonyms, exceptions):
        if isinstance(words, str) or not isinstance(words, Sequence):
            raise VocabularyError(f'{source}: class "{name}": its words must be a list')
    return VocabularyClass(name, tuple(map(str, synonyms)), tuple(map(str, exceptions)), str(taxon))


def _checked(source: str, classes: Sequence[VocabularyClass]) -> tuple[VocabularyClass, ...]:
    seen: set[str] = set()
    for each in classes:
        if each.name.casefold() in seen:
            raise VocabularyError(f'{source}: class "{each.name}" is listed twice')
        seen.add(each.name.casefold())
        for word in (*each.words, *each.exceptions):
            if not LETTER.search(word.replace("_", "")):
                raise VocabularyError(
                    f'{source}: class "{each.name}": "{word}" holds no letter to look for'
                )
    if not classes:
        raise VocabularyError(f"{source}: holds no classes")
    return tuple(classes)
