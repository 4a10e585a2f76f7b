"""Resampling of layers about their anchor, by exact area averages.

A destination pixel is the mean of the source under it, at least one source pixel wide: shrinking is
a box filter, enlarging is linear interpolation, and one formula does both.

Everything is a whole number held in float64, which is exact below 2**53 (no sum here passes 2**46)
and faster to multiply than int64.
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
        layers: int64 [h, w, c] of at most 17 bits.
        anchor: (column, row) of the source corner that stays fixed.
        step: source pixels per destination pixel, in ``STEP_ONE``; at most 32 of them.

    Returns:
        int64 [H, W, c] in the same unit, and the (column, row) of its first pixel relative to the
        anchor, which lies on a destination pixel's corner exactly.
    """
    planes = []
    for plane in np.moveaxis(layers, 2, 0):  # one at a time: what passes work on stays in cache
        tall, top = _along_rows(plane * np.float64(_GUARD), anchor[1], step, 1)
        turned, left = _along_rows(np.ascontiguousarray(tall.T), anchor[0], step, _GUARD)
        planes.append(turned.T)
    scaled = np.empty((*planes[0].shape, len(planes)), np.int64)
    for i, plane in enumerate(planes):
        scaled[:, :, i] = plane
    return scaled, (left, top)


def _along_rows(
    values: NDArray[np.float64], anchor: int, step: int, unit: int
) -> tuple[NDArray[np.float64], int]:
    """Means of ``values`` [n, m] along axis 0, divided by ``unit``, and their first index."""
    width = max(step, STEP_ONE)
    lead = (step - width) // 2  # from a destination pixel's start to its footprint's, 0 or less
    begin = (-anchor * STEP_ONE - width - lead) // step + 1
    end = -((lead - (len(values) - anchor) * STEP_ONE) // step)
    starts = np.arange(begin, end, dtype=np.int64) * step + lead + anchor * STEP_ONE
    means = np.zeros((end - begin, values.shape[1]))
    for offset in range(-(-width // STEP_ONE) + 1):  # the source rows that a footprint can touch
        rows = starts // STEP_ONE + offset
        stops = np.minimum(starts + width, (rows + 1) * STEP_ONE)
        overlap = np.maximum(stops - np.maximum(starts, rows * STEP_ONE), 0)
        overlap[(rows < 0) | (rows >= len(values))] = 0
        part = values.take(rows, axis=0, mode="clip")
        part *= overlap[:, None]
        means += part
    # Rounded half up. The quotient's own rounding error is far below 1 / (width * unit), the
    # least distance of a half from any other quotient, so adding the half first keeps it exact.
    means += width * unit // 2
    means /= width * unit
    return np.floor(means, out=means), begin
