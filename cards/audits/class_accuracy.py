"""Accuracy class by class, and what papers make of it: means of three kinds, and the worst k."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from benchwright.cards.audits.bounds import bounded, unclaimed
from benchwright.cards.audits.matching_margin import (
    geometric_mean,
    harmonic_mean,
    worst_k,
    worst_k_split,
)
from benchwright.cards.audits.result import Result
from benchwright.cards.audits.shares import paired_difference, share
from benchwright.statistics.intervals import mean_interval, newcombe_paired, wilson


@dataclass(frozen=True, slots=True)
class ClassAnswers:
    """Whether each image was classified rightly, by class.

    Attributes:
        classes: int32 [n].
        right: bool [n].
        second: bool [n], which half of the images each is of: worst classes are chosen on one.
        count: C; some classes may have no image.
    """

    classes: NDArray[np.int32]
    right: NDArray[np.bool_]
    second: NDArray[np.bool_]
    count: int

    @property
    def sizes(self) -> NDArray[np.int64]:
        """Int64 [C]: images of each class."""
        return np.bincount(self.classes, minlength=self.count)

    @property
    def hits(self) -> NDArray[np.int64]:
        """Int64 [C]: of them right."""
        return np.bincount(self.classes[self.right], minlength=self.count)

    @property
    def accuracy(self) -> NDArray[np.float64]:
        """Float64 [C]; NaN of a class without images."""
        return _shares(self.hits, self.sizes)

    def of_half(self, second: bool) -> NDArray[np.float64]:
        """Float64 [C]: accuracy on one half; NaN of a class without images there."""
        kept = self.second == second
        hits = np.bincount(self.classes[kept & self.right], minlength=self.count)
        return _shares(hits, np.bincount(self.classes[kept], minlength=self.count))


def _shares(hits: NDArray[np.int64], sizes: NDArray[np.int64]) -> NDArray[np.float64]:
    return np.where(sizes > 0, hits / np.maximum(sizes, 1), np.nan)


def results(answers: ClassAnswers, ks: Iterable[int], suffix: str) -> Iterator[Result]:
    """The figures of a classifier, ``suffix`` behind each measure's name.

    Intervals are of these classes, each with other images: Wilson's of the overall accuracy, and
    recovered from Wilson's of each class for the means (Zou and Donner 2008). None is claimed of
    the worst k.
    """
    n = len(answers.classes)
    known = answers.sizes > 0
    accuracy = answers.accuracy[known]
    sizes = answers.sizes[known]
    low, high = wilson(answers.hits[known], sizes)
    yield share(f"accuracy{suffix}", "", int(answers.right.sum()), n)
    yield bounded(f"class mean accuracy{suffix}", "", n, *mean_interval(accuracy, low, high))
    yield bounded(f"harmonic mean{suffix}", "", n, *_harmonic(accuracy, sizes, low, high))
    yield bounded(f"geometric mean{suffix}", "", n, *_geometric(accuracy, sizes, low, high))
    for k in ks:
        if k < len(accuracy):
            yield unclaimed(f"worst@{k}{suffix}", "", n, worst_k(answers.accuracy, k))
            split = worst_k_split(answers.of_half(False), answers.of_half(True), k)
            if np.isfinite(split):
                yield unclaimed(f"worst@{k}, split halves{suffix}", "", n, split)
    yield unclaimed(f"share of classes at 0{suffix}", "", n, float((accuracy == 0).mean()))


def gains(before: ClassAnswers, after: ClassAnswers, name: str) -> Iterator[Result]:
    """What another classifier gains on the same images, image by image and class by class."""
    yield paired_difference(f"accuracy gain, {name}", "", after.right.astype(np.float64)[:, None],
                            before.right.astype(np.float64)[:, None])  # fmt: skip
    cells = [
        np.bincount(before.classes[mask], minlength=before.count)[before.sizes > 0]
        for mask in (
            before.right & after.right,
            ~before.right & after.right,
            before.right & ~after.right,
            ~before.right & ~after.right,
        )
    ]
    both, gained, lost, neither = cells
    low, high = newcombe_paired(both, gained, lost, neither)
    estimates = (cells[1] - cells[2]) / np.sum(cells, axis=0)
    figures = mean_interval(estimates, low, high)
    yield bounded(f"class mean gain, {name}", "", len(before.classes), *figures)


Figures = tuple[float, float, float]


def _harmonic(
    accuracy: NDArray[np.float64],
    sizes: NDArray[np.int64],
    low: NDArray[np.float64],
    high: NDArray[np.float64],
) -> Figures:
    """A class at 0 makes it 0; its upper end is then the harmonic mean of the upper ends.

    1 / share is on average larger than 1 / chance, by (1 - p) / (n p^2) to second order: small
    classes pull the estimate down, and the interval is moved back by as much.
    """
    estimate = harmonic_mean(accuracy)
    if estimate == 0 or (low <= 0).any():
        return estimate, 0.0, harmonic_mean(high)
    bias = float(((1 - accuracy) / (sizes * accuracy**2)).mean())
    _, below, above = mean_interval(1 / accuracy, 1 / high, 1 / low)
    return estimate, 1 / (above - bias), 1 / max(below - bias, 1.0)


def _geometric(
    accuracy: NDArray[np.float64],
    sizes: NDArray[np.int64],
    low: NDArray[np.float64],
    high: NDArray[np.float64],
) -> Figures:
    """As ``_harmonic``; the mean logarithm is too small by (1 - p) / (2 n p)."""
    estimate = geometric_mean(accuracy)
    if estimate == 0 or (low <= 0).any():
        return estimate, 0.0, geometric_mean(high)
    bias = float(((1 - accuracy) / (2 * sizes * accuracy)).mean())
    _, below, above = mean_interval(np.log(accuracy), np.log(low), np.log(high))
    return estimate, float(np.exp(below + bias)), float(np.exp(min(above + bias, 0.0)))
