"""Label sets: the names a model chooses among, "1 against all"."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from benchwright.curation.labelling.classes import Classes, MinedClass, by_word, classes, spoken
from benchwright.curation.labelling.verdicts import Indices
from benchwright.curation.models.imagenet import imagenet_labels, map_labels
from benchwright.errors import RecipeError, did_you_mean

IMAGENET = "imagenet-1k"
"""Name of the label set of ImageNet-1k."""


@dataclass(frozen=True, slots=True)
class LabelSet:
    """Labels in order; the order settles ties.

    Two labels of one spelling would halve each other's probability and make "correct" a matter of
    luck, so ImageNet's two missiles and two sunglasses count as one label each: 998 in all.

    Attributes:
        labels: distinct names.
        entries: the classes behind them; empty for ImageNet-1k.
        by_index: position of each ImageNet-1k index; empty for any other set.
    """

    labels: tuple[str, ...]
    entries: tuple[MinedClass, ...] = ()
    by_index: tuple[int, ...] = ()

    def positions(self, chosen: Classes) -> Indices:
        """Where each class stands among the labels.

        Returns:
            int64 [classes].

        Raises:
            RecipeError: a class is none of the labels or several, or two classes are one label.
        """
        found = self._in_imagenet(chosen) if self.by_index else self._in_entries(chosen)
        positions: list[int] = []
        for name in chosen.names:
            at = found.get(name, [])
            if len(at) != 1:
                raise RecipeError(f'labels: the class "{name}" {self._trouble(name, at)}')
            if at[0] in positions:
                other = chosen.names[positions.index(at[0])]
                raise RecipeError(
                    f'labels: the classes "{other}" and "{name}" are both the label '
                    f'"{self.labels[at[0]]}"; keep one'
                )
            positions.append(at[0])
        return np.array(positions, np.int64)

    def imagenet_columns(self) -> list[list[int]]:
        """The ImageNet-1k indices of each label; none where ImageNet has no such thing."""
        columns: list[list[int]] = [[] for _ in self.labels]
        if self.by_index:
            for index, at in enumerate(self.by_index):
                columns[at].append(index)
        for at, entry in enumerate(self.entries):
            columns[at] = _imagenet_indices([entry])[entry.name]
        return columns

    def _in_imagenet(self, chosen: Classes) -> Mapping[str, list[int]]:
        indices = _imagenet_indices(chosen.entries)
        return {
            name: sorted({self.by_index[index] for index in of}) for name, of in indices.items()
        }

    def _in_entries(self, chosen: Classes) -> Mapping[str, list[int]]:
        known = by_word(self.entries)
        found: dict[str, list[int]] = {}
        for entry in chosen.entries:
            # Its own name first: a synonym says less.
            words = (entry.name, entry.wnid, *entry.words.synonyms)
            at = [known[spoken(word)] for word in words if word and spoken(word) in known]
            found[entry.name] = at[:1]
        return found

    def _trouble(self, name: str, at: Sequence[int]) -> str:
        if at:
            several = ", ".join(self.labels[one] for one in at[:4])
            return f"is several labels ({several}); give it the ImageNet index of one"
        hint = did_you_mean(name, self.labels)
        return (
            f"is none of the {len(self.labels)} labels{hint}; add it to labels, or give it its "
            "ImageNet index"
        )


def label_set(chosen: str | Sequence[str]) -> LabelSet:
    """The label set that a recipe names.

    Args:
        chosen: ``imagenet-1k``, a vocabulary or file of classes, or a list of vocabularies and
            names.

    Raises:
        RecipeError: a name twice, or fewer than two.
        VocabularyError: a file that is no list of classes.
    """
    if chosen == IMAGENET:
        names = [label.name for label in imagenet_labels()]
        labels = tuple(dict.fromkeys(names))
        position = {name: at for at, name in enumerate(labels)}
        return LabelSet(labels, by_index=tuple(position[name] for name in names))
    found = classes(chosen)
    if len(found.entries) < 2:
        raise RecipeError("labels: a choice needs at least two")
    return LabelSet(found.names, found.entries)


def _imagenet_indices(entries: Iterable[MinedClass]) -> dict[str, list[int]]:
    """ImageNet-1k's indices of classes: as they say, else by WordNet id and words."""
    found: dict[str, list[int]] = {}
    unknown: list[MinedClass] = []
    for entry in entries:
        found[entry.name] = [entry.index] if entry.index >= 0 else []
        unknown += [entry] if entry.index < 0 else []
    mapped = map_labels(
        {entry.name: entry.words.words for entry in unknown},
        {entry.name: (entry.wnid,) for entry in unknown if entry.wnid},
    )
    for index, name in mapped.by_index.items():
        found[name].append(index)
    return found
