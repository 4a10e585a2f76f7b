"""How far two annotators agree beyond chance."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from benchwright.statistics.intervals import LEVEL, two_sided_z

ROUNDING = 1e-14
"""A variance below this is none: terms of up to 1 that cancel leave some 1e-16 in its place, whose
root would be seen. One item of a million that differs leaves 1e-6."""


@dataclass(frozen=True, slots=True)
class Kappa:
    """Cohen's kappa of two annotators.

    Attributes:
        n: items that both labelled.
        agreed: share of them given the same label by both.
        expected: the share that their label frequencies give by chance.
        kappa: (agreed - expected) / (1 - expected); NaN where both only ever gave one and the
            same label, or nothing was labelled.
        low: lower bound, at least -1; NaN where kappa is.
        high: upper bound, at most 1; NaN where kappa is.
    """

    n: int
    agreed: float
    expected: float
    kappa: float
    low: float
    high: float


def cohen_kappa(
    first: Sequence[Hashable], second: Sequence[Hashable], level: float = LEVEL
) -> Kappa:
    """Cohen's kappa (1960), with the large-sample interval of Fleiss, Cohen and Everitt (1969).

    Args:
        first: one annotator's labels.
        second: the other's, of the same items in the same order.
        level: nominal coverage of the interval.

    Raises:
        ValueError: the lengths differ.
    """
    if len(first) != len(second):
        raise ValueError("both annotators' labels are of the same items")
    if not first:
        return Kappa(0, np.nan, np.nan, np.nan, np.nan, np.nan)
    shares = _table(first, second) / len(first)
    rows, columns = shares.sum(axis=1), shares.sum(axis=0)
    agreed, expected = float(np.trace(shares)), float(rows @ columns)
    if expected >= 1:
        return Kappa(len(first), agreed, expected, np.nan, np.nan, np.nan)
    kappa = (agreed - expected) / (1 - expected)
    # Fleiss, Cohen and Everitt (1969), equation 13.
    diagonal = np.diag(shares) @ (1 - (rows + columns) * (1 - kappa)) ** 2
    crossed = shares * (columns[:, None] + rows[None, :]) ** 2
    off_diagonal = (1 - kappa) ** 2 * (crossed.sum() - np.trace(crossed))
    variance = diagonal + off_diagonal - (kappa - expected * (1 - kappa)) ** 2
    deviation = float(np.sqrt(variance / len(first))) if variance > ROUNDING else 0.0
    half = two_sided_z(level) * deviation / (1 - expected)
    return Kappa(
        len(first), agreed, expected, kappa, max(kappa - half, -1.0), min(kappa + half, 1.0)
    )


def _table(first: Sequence[Hashable], second: Sequence[Hashable]) -> NDArray[np.float64]:
    """Items by the two labels they were given: [labels, labels]."""
    labels = {label: i for i, label in enumerate(dict.fromkeys([*first, *second]))}
    table = np.zeros((len(labels), len(labels)))
    for one, other in zip(first, second, strict=True):
        table[labels[one], labels[other]] += 1
    return table
