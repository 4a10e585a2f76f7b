"""Which class a sample is claimed to show: by its caption, its folder, or its metadata."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from benchwright.curation.labelling.classes import Classes, by_word, spoken
from benchwright.curation.vocabulary import VocabularyClass
from benchwright.label_settings import Label

if TYPE_CHECKING:
    from benchwright.curation.download.captions import Matcher

Claims = list[tuple[int, ...]]
"""Of each sample: indices of the classes it is said to show, ascending, each once."""

_NUMBERED = re.compile(r"[-_]?\d+$")
"""What is cut off a shard's name: ``ostrich-00012``."""

_INDEXED = re.compile(r"^\d+[ _-]+(?=\D)")
"""What is cut off a folder's name: ``9 ostrich``, as CounterAnimal's are."""


def columns(settings: Label) -> list[str]:
    """The metadata columns, besides key and shard, that a source of claims reads."""
    return {"caption": ["caption"], "folder": [], "metadata": ["json"]}[settings.class_from]


def claims(metadata: pa.Table, chosen: Classes, settings: Label) -> Claims:
    """The claims of a part's samples.

    Args:
        metadata: of the part, with key, shard and ``columns(settings)``.
        chosen: classes to look for.
        settings: ``class_from`` and ``class_field``.
    """
    if settings.class_from == "caption":
        return _of_captions(metadata["caption"].to_pylist(), chosen)
    known = by_word(chosen.entries)

    def find(word: str) -> int:
        return known.get(spoken(word), -1)

    if settings.class_from == "folder":
        keys, shards = metadata["key"].to_pylist(), metadata["shard"].to_pylist()
        return [_of_path(f"{shard}/{key}", find) for shard, key in zip(shards, keys, strict=True)]
    indices = {entry.index: at for at, entry in enumerate(chosen.entries) if entry.index >= 0}
    steps = settings.class_field.split(".")
    return [_of_json(text, steps, find, indices) for text in metadata["json"].to_pylist()]


def _of_captions(captions: Sequence[str], chosen: Classes) -> Claims:
    return _matcher(tuple(entry.words for entry in chosen.entries)).find_all(captions)


@lru_cache(maxsize=4)  # one a vocabulary, for all parts
def _matcher(words: tuple[VocabularyClass, ...]) -> Matcher:
    from benchwright.curation.download.captions import Matcher

    return Matcher(words)


def _of_path(path: str, find: Callable[[str], int]) -> tuple[int, ...]:
    """Of the innermost folder or shard that bears a class's name; the file's own is no claim.

    ``ostrich/00000.tar``, ``ostrich-00000.tar``, ``9 ostrich/common-ground/x.jpg``.
    """
    for step in reversed(path.split("/")[:-1]):
        stem = _NUMBERED.sub("", step.removesuffix(".tar"))
        for word in (step, stem, _INDEXED.sub("", step)):
            if (at := find(word)) >= 0:
                return (at,)
    return ()


def _of_json(
    text: str, steps: Sequence[str], find: Callable[[str], int], indices: dict[int, int]
) -> tuple[int, ...]:
    """Of a field that holds a name, a WordNet id, an ImageNet index, or a list of them."""
    try:
        value: Any = json.loads(text) if text else None
    except (ValueError, RecursionError):  # a sample from the web; without a claim it has a reason
        return ()
    for step in steps:
        value = value.get(step) if isinstance(value, dict) else None
    found = set()
    for one in value if isinstance(value, list) else [value]:
        if isinstance(one, str):
            found.add(find(one))
        elif isinstance(one, int) and not isinstance(one, bool):
            found.add(indices.get(one, -1))
    return tuple(sorted(found - {-1}))
