"""Aliases: labels that name the same thing, so that taking one for the other is no failure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from benchwright.curation.labelling.classes import spoken
from benchwright.curation.labelling.label_sets import LabelSet
from benchwright.curation.models.imagenet import imagenet_labels


def words_of(labels: LabelSet) -> list[frozenset[str]]:
    """What each label may be called: its name, synonyms, and for ImageNet WordNet's words."""
    if labels.by_index:
        found: list[set[str]] = [{name} for name in labels.labels]
        for label in imagenet_labels():
            found[labels.by_index[label.index]].update(label.synonyms)
    elif labels.entries:
        found = [set(entry.words.words) for entry in labels.entries]
    else:
        found = [{name} for name in labels.labels]
    return [frozenset(_singular(spoken(word)) for word in words) for words in found]


def _singular(word: str) -> str:
    """``sunglasses`` as ``sunglass``; equal words are what counts, not right ones."""
    if word.endswith(("ses", "xes", "ches", "shes")):
        return word[:-2]
    return word[:-1] if word.endswith("s") and not word.endswith("ss") else word


def aliases(
    words: Sequence[frozenset[str]], own: NDArray[np.int64], confusion: NDArray[np.int64]
) -> dict[int, int]:
    """Classes that fail by being called by an alias.

    A label is an alias of a class's own if they share a word and it took most of the class's
    misses: shared words alone do not tell (a crane may be a bird or a machine).

    Args:
        words: of each label, as of ``words_of``.
        own: int64 [classes], the label of each class.
        confusion: int64 [classes, labels], images of each class by predicted label.

    Returns:
        Class to the label that stands in for its own.
    """
    sharing: defaultdict[str, set[int]] = defaultdict(set)
    for label, of in enumerate(words):
        for word in of:
            sharing[word].add(label)
    found = {}
    for cls, label in enumerate(own):
        misses = confusion[cls].copy()
        misses[label] = 0
        rivals = set().union(*(sharing[word] for word in words[label])) - {int(label)}
        best = int(misses.argmax())
        if best in rivals and 2 * misses[best] > misses.sum():
            found[cls] = best
    return found
