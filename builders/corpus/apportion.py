"""Whole numbers in given proportions, by largest remainder: declared frequencies hold exactly."""

from __future__ import annotations

import math
from collections.abc import Sequence


def apportioned(total: int, weights: Sequence[float]) -> list[int]:
    """Non-negative integers that add up to ``total``, each within 1 of its exact share.

    Args:
        total: what is shared out.
        weights: proportions, not negative, not all 0; where remainders tie, the earlier gains.
    """
    whole = math.fsum(weights)
    quotas = [total * weight / whole for weight in weights]
    counts = [math.floor(quota) for quota in quotas]
    by_remainder = sorted(range(len(weights)), key=lambda at: (counts[at] - quotas[at], at))
    for at in by_remainder[: total - sum(counts)]:
        counts[at] += 1
    return counts
