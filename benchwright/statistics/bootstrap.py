"""Bootstrap intervals: percentile and BCa, paired, and over clusters.

Resampling draws from the raw bits of PCG64, which NumPy keeps the same in every version, so an
interval that was published can be computed again; its ``Generator`` promises no such thing, which
is why SciPy's bootstrap is not used.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import NamedTuple, TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import special

from benchwright import seeding
from benchwright.statistics.intervals import LEVEL, Floats

Statistic: TypeAlias = Callable[..., Floats]
"""From one or more arrays [batch, n] to an array [batch]: one figure a row."""

RESAMPLES = 2000
"""Enough that a 95 % bound moves by about 2 % of the interval's width from seed to seed."""

BATCH_CELLS = 4_000_000
"""Numbers resampled at a time: 32 MB an array, whatever n is."""


class Interval(NamedTuple):
    """An estimate from the sample itself, and the bounds that resampling gives."""

    estimate: float
    low: float
    high: float


def percentile(
    statistic: Statistic,
    *samples: ArrayLike,
    seed: object,
    resamples: int = RESAMPLES,
    level: float = LEVEL,
) -> Interval:
    """The percentile interval (Efron 1979).

    Args:
        statistic: of whole rows at once; given all the samples, resampled together. NaN where a
            resample has no figure; such resamples are left out.
        *samples: one array [n], or several of one length, whose i-th elements belong together
            (a paired bootstrap).
        seed: what the draws depend on; anything whose text tells it apart.
        resamples: how many.
        level: nominal coverage.

    Raises:
        ValueError: no elements, or samples of different lengths.
    """
    arrays = _paired(samples)
    estimate = float(statistic(*(array[None] for array in arrays))[0])
    return Interval(estimate, *_bounds(_replicates(statistic, arrays, seed, resamples), level))


def bca(
    statistic: Statistic,
    *samples: ArrayLike,
    seed: object,
    resamples: int = RESAMPLES,
    level: float = LEVEL,
) -> Interval:
    """The bias-corrected and accelerated interval (Efron 1987), for skewed statistics.

    Args:
        statistic: of whole rows at once; given all the samples, resampled together.
        *samples: one array [n], or several of one length (a paired bootstrap).
        seed: what the draws depend on; anything whose text tells it apart.
        resamples: how many.
        level: nominal coverage.

    Raises:
        ValueError: fewer than two elements, or samples of different lengths.
    """
    arrays = _paired(samples)
    if len(arrays[0]) < 2:
        raise ValueError("the jackknife needs two elements or more")
    estimate = float(statistic(*(array[None] for array in arrays))[0])
    replicates = _replicates(statistic, arrays, seed, resamples)
    if np.ptp(replicates) == 0:
        return Interval(estimate, estimate, estimate)
    below = (np.mean(replicates < estimate) + np.mean(replicates <= estimate)) / 2
    # Half a replicate from either end: the correction stays finite.
    below = np.clip(below, 0.5 / resamples, 1 - 0.5 / resamples)
    bias = special.ndtri(below)
    z = bias + special.ndtri(_tails(level))
    shares = special.ndtr(bias + z / (1 - _acceleration(statistic, arrays) * z))
    low, high = np.quantile(replicates, shares)
    return Interval(estimate, float(low), float(high))


def clustered(
    statistic: Callable[[Floats], Floats],
    sums: ArrayLike,
    *,
    seed: object,
    resamples: int = RESAMPLES,
    level: float = LEVEL,
) -> Interval:
    """The percentile interval of a figure that depends on sums, whole clusters being resampled.

    Args:
        statistic: from totals [batch, d] to figures [batch]; NaN where a resample has none.
        sums: [clusters, d]: what each cluster adds to the totals.
        seed: what the draws depend on; anything whose text tells it apart.
        resamples: how many.
        level: nominal coverage.

    Raises:
        ValueError: no clusters.
    """
    sums = np.asarray(sums, np.float64)
    if not len(sums):
        raise ValueError("nothing to resample")
    estimate = float(statistic(sums.sum(axis=0, keepdims=True))[0])
    replicates = []
    for drawn in _draws(len(sums), seed, resamples):
        weights = np.stack([np.bincount(row, minlength=len(sums)) for row in drawn])
        replicates.append(statistic(weights @ sums))
    return Interval(estimate, *_bounds(np.concatenate(replicates), level))


def _paired(samples: tuple[ArrayLike, ...]) -> list[Floats]:
    arrays = [np.asarray(sample, np.float64) for sample in samples]
    if not arrays or len({len(array) for array in arrays}) != 1 or not len(arrays[0]):
        raise ValueError("a bootstrap takes one sample or more, of one length that is not 0")
    return arrays


def _replicates(statistic: Statistic, arrays: list[Floats], seed: object, count: int) -> Floats:
    draws = _draws(len(arrays[0]), seed, count)
    return np.concatenate([statistic(*(array[drawn] for array in arrays)) for drawn in draws])


def _draws(n: int, seed: object, resamples: int) -> Iterator[NDArray[np.int64]]:
    """Indices of resamples, [batch, n] at a time."""
    bits = np.random.PCG64(seeding.digest(seed, "bootstrap"))
    rows = max(1, BATCH_CELLS // n)
    for start in range(0, resamples, rows):
        batch = min(rows, resamples - start)
        # A 32-bit fraction times n; for a million elements uneven by one part in 4,000.
        raw = bits.random_raw(batch * n).reshape(batch, n) >> np.uint64(32)
        yield (raw * np.uint64(n) >> np.uint64(32)).astype(np.int64)


def _bounds(replicates: Floats, level: float) -> tuple[float, float]:
    """Quantiles of the replicates that have a figure; NaN where none has."""
    if np.isnan(replicates).all():
        return np.nan, np.nan
    low, high = np.nanquantile(replicates, _tails(level))
    return float(low), float(high)


def _acceleration(statistic: Statistic, arrays: list[Floats]) -> float:
    """A sixth of the skewness of the jackknife's values: statistic without each element."""
    n = len(arrays[0])
    values = np.empty(n)
    rows = max(1, BATCH_CELLS // n)
    for start in range(0, n, rows):
        left_out = np.arange(start, min(start + rows, n))
        kept = np.arange(n - 1)[None] + (np.arange(n - 1)[None] >= left_out[:, None])
        values[left_out] = statistic(*(array[kept] for array in arrays))
    spread = values.mean() - values
    scale = 6 * np.sum(spread**2) ** 1.5
    return float(np.sum(spread**3) / scale) if scale > 0 else 0.0


def _tails(level: float) -> Floats:
    if not 0 < level < 1:
        raise ValueError("a level lies between 0 and 1")
    return np.array([(1 - level) / 2, (1 + level) / 2])
