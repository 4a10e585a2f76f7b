"""How often an interval holds the truth: by enumerating every outcome, not by simulation."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from benchwright.statistics.intervals import LEVEL, Floats, newcombe, wilson

SHARES: NDArray[np.float64] = np.arange(1, 100) / 100
"""True shares that coverage is asked for: 0.01 to 0.99."""

ROUNDING = 1e-12
"""A bound that equals the truth but for rounding holds it."""


def wilson_coverage(n: int, level: float = LEVEL) -> Floats:
    """Probability that Wilson's interval holds p, for each p of ``SHARES``.

    Args:
        n: trials.
        level: nominal coverage.

    Returns:
        [99].
    """
    successes = np.arange(n + 1)
    low, high = wilson(successes, n, level)
    held = _within(low, SHARES[:, None], high)
    return np.asarray((_outcomes(n) * held).sum(axis=1))


def newcombe_coverage(n: int, level: float = LEVEL) -> Floats:
    """Probability that Newcombe's interval holds p1 - p2, for every p1 and p2 of ``SHARES``.

    Args:
        n: trials of each of the two samples.
        level: nominal coverage.

    Returns:
        [99, 99], by p1 and p2.
    """
    successes = np.arange(n + 1)
    low, high = newcombe(successes[:, None], n, successes[None, :], n, level)
    outcomes = _outcomes(n)
    coverage = np.empty((len(SHARES), len(SHARES)))
    # Pairs with one difference share the set of outcomes whose interval holds it.
    for offset in range(1 - len(SHARES), len(SHARES)):
        held = _within(low, offset / 100, high).astype(np.float64)
        first = np.arange(max(0, offset), len(SHARES) + min(0, offset))
        reached = outcomes[first] @ held
        coverage[first, first - offset] = (reached * outcomes[first - offset]).sum(axis=1)
    return coverage


def _outcomes(n: int) -> Floats:
    """Probability of each number of successes, [99, n + 1]."""
    return np.asarray(stats.binom.pmf(np.arange(n + 1)[None, :], n, SHARES[:, None]))


def _within(low: Floats, truth: Floats | float, high: Floats) -> NDArray[np.bool_]:
    return (low <= truth + ROUNDING) & (truth <= high + ROUNDING)
