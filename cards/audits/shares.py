"""Shares and their differences as results, with the intervals that ``statistics`` gives."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from benchwright.cards.audits.result import Result
from benchwright.statistics.bootstrap import clustered
from benchwright.statistics.intervals import LEVEL, newcombe_paired, wilson

WIDEST = 3.3
"""Standard errors: beyond, 2,000 resamples have no percentile."""

ORDINALS = ("1st", "2nd", "3rd")


def share(measure: str, group: str, hits: float, n: int) -> Result:
    """A share with Wilson's interval.

    Args:
        measure: of the result.
        group: of the result.
        hits: successes; a fraction where each sample counts by the mean of several trials, whose
            interval is then too wide rather than too narrow.
        n: samples, at least 1.
    """
    low, high = wilson(hits, n)
    estimate = hits / n
    return Result(
        measure=measure, group=group, n=n, estimate=estimate,
        low=min(float(low), estimate), high=max(float(high), estimate),
    )  # fmt: skip


def paired_difference(
    measure: str, group: str, first: NDArray[np.float64], second: NDArray[np.float64]
) -> Result:
    """The difference of two shares over the same samples, with Newcombe's paired interval.

    Args:
        measure: of the result.
        group: of the result.
        first: [n, t], whether each of a sample's t trials came out one way, 0 or 1.
        second: [n, t], the same trials the other way; a sample counts once, whatever t is.
    """
    a, b = np.atleast_2d(first.T).T, np.atleast_2d(second.T).T
    cells = [(x * y).mean(axis=1).sum() for x in (a, 1 - a) for y in (b, 1 - b)]
    both, only_first, only_second, neither = cells[0], cells[1], cells[2], cells[3]
    low, high = newcombe_paired(both, only_first, only_second, neither)
    estimate = float(only_first - only_second) / len(a)
    return Result(
        measure=measure, group=group, n=len(a), estimate=estimate,
        low=min(float(low), estimate), high=max(float(high), estimate),
    )  # fmt: skip


def mean(
    measure: str, group: str, values: NDArray[np.float64], seed: int, reach: float = 0.0
) -> Result:
    """A mean over samples, with an expanded percentile bootstrap over them.

    Args:
        measure: of the result.
        group: of the result.
        values: [n], one a sample (a cluster's mean, where a sample has several trials).
        seed: of the resamples.
        reach: how far from these a sample not seen could lie. Resampling values that are all
            alike shows nothing of it, so their interval is widened by ``reach`` times Wilson's
            upper bound of the share that no sample of n had; 0 widens nothing.
    """
    sums = np.stack([np.asarray(values, np.float64), np.ones(len(values))], axis=1)
    found = clustered(
        lambda totals: totals[:, 0] / totals[:, 1], sums,
        seed=(seed, measure, group), level=expanded_level(len(values)),
    )  # fmt: skip
    unseen = reach * float(wilson(0, len(values))[1]) if np.ptp(values) == 0 else 0.0
    return Result(
        measure=measure, group=group, n=len(values), estimate=found.estimate,
        low=min(found.low, found.estimate) - unseen, high=max(found.high, found.estimate) + unseen,
    )  # fmt: skip


def expanded_level(n: int) -> float:
    """The level at which a percentile interval of a mean of n has the width of Student's.

    Hesterberg 2015, "What teachers should know about the bootstrap", section 4: percentiles are
    too close by the square root of (n - 1) / n, and by the normal quantile for Student's.
    """
    if n < 2:
        return LEVEL
    quantile = stats.t.ppf((1 + LEVEL) / 2, n - 1) * (n / (n - 1)) ** 0.5
    return float(2 * stats.norm.cdf(min(quantile, WIDEST)) - 1)


def ordinal(position: int) -> str:
    """``1st`` of position 0."""
    return ORDINALS[position] if position < len(ORDINALS) else f"{position + 1}th"
