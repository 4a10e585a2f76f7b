"""Resampling of layers about their anchor, by exact integer area averages.

A destination pixel is the mean of the source under it, at least one source pixel wide: shrinking is
an exact box filter, enlarging is linear interpolation, and one formula does both. Prefix sums give
each mean as a difference of two values, whatever the width.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

STEP_ONE = 1 << 16
"""A step of one source pixel per destination pixel."""

_GUARD = 1 << 8
"""Extra resolution kept between the vertical and the horizontal pass."""


def step_between(source_scale: float, target_scale: float) -> int:
    """Source pixels per destination pixel, in ``STEP_ONE``; scales in pixels a world unit."""
    return max(1, round(source_scale / target_scale * STEP_ONE))


def resample(
    layers: NDArray[np.int64], anchor: tuple[int, int], step: int
) -> tuple[NDArray[np.int64], tuple[int, int]]:
    """Scale layers about their anchor; what lies outside the source counts as 0.

    Args:
        layers: int64 [h, w, c] of at most 17 bits and 2**14 pixels a side.
        anchor: (column, row) of the source corner that stays fixed.
        step: source pixels per destination pixel, in ``STEP_ONE``.

    Returns:
        int64 [H, W, c] in the same unit, and the (column, row) of its first pixel relative to the
        anchor, which lies on a destination pixel's corner exactly.
    """
    tall, top = _along_rows(layers * _GUARD, anchor[1], step, 1)
    wide, left = _along_rows(tall.transpose(1, 0, 2), anchor[0], step, _GUARD)
    return np.ascontiguousarray(wide.transpose(1, 0, 2)), (left, top)


def _along_rows(
    values: NDArray[np.int64], anchor: int, step: int, unit: int
) -> tuple[NDArray[np.int64], int]:
    """Means of ``values`` [n, m, c] along axis 0, divided by ``unit``, and their first index."""
    width = max(step, STEP_ONE)
    lead = (step - width) // 2  # from a destination pixel's start to its footprint's, 0 or less
    first, last = -anchor * STEP_ONE, (len(values) - anchor) * STEP_ONE
    begin = (first - width - lead) // step + 1
    end = -((lead - last) // step)
    starts = np.arange(begin, end, dtype=np.int64) * step + lead - first
    sums = np.zeros((len(values) + 1, *values.shape[1:]), dtype=np.int64)
    np.cumsum(values, axis=0, out=sums[1:])
    means = _integral(sums, starts + width) - _integral(sums, starts)
    means += width * unit // 2
    means //= width * unit
    return means, begin


def _integral(sums: NDArray[np.int64], ends: NDArray[np.int64]) -> NDArray[np.int64]:
    """The integral up to each of ``ends`` (in ``STEP_ONE``), linear between prefix sums."""
    last = len(sums) - 1
    ends = np.clip(ends, 0, last * STEP_ONE)
    whole, part = ends // STEP_ONE, (ends % STEP_ONE)[:, None, None]
    below = sums[whole]
    return below * STEP_ONE + (sums[np.minimum(whole + 1, last)] - below) * part
