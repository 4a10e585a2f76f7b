"""The samples behind the numbers of the audits of classes, read off their outcomes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from benchwright.cards.audits.compare_trials import Trials

Read = tuple[str, str, Trials]
"""A measure, a group, and the samples behind it."""

Words = NDArray[np.str_]
Answers = NDArray[np.float64]

COMMON, COUNTER, NOT_SPLIT = "common", "counter", "not split"
RIGHT = "right"


def of_group_gap(outcomes: pa.Table, settings: Mapping[str, Any]) -> Iterator[Read]:
    """Class-balanced accuracies and drops, of the headline's half and of the discovery half."""
    halves, groups = _words(outcomes, "half"), _words(outcomes, "group")
    paired = (groups == COMMON) | (groups == COUNTER)
    headline = settings.get("half", NOT_SPLIT)
    kept = paired if headline == NOT_SPLIT else paired & (halves == headline)
    for suffix, right in _answers(outcomes):
        yield from _balanced(outcomes, right, kept, suffix, per_class=not suffix)
        if not suffix:
            discovery = paired & (halves == "discovery")
            yield from _balanced(outcomes, right, discovery, ", discovery half", per_class=True)


def of_twins(outcomes: pa.Table, settings: Mapping[str, Any]) -> Iterator[Read]:
    """Right on either background, and what is lost from the first to the second."""
    keys = _keys(outcomes)
    classes = _words(outcomes, "class")
    first, second = (_numbers(outcomes, f"{side}_right") for side in ("first", "second"))
    said = [_words(outcomes, f"{side}_prediction") for side in ("first", "second")]
    yield "answers that change", "", Trials.of(keys, said[0] != said[1])
    for sides in ((COMMON, COUNTER), ("original", "other ground")):
        for side, right in zip(sides, (first, second), strict=True):
            for name, mine in _each(classes):
                yield f"accuracy, {side}", name, Trials.of(keys[mine], right[mine])
    for name, mine in _each(classes):
        yield "drop, same object", name, Trials.of(keys[mine], (first - second)[mine])
    named = classes != ""
    if named.any():
        strata, weights = _class_means(classes[named])
        trials = Trials.of(keys[named], (first - second)[named], strata, weights)
        yield "drop, same object, class mean", "", trials


def of_worst_classes(outcomes: pa.Table, settings: Mapping[str, Any]) -> Iterator[Read]:
    """Accuracies over images and over classes, by prompts, and what prompts gain."""
    keys, classes = _keys(outcomes), _words(outcomes, "class")
    strata, weights = _class_means(classes)
    base = _numbers(outcomes, RIGHT)
    for suffix, right in _answers(outcomes):
        yield f"accuracy{suffix}", "", Trials.of(keys, right)
        yield f"class mean accuracy{suffix}", "", Trials.of(keys, right, strata, weights)
        if suffix:
            name = suffix.removeprefix(", ")
            yield f"accuracy gain, {name}", "", Trials.of(keys, right - base)
            yield f"class mean gain, {name}", "", Trials.of(keys, right - base, strata, weights)
    for name, mine in _each(classes):
        yield "accuracy of the worst", name, Trials.of(keys[mine], base[mine])


def of_openness(outcomes: pa.Table, settings: Mapping[str, Any]) -> Iterator[Read]:
    """Accuracy within an image's own vocabulary, and among all labels."""
    keys = _keys(outcomes)
    yield "Acc-C", "", Trials.of(keys, _numbers(outcomes, "right, own vocabulary"))
    yield "accuracy, all labels", "", Trials.of(keys, _numbers(outcomes, "right, all labels"))


def _balanced(
    outcomes: pa.Table, right: Answers, kept: NDArray[np.bool_], suffix: str, per_class: bool
) -> Iterator[Read]:
    """Both groups' accuracies and the drop, over the classes that have images in both."""
    keys, classes = _keys(outcomes), _words(outcomes, "class")
    counter = _words(outcomes, "group") == COUNTER
    both = set(classes[kept & counter].tolist()) & set(classes[kept & ~counter].tolist())
    kept = kept & np.isin(classes, sorted(both))
    _, clusters = np.unique(_clusters(outcomes), return_inverse=True)

    def trials(mine: NDArray[np.bool_], by_group: bool) -> Trials:
        names, strata = np.unique(classes[mine], return_inverse=True)
        weights = np.full(len(names), 1 / len(names))
        if by_group:
            strata = strata + len(names) * counter[mine]
            weights = np.concatenate([weights, -weights])
        return Trials.of(keys[mine], right[mine], strata, weights, clusters[mine])

    for name in ("", *(sorted(both) if per_class else ())):
        mine = kept & ((classes == name) | (name == ""))
        if mine.any():
            yield f"drop{suffix}", name, trials(mine, by_group=True)
            for group, of in ((COMMON, ~counter), (COUNTER, counter)):
                yield f"accuracy, {group}{suffix}", name, trials(mine & of, by_group=False)


def _answers(outcomes: pa.Table) -> Iterator[tuple[str, Answers]]:
    """The columns that say what was right: what follows ``right`` in their names, and values."""
    for name in outcomes.column_names:
        if name == RIGHT or name.startswith(f"{RIGHT}, "):
            yield name.removeprefix(RIGHT), _numbers(outcomes, name)


def _each(classes: Words) -> Iterator[tuple[str, NDArray[np.bool_]]]:
    """All rows, and those of each class that has a name."""
    yield "", np.ones(len(classes), np.bool_)
    for name in np.unique(classes).tolist():
        if name:
            yield name, classes == name


def _class_means(classes: Words) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    names, strata = np.unique(classes, return_inverse=True)
    return strata, np.full(len(names), 1 / len(names))


def _clusters(outcomes: pa.Table) -> Words:
    """Of each image; one without a cluster is one of its own."""
    clusters, keys = _words(outcomes, "cluster"), _keys(outcomes)
    return np.where(clusters == "", np.char.add("key ", keys), clusters)


def _keys(outcomes: pa.Table) -> Words:
    return _words(outcomes, "key")


def _words(outcomes: pa.Table, column: str) -> Words:
    return np.array(outcomes[column].to_pylist(), str)


def _numbers(outcomes: pa.Table, column: str) -> Answers:
    return np.array(outcomes[column].to_pylist(), np.float64)
