"""Common, counter and drop of a mined set: per class, over classes, and over images."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from benchwright.cards.audits.bounds import bounded
from benchwright.cards.audits.result import Result
from benchwright.cards.audits.shares import mean
from benchwright.curation.mining.accuracy import Accuracy, balanced, balanced_drop, plain
from benchwright.curation.mining.confirm import Drop
from benchwright.curation.mining.groups import Group, design_effect
from benchwright.statistics import bootstrap
from benchwright.statistics.intervals import Floats, newcombe

COMMON, COUNTER = "common", "counter"


@dataclass(frozen=True, slots=True)
class Answers:
    """What a model answered to the images of some half, row by row.

    Attributes:
        classes: int32 [n], index of each image's class.
        counter: bool [n], whether the image is of the class's counter group; else of the common.
        clusters: int64 [n], number of the cluster of each; a half never splits one.
        right: bool [n].
    """

    classes: NDArray[np.int32]
    counter: NDArray[np.bool_]
    clusters: NDArray[np.int64]
    right: NDArray[np.bool_]

    def only(self, kept: NDArray[np.bool_]) -> Answers:
        """Some of the images."""
        return Answers(
            self.classes[kept], self.counter[kept], self.clusters[kept], self.right[kept]
        )


def drops(answers: Answers, names: Sequence[str]) -> list[Drop]:
    """The drop of each class that has images in both groups, with Newcombe's interval.

    Accuracies count at their effective n: images of one cluster are right or wrong together.
    """
    found = []
    for number, name in enumerate(names):
        groups = []
        for is_counter in (False, True):
            kept = (answers.classes == number) & (answers.counter == is_counter)
            if kept.any():
                background = COUNTER if is_counter else COMMON
                groups.append(_group(name, background, answers.only(kept)))
        if len(groups) == 2:
            found.append(_drop(*groups))
    return found


def _group(name: str, background: str, answers: Answers) -> Group:
    _, at = np.unique(answers.clusters, return_inverse=True)
    sizes, right = np.bincount(at), np.bincount(at, weights=answers.right)
    n, k = len(at), int(answers.right.sum())
    sums = (float(sizes @ sizes), float(right @ right), float(sizes @ right))
    effect = design_effect(n, k, len(sizes), *sums)
    return Group(name, background, "", n, k, len(sizes), n / effect, 1.0, np.nan, np.nan)


def _drop(common: Group, counter: Group) -> Drop:
    a, b = common.effective, counter.effective
    low, high = newcombe(common.accuracy * a, a, counter.accuracy * b, b)
    return Drop(common, counter, float(low), float(high))


def class_results(found: Iterable[Drop], suffix: str) -> Iterator[Result]:
    """Drop and both accuracies of each class."""
    for drop in found:
        n = drop.common.n + drop.counter.n
        cls = drop.common.cls
        yield bounded(f"drop{suffix}", cls, n, drop.drop, drop.low, drop.high)
        for group in (drop.common, drop.counter):
            low, high = group.interval()
            measure = f"accuracy, {group.background}{suffix}"
            yield bounded(measure, cls, group.n, group.accuracy, low, high)


def balanced_results(found: Sequence[Drop], suffix: str) -> Iterator[Result]:
    """Means over classes, as published; the interval is that of these classes' own accuracies."""
    yield _of(f"drop{suffix}", balanced_drop(found))
    yield _of(f"accuracy, common{suffix}", balanced([drop.common for drop in found]))
    yield _of(f"accuracy, counter{suffix}", balanced([drop.counter for drop in found]))


def resampled_classes(found: Sequence[Drop], seed: int) -> Result:
    """The mean drop with the classes resampled: what another draw of classes would have given.

    Its n is the number of classes. Images need no resampling of their own: the spread of measured
    drops already holds theirs.
    """
    values = np.array([drop.drop for drop in found])
    return mean("drop, classes resampled", "", values, seed)


def image_results(answers: Answers, found: Sequence[Drop], seed: int) -> Iterator[Result]:
    """Each image counted the same: both accuracies, and the drop with whole clusters resampled."""
    _, at = np.unique(answers.clusters, return_inverse=True)
    counter, right = answers.counter, answers.right
    columns = [~counter & right, ~counter, counter & right, counter]
    sums = np.stack([np.bincount(at, weights=column) for column in columns], axis=1)
    interval = bootstrap.clustered(_plain_drop, sums, seed=(seed, "images"))
    yield bounded("drop, images alike", "", len(at), *interval)
    yield _of("accuracy, common, images alike", plain([drop.common for drop in found]))
    yield _of("accuracy, counter, images alike", plain([drop.counter for drop in found]))


def _plain_drop(totals: Floats) -> Floats:
    """NaN where a resample has no image of a group."""
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.asarray(totals[:, 0] / totals[:, 1] - totals[:, 2] / totals[:, 3])


def _of(measure: str, accuracy: Accuracy) -> Result:
    return bounded(measure, "", accuracy.n, accuracy.estimate, accuracy.low, accuracy.high)
