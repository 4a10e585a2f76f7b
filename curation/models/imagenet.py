"""ImageNet-1k's labels, and which of them are classes of a vocabulary."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache


@dataclass(frozen=True, slots=True)
class ImageNetLabel:
    """A label of ImageNet-1k.

    Attributes:
        index: place in the 1000 logits, from 0, by sorted WordNet id.
        wnid: WordNet id, ``n01440764``.
        name: as OpenAI curated it for zero-shot classification: unique and unambiguous.
        synonyms: WordNet's words for it, which other labels may share (``crane``).
    """

    index: int
    wnid: str
    name: str
    synonyms: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class LabelMap:
    """Which labels are which classes of a vocabulary.

    Attributes:
        by_index: ImageNet index to the name of a class; several labels may be one class (five
            kinds of bear are all ``bear`` where the vocabulary says so), never the reverse.
        ambiguous: names that labels of different meanings share, each with those labels' indexes;
            they are mapped to none, and a wnid settles them.
        missing: classes that no label is.
    """

    by_index: Mapping[int, str]
    ambiguous: Mapping[str, tuple[int, ...]]
    missing: tuple[str, ...]


@cache
def imagenet_labels() -> tuple[ImageNetLabel, ...]:
    """The 1000 labels, by index."""
    from open_clip import IMAGENET_CLASSNAMES
    from timm.data import ImageNetInfo

    info = ImageNetInfo("imagenet-1k")
    return tuple(
        ImageNetLabel(
            index,
            wnid,
            name,
            tuple(word.strip() for word in info.index_to_description(index).split(",")),
        )
        for index, (wnid, name) in enumerate(
            zip(info.label_names(), IMAGENET_CLASSNAMES, strict=True)
        )
    )


def map_labels(
    classes: Mapping[str, Sequence[str]], wnids: Mapping[str, Iterable[str]] | None = None
) -> LabelMap:
    """Find the labels of a vocabulary's classes.

    A class's wnids are believed first. Without any, its words are compared, in any case and with
    ``_`` or ``-`` for a blank, first with the labels' curated names and then with WordNet's words;
    a word that several labels have says nothing.

    Args:
        classes: name to all words for it, its own among them or not.
        wnids: name to WordNet ids, where they are known.
    """
    labels = imagenet_labels()
    by_wnid = {label.wnid: label.index for label in labels}
    names = _index((label.name, label.index) for label in labels)
    words = _index((word, label.index) for label in labels for word in label.synonyms)
    found: dict[int, str] = {}
    ambiguous: dict[str, tuple[int, ...]] = {}
    missing = []
    for name, synonyms in classes.items():
        indexes = {by_wnid[wnid] for wnid in (wnids or {}).get(name, ()) if wnid in by_wnid}
        shared: set[int] = set()
        for word in () if indexes else dict.fromkeys(map(_plain, (name, *synonyms))):
            meant = names.get(word) or words.get(word, ())
            (indexes if len(meant) == 1 else shared).update(meant)
        if indexes:
            found.update(dict.fromkeys(sorted(indexes - set(found)), name))
        elif shared:
            ambiguous[name] = tuple(sorted(shared))
        else:
            missing.append(name)
    return LabelMap(found, ambiguous, tuple(missing))


def _index(pairs: Iterable[tuple[str, int]]) -> dict[str, tuple[int, ...]]:
    collected: defaultdict[str, list[int]] = defaultdict(list)
    for word, index in pairs:
        if index not in collected[_plain(word)]:
            collected[_plain(word)].append(index)
    return {word: tuple(indexes) for word, indexes in collected.items()}


def _plain(word: str) -> str:
    return " ".join(re.split(r"[\s_-]+", word.casefold().strip()))
