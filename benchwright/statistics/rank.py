"""Rank correlation with an interval."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike
from scipy import stats

from benchwright.statistics import bootstrap
from benchwright.statistics.intervals import LEVEL, Floats


def spearman(
    x: ArrayLike,
    y: ArrayLike,
    *,
    seed: object = 0,
    resamples: int = bootstrap.RESAMPLES,
    level: float = LEVEL,
) -> bootstrap.Interval:
    """Spearman's rho, ties at their mean rank, with a paired percentile bootstrap interval.

    Args:
        x: [n] numbers.
        y: [n] numbers, the i-th belonging to x's i-th.
        seed: what the resampling depends on.
        resamples: how many.
        level: nominal coverage.

    Returns:
        Estimate and bounds in [-1, 1]; NaN where x or y is constant. Resamples that are constant
        have no rho and are left out.

    Raises:
        ValueError: no elements, or lengths that differ.
    """
    return bootstrap.percentile(_rho, x, y, seed=seed, resamples=resamples, level=level)


def _rho(x: Floats, y: Floats) -> Floats:
    """Pearson's correlation of ranks, row by row of [batch, n]."""
    x, y = stats.rankdata(x, axis=-1), stats.rankdata(y, axis=-1)
    x -= x.mean(axis=-1, keepdims=True)
    y -= y.mean(axis=-1, keepdims=True)
    scale = np.sqrt((x * x).sum(axis=-1) * (y * y).sum(axis=-1))
    return np.where(scale > 0, (x * y).sum(axis=-1) / np.where(scale > 0, scale, 1.0), np.nan)
