"""Intervals of proportions, and of differences of two proportions, by Wilson's score method.

Everything is vectorised: counts are scalars or arrays that broadcast. The standard library gives
the normal quantile, so that a report which prints an interval does not load SciPy.
"""

from __future__ import annotations

from statistics import NormalDist
from typing import TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats: TypeAlias = NDArray[np.float64]

LEVEL = 0.95
"""Share of intervals that are to hold the truth, where nothing else is asked for."""


def wilson(k: ArrayLike, n: ArrayLike, level: float = LEVEL) -> tuple[Floats, Floats]:
    """Wilson's score interval of a proportion (Wilson 1927), without continuity correction.

    Args:
        k: successes, 0 <= k <= n.
        n: trials; where there are none, the interval is all of [0, 1].
        level: nominal coverage, between 0 and 1.

    Returns:
        Lower and upper bounds in [0, 1], float64, of the shape that k and n broadcast to.

    Raises:
        ValueError: k outside 0..n, or a level outside (0, 1).
    """
    k, n = _counts(k, n)
    z = two_sided_z(level)
    trials = np.maximum(n, 1)
    share = k / trials
    centre = (k + z * z / 2) / (trials + z * z)
    half = z / (trials + z * z) * np.sqrt(trials * share * (1 - share) + z * z / 4)
    # At k = 0 and k = n a bound is exact; rounding would leave it at 1e-17.
    low = np.where((k == 0) | (n == 0), 0.0, np.maximum(centre - half, 0.0))
    high = np.where((k == n) | (n == 0), 1.0, np.minimum(centre + half, 1.0))
    return low, high


def newcombe(
    k1: ArrayLike, n1: ArrayLike, k2: ArrayLike, n2: ArrayLike, level: float = LEVEL
) -> tuple[Floats, Floats]:
    """Newcombe's hybrid score interval of p1 - p2, of independent samples.

    Method 10 of Newcombe (1998), "Interval estimation for the difference between independent
    proportions", Statistics in Medicine 17:873-890.

    Args:
        k1: successes of the first sample, 0 <= k1 <= n1.
        n1: trials of the first sample.
        k2: successes of the second sample, 0 <= k2 <= n2.
        n2: trials of the second sample.
        level: nominal coverage, between 0 and 1.

    Returns:
        Lower and upper bounds in [-1, 1], float64, of the shape that the counts broadcast to.
        Where a sample is empty its share counts as 1/2, in [0, 1].

    Raises:
        ValueError: a k outside 0..n, or a level outside (0, 1).
    """
    p1, (low1, high1) = _share(k1, n1), wilson(k1, n1, level)
    p2, (low2, high2) = _share(k2, n2), wilson(k2, n2, level)
    difference = p1 - p2
    low = difference - np.hypot(p1 - low1, high2 - p2)
    high = difference + np.hypot(high1 - p1, p2 - low2)
    return np.maximum(low, -1.0), np.minimum(high, 1.0)


def newcombe_paired(
    both: ArrayLike, first: ArrayLike, second: ArrayLike, neither: ArrayLike, level: float = LEVEL
) -> tuple[Floats, Floats]:
    """Newcombe's interval of p1 - p2, of two answers to the same samples.

    Method 10 of Newcombe (1998), "Improved confidence intervals for the difference between
    binomial proportions based on paired data", Statistics in Medicine 17:2635-2650: the score
    interval, with the correlation of the two answers corrected for continuity.

    Args:
        both: samples that both answers got right.
        first: those that only the first did.
        second: those that only the second did.
        neither: those that neither did.
        level: nominal coverage, between 0 and 1.

    Returns:
        Lower and upper bounds in [-1, 1], float64, of the shape that the counts broadcast to;
        without samples, all of [-1, 1].

    Raises:
        ValueError: a negative count, or a level outside (0, 1).
    """
    a, b, c, d = (np.asarray(count, np.float64) for count in (both, first, second, neither))
    n = a + b + c + d
    (low1, high1), (low2, high2) = wilson(a + b, n, level), wilson(a + c, n, level)
    p1, p2 = _share(a + b, n), _share(a + c, n)
    phi = _corrected_correlation(a, b, c, d)
    below1, above1, below2, above2 = p1 - low1, high1 - p1, p2 - low2, high2 - p2
    low = p1 - p2 - np.sqrt(np.maximum(below1**2 - 2 * phi * below1 * above2 + above2**2, 0.0))
    high = p1 - p2 + np.sqrt(np.maximum(above1**2 - 2 * phi * above1 * below2 + below2**2, 0.0))
    empty = n == 0
    return (
        np.where(empty, -1.0, np.maximum(low, -1.0)),
        np.where(empty, 1.0, np.minimum(high, 1.0)),
    )


def mean_interval(
    estimates: ArrayLike, low: ArrayLike, high: ArrayLike
) -> tuple[float, float, float]:
    """A mean of independent estimates, with an interval put together from theirs.

    The method of variance estimates recovery (Zou and Donner 2008, "Construction of confidence
    limits about effect measures", Statistics in Medicine 27:1693-1702): of a class-balanced
    accuracy from Wilson's intervals, of a mean drop from Newcombe's.

    Args:
        estimates: [m] independent estimates.
        low: [m] their lower bounds, at the level wanted.
        high: [m] their upper bounds.

    Returns:
        The mean and its bounds.

    Raises:
        ValueError: no estimates.
    """
    estimates, low, high = (np.asarray(values, np.float64) for values in (estimates, low, high))
    if not estimates.size:
        raise ValueError("no estimates to take the mean of")
    mean = float(estimates.mean())
    below = float(np.sqrt(np.sum((estimates - low) ** 2))) / estimates.size
    above = float(np.sqrt(np.sum((high - estimates) ** 2))) / estimates.size
    return mean, mean - below, mean + above


def _corrected_correlation(a: Floats, b: Floats, c: Floats, d: Floats) -> Floats:
    """Phi of a 2x2 table, its positive part moved towards 0 by n/2; 0 where a margin is empty."""
    margins = (a + b) * (c + d) * (a + c) * (b + d)
    product = a * d - b * c
    corrected = np.where(product > 0, np.maximum(product - (a + b + c + d) / 2, 0.0), product)
    return np.where(margins > 0, corrected / np.sqrt(np.maximum(margins, 1.0)), 0.0)


def _share(k: ArrayLike, n: ArrayLike) -> Floats:
    """Successes by trials; without any, 1/2, the centre of an interval that says nothing."""
    k, n = np.asarray(k, np.float64), np.asarray(n, np.float64)
    return np.where(n > 0, k / np.maximum(n, 1), 0.5)


def _counts(k: ArrayLike, n: ArrayLike) -> tuple[Floats, Floats]:
    successes, trials = np.asarray(k, np.float64), np.asarray(n, np.float64)
    # Written so that NaN fails too.
    if not (np.all(successes >= 0) and np.all(successes <= trials)):
        raise ValueError("successes must lie between 0 and the number of trials")
    return successes, trials


def two_sided_z(level: float) -> float:
    """The two-sided normal quantile: 1.96 at 0.95."""
    if not 0 < level < 1:
        raise ValueError("a level lies between 0 and 1")
    return NormalDist().inv_cdf((1 + level) / 2)
