"""Acc-C, Acc-E and Acc-S as numbers with intervals, and as curves over the vocabularies."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from benchwright.cards.audits.beaten import Beaten
from benchwright.cards.audits.bounds import bounded
from benchwright.cards.audits.extension import (
    Course,
    carried,
    extensibility,
    orders,
    stability,
    survived,
)
from benchwright.cards.audits.result import Result
from benchwright.cards.audits.shares import share
from benchwright.cards.audits.stratified import weighted_mean

Curve = tuple[NDArray[np.float64], NDArray[np.float64]]
"""How many vocabularies are together, and the accuracy then."""


@dataclass(frozen=True, slots=True)
class Growth:
    """What all orders of the vocabularies come to.

    Attributes:
        found: of all images.
        together: float64 [n], what each image adds to Acc-E.
        staying: float64 [n], what each image adds to Acc-S.
        grow: float64 [N], the mean curve behind Acc-E.
        stay: float64 [N - 1], the mean curve behind Acc-S.
    """

    found: Beaten
    together: NDArray[np.float64]
    staying: NDArray[np.float64]
    grow: NDArray[np.float64]
    stay: NDArray[np.float64]


def growth(found: Beaten, trials: int, seed: int) -> Growth:
    """Add the vocabularies in random orders.

    Args:
        found: of all images.
        trials: permutations for each vocabulary.
        seed: of the permutations.
    """
    n, weights = len(found.home), class_weights(found)
    together, staying = np.zeros(n), np.zeros(n)
    grow, stay = [], []
    for order in orders(found.vocabularies, trials, seed):
        course = Course.along(found, order)
        together += carried(course)
        grow.append(extensibility(course))
        if (found.home == order[0]).any():
            staying += survived(course) * weights
            stay.append(stability(course))
    known = np.isfinite(grow)
    mean = np.where(known, grow, 0).sum(axis=0) / np.maximum(known.sum(axis=0), 1)
    return Growth(found, together / len(grow), staying / len(stay), mean, np.mean(stay, axis=0))


def accuracies(grown: Growth, classes: NDArray[np.int32], suffix: str) -> Iterator[Result]:
    """Acc-C, Acc-E, Acc-S and plain accuracy, ``suffix`` behind each one's name.

    Each is a weighted mean over images, whose weights the definitions give; so each has the
    interval of other images of the same classes.

    Args:
        grown: of all images.
        classes: int32 [n], the class of each.
        suffix: of the names.
    """
    n = len(classes)
    yield _weighted(f"Acc-C{suffix}", grown.found.stands / n, classes)
    yield _weighted(f"Acc-E{suffix}", grown.together, classes)
    yield _weighted(f"Acc-S{suffix}", grown.staying, classes)
    yield _weighted(f"accuracy, all labels{suffix}", grown.found.everywhere / n, classes)


def class_weights(found: Beaten) -> NDArray[np.float64]:
    """What each image counts in its vocabulary's mean over classes: float64 [n]."""
    count = int(found.truth.max()) + 1
    sizes = np.bincount(found.truth, minlength=count)
    home = np.zeros(count, np.int64)
    home[found.truth] = found.home
    present = np.bincount(home[sizes > 0], minlength=found.vocabularies)
    weights: NDArray[np.float64] = 1 / (sizes[found.truth] * present[found.home])
    return weights


def _weighted(measure: str, parts: NDArray[np.float64], classes: NDArray[np.int32]) -> Result:
    return bounded(measure, "", len(parts), *weighted_mean(parts, classes))


def by_vocabulary(found: Beaten, names: tuple[str, ...]) -> Iterator[Result]:
    """Accuracy on each vocabulary's images, among its own labels and among all."""
    for measure, right in (("own vocabulary", found.stands), ("all labels", found.everywhere)):
        for at, name in enumerate(names):
            mine = found.home == at
            if mine.any():
                hits, n = int(right[mine].sum()), int(mine.sum())
                yield share(f"accuracy by vocabulary, {measure}", name, hits, n)


def curves(grown: Growth, suffix: str) -> dict[str, Curve]:
    """Mean curves over vocabularies and trials, by the number of vocabularies together."""
    steps = np.arange(1, grown.found.vocabularies + 1, dtype=np.float64)
    return {
        f"images and labels grow (Acc-E){suffix}": (steps, grown.grow),
        f"only labels grow (Acc-S){suffix}": (steps[1:], grown.stay),
    }


def curve_table(drawn: Mapping[str, Curve]) -> pa.Table:
    """Curves as a table, a row a step."""
    rows = [
        {"curve": name, "vocabularies": int(step), "accuracy": float(value)}
        for name, (steps, values) in drawn.items()
        for step, value in zip(steps, values, strict=True)
    ]
    return pa.Table.from_pylist(rows)
