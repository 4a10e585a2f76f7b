"""How far a judge is to be believed, where the truth is known.

Accuracy on each class and background; calibration, whether a probability of 0.8 is right eight
times of ten; and what abstaining buys, the error among the labels that are kept.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from benchwright.errors import DatasetError
from benchwright.statistics.intervals import wilson

BINS = 10
"""Of equal width over [0, 1]: finer ones hold too few samples to say anything."""

THRESHOLDS = tuple(round(0.05 * step, 2) for step in range(20))
"""At which the price of abstaining is told."""

Truth = Mapping[str, tuple[str, str]]
"""Key of a sample to its true class and background; "" where it has none."""


@dataclass(frozen=True, slots=True)
class Rate:
    """A share with Wilson's 95 % interval.

    Attributes:
        n: of so many.
        k: so many are so.
        low: lower bound, 0 to 1.
        high: upper bound.
    """

    n: int
    k: int
    low: float
    high: float

    @classmethod
    def of(cls, right: NDArray[np.bool_]) -> Rate:
        """Of the true ones among these."""
        n, k = len(right), int(right.sum())
        low, high = wilson(k, n)
        return cls(n, k, float(low), float(high))

    @property
    def share(self) -> float:
        """How many of them, 0 to 1; NaN of none."""
        return self.k / self.n if self.n else float("nan")


@dataclass(frozen=True, slots=True)
class Cell:
    """A judge on images of a class on a background.

    Attributes:
        cls: true class; "" for all.
        background: true background; "" for all.
        vouched: of all that claim the true class, those it vouches for.
        kept: of all, those whose background it names.
        right: of those it names, those named rightly.
    """

    cls: str
    background: str
    vouched: Rate
    kept: Rate
    right: Rate


@dataclass(frozen=True, slots=True)
class Bin:
    """Samples of like probability.

    Attributes:
        low: least probability.
        high: largest.
        mean: mean probability; NaN of none.
        right: those that are right.
    """

    low: float
    high: float
    mean: float
    right: Rate


@dataclass(frozen=True, slots=True)
class Point:
    """What is kept, and wrong, at a threshold.

    Attributes:
        threshold: least probability.
        kept: of all samples.
        wrong: of the kept.
    """

    threshold: float
    kept: Rate
    wrong: Rate


@dataclass(frozen=True, slots=True)
class Reliability:
    """A judge against the truth.

    Attributes:
        cells: by class and background, all of a class, all of a background, all.
        wrong_claims: samples that claim another class than the true one; ``Rate`` of those that
            the judge vouches for all the same.
        class_bins: of the claimed class's probability, right where the claim is.
        background_bins: of the likeliest background's probability, right where it is the true one.
        abstention: over thresholds of the background's probability, without a margin.
    """

    cells: tuple[Cell, ...]
    wrong_claims: Rate
    class_bins: tuple[Bin, ...]
    background_bins: tuple[Bin, ...]
    abstention: tuple[Point, ...]

    @property
    def background_error(self) -> float:
        """Expected calibration error of the background: mean |probability - share right|."""
        return expected_error(self.background_bins)


def reliability(labelled: pa.Table, truth: Truth) -> Reliability:
    """Hold labels against the truth.

    Args:
        labelled: rows of ``LABELS``; at the coarse level, give the truth's parents.
        truth: of some or all of the rows; the others are left out.

    Raises:
        DatasetError: no row has a truth.
    """
    known = _Known.of(labelled, truth)
    claims = known.claim != ""
    honest = claims & (known.claim == known.cls)
    on = honest & (known.background != "")
    places = sorted(set(zip(known.cls[on], known.background[on], strict=True)))
    places += [(cls, "") for cls in sorted(set(known.cls[on]))]
    places += [("", background) for background in sorted(set(known.background[on]))]
    sure = known.background_probability[on], (known.likeliest == known.background)[on]
    return Reliability(
        cells=tuple(_cell(known, on, *place) for place in [*places, ("", "")]),
        wrong_claims=Rate.of(known.vouched[claims & ~honest]),
        class_bins=bins(known.class_probability[claims], honest[claims]),
        background_bins=bins(*sure),
        abstention=abstention(*sure),
    )


@dataclass(frozen=True, slots=True, eq=False)
class _Known:
    """Columns of the rows whose truth is known, [n] each."""

    cls: NDArray[np.object_]
    background: NDArray[np.object_]
    claim: NDArray[np.object_]
    named: NDArray[np.object_]
    likeliest: NDArray[np.object_]
    vouched: NDArray[np.bool_]
    class_probability: NDArray[np.float64]
    background_probability: NDArray[np.float64]

    @classmethod
    def of(cls, labelled: pa.Table, truth: Truth) -> _Known:
        keys = labelled["key"].to_pylist()
        rows = [row for row, key in enumerate(keys) if key in truth]
        if not rows:
            raise DatasetError(f"truth: none of {len(keys)} keys is in it; give that of this set")
        table = labelled.take(rows)
        true_classes, true_backgrounds = zip(*(truth[keys[row]] for row in rows), strict=True)

        def column(name: str, dtype: type) -> NDArray[Any]:
            return np.array(table[name].to_pylist(), dtype)

        return cls(
            np.array(true_classes, object),
            np.array(true_backgrounds, object),
            column("cls", object),
            column("background", object),
            column("background_first", object),
            column("vouched", bool),
            column("judge_probability", float),
            column("background_probability", float),
        )


def _cell(known: _Known, on: NDArray[np.bool_], cls: str, background: str) -> Cell:
    at = (
        on
        & ((known.cls == cls) | (not cls))
        & ((known.background == background) | (not background))
    )
    chosen = at & (known.named != "")
    return Cell(
        cls,
        background,
        vouched=Rate.of(known.vouched[at]),
        kept=Rate.of(chosen[at]),
        right=Rate.of((known.named == known.background)[chosen]),
    )


def bins(probability: NDArray[np.float64], right: NDArray[np.bool_]) -> tuple[Bin, ...]:
    """A calibration table: ``BINS`` of equal width, the last one closed."""
    place = np.minimum((probability * BINS).astype(int), BINS - 1)
    return tuple(
        Bin(
            index / BINS,
            (index + 1) / BINS,
            float(probability[place == index].mean()) if (place == index).any() else float("nan"),
            Rate.of(right[place == index]),
        )
        for index in range(BINS)
    )


def expected_error(table: Sequence[Bin]) -> float:
    """Mean of |mean probability - share right| over bins, by their samples; NaN of none."""
    count = sum(one.right.n for one in table)
    if not count:
        return float("nan")
    return sum(abs(o.mean - o.right.share) * o.right.n for o in table if o.right.n) / count


def abstention(probability: NDArray[np.float64], right: NDArray[np.bool_]) -> tuple[Point, ...]:
    """The share kept, and the error among it, as the threshold rises."""
    points = []
    for threshold in THRESHOLDS:
        kept = probability >= threshold
        points.append(Point(threshold, Rate.of(kept), Rate.of(~right[kept])))
    return tuple(points)
