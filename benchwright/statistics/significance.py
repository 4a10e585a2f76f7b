"""Tests of two proportions, and the false discovery rate over many of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import special, stats

from benchwright.statistics.intervals import Floats

Alternative: TypeAlias = Literal["two-sided", "greater", "less"]

LEAST_EXPECTED = 5.0
"""Images a cell of the 2x2 table is to be expected to hold before the normal approximation is
believed: Cochran's rule (1954)."""


def two_proportion_z(
    k1: ArrayLike,
    n1: ArrayLike,
    k2: ArrayLike,
    n2: ArrayLike,
    alternative: Alternative = "two-sided",
) -> Floats:
    """P-values of the z-test of p1 = p2 with the pooled variance.

    Args:
        k1: successes of the first sample; may be fractional (an effective count).
        n1: trials of the first sample.
        k2: successes of the second sample.
        n2: trials of the second sample.
        alternative: "greater" asks whether p1 > p2.

    Returns:
        Float64 of the shape that the counts broadcast to; 1 where the samples hold no evidence
        (one is empty, or all trials came out alike).

    Raises:
        ValueError: an unknown alternative.
    """
    k1, n1, k2, n2 = (np.asarray(count, np.float64) for count in (k1, n1, k2, n2))
    trials1, trials2 = np.maximum(n1, 1e-300), np.maximum(n2, 1e-300)
    pooled = np.clip((k1 + k2) / np.maximum(n1 + n2, 1e-300), 0, 1)
    variance = pooled * (1 - pooled) * (1 / trials1 + 1 / trials2)
    silent = (n1 <= 0) | (n2 <= 0) | (variance <= 0)
    z = (k1 / trials1 - k2 / trials2) / np.sqrt(np.where(silent, 1.0, variance))
    match alternative:
        case "greater":
            p = special.ndtr(-z)
        case "less":
            p = special.ndtr(z)
        case "two-sided":
            p = 2 * special.ndtr(-np.abs(z))
        case _:
            raise ValueError(f'no alternative "{alternative}"')
    return np.where(silent, 1.0, p)


def fisher_greater(k1: ArrayLike, n1: ArrayLike, k2: ArrayLike, n2: ArrayLike) -> Floats:
    """P-values of Fisher's exact test of p1 <= p2 against p1 > p2.

    Fractional counts are rounded against the alternative, so that a p-value is never too small.

    Args:
        k1: successes of the first sample.
        n1: trials of the first sample.
        k2: successes of the second sample.
        n2: trials of the second sample.

    Returns:
        Float64 of the shape that the counts broadcast to.
    """
    k1, n1, k2, n2 = (np.asarray(count, np.float64) for count in (k1, n1, k2, n2))
    misses1, misses2 = np.ceil(n1 - k1), np.floor(n2 - k2)
    k1, k2 = np.floor(k1), np.ceil(k2)
    n1, n2 = k1 + misses1, k2 + misses2
    return np.asarray(stats.hypergeom.sf(k1 - 1, n1 + n2, k1 + k2, n1), np.float64)


@dataclass(frozen=True, slots=True)
class Tested:
    """One-sided p-values, and where they are exact.

    Attributes:
        p: float64.
        exact: bool of the same shape: Fisher's test, where the z-test's approximation is not good.
    """

    p: Floats
    exact: NDArray[np.bool_]


def one_sided(k1: ArrayLike, n1: ArrayLike, k2: ArrayLike, n2: ArrayLike) -> Tested:
    """P-values of p1 <= p2 against p1 > p2, the direction having been fixed beforehand.

    The z-test where each cell of the 2x2 table is expected to hold ``LEAST_EXPECTED`` or more, and
    Fisher's exact test elsewhere.

    Args:
        k1: successes of the first sample; may be fractional (an effective count).
        n1: trials of the first sample.
        k2: successes of the second sample.
        n2: trials of the second sample.
    """
    k1, n1, k2, n2 = np.broadcast_arrays(*(np.asarray(c, np.float64) for c in (k1, n1, k2, n2)))
    pooled = (k1 + k2) / np.maximum(n1 + n2, 1e-300)
    rarer, smaller = np.minimum(pooled, 1 - pooled), np.minimum(n1, n2)
    exact = rarer * smaller < LEAST_EXPECTED
    p = two_proportion_z(k1, n1, k2, n2, "greater")
    if exact.any():  # the hypergeometric tail costs a thousand times the normal one
        p[exact] = fisher_greater(k1[exact], n1[exact], k2[exact], n2[exact])
    return Tested(p, exact)


def adjusted(p: ArrayLike) -> Floats:
    """P-values adjusted by Benjamini and Hochberg (1995): reject at q where they are at most q.

    Args:
        p: a family of p-values along the last axis; NaN marks what was not tested, which counts
            for nothing and stays NaN.

    Returns:
        Float64 of the same shape, at least p, at most 1.

    Raises:
        ValueError: a p-value outside [0, 1].
    """
    p = np.asarray(p, np.float64)
    if np.any((p < 0) | (p > 1)):
        raise ValueError("p-values lie between 0 and 1")
    order = np.argsort(p, axis=-1, kind="stable")  # NaN goes last
    ranked = np.take_along_axis(p, order, axis=-1)
    tested = np.sum(~np.isnan(p), axis=-1, keepdims=True)
    scaled = ranked * tested / np.arange(1, p.shape[-1] + 1)
    # The least of what follows in rank: fmin passes over the NaN at the end.
    least = np.flip(np.fmin.accumulate(np.flip(scaled, -1), axis=-1), -1)
    result = np.empty_like(p)
    np.put_along_axis(result, order, np.where(np.isnan(ranked), np.nan, least), axis=-1)
    return np.minimum(result, 1.0)


def benjamini_hochberg(p: ArrayLike, q: float) -> NDArray[np.bool_]:
    """Which of a family of tests are discoveries at a false discovery rate of q.

    Args:
        p: as in ``adjusted``; what was not tested is no discovery.
        q: the rate, in (0, 1).

    Raises:
        ValueError: a p-value outside [0, 1], or a q outside (0, 1).
    """
    if not 0 < q < 1:
        raise ValueError("a false discovery rate lies between 0 and 1")
    return adjusted(p) <= q
