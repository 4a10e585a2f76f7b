"""Pictures made smaller, or soft, in linear light and whole numbers.

A pixel is the exact mean of the area under it: the same on every machine, and seamless where a
tile wraps around, because the areas share the tile out between them.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from benchwright.builders.colour import DISPLAY, FULL, LINEAR

_GUARD = 8
"""Bits kept between the pass down and the pass across."""

_STRIP = 256
"""Columns worked on at once, so that sums stay in cache and a large photograph in memory."""


def shrunk(picture: NDArray[np.uint8], height: int, width: int) -> NDArray[np.uint8]:
    """uint8 [height, width, 3] of a picture [h, w, 3] that is no smaller either way."""
    made = np.empty((height, width, 3), dtype=np.uint8)
    for channel in range(3):
        light = LINEAR[picture[:, :, channel]].astype(np.int64) << _GUARD
        small = _means(np.ascontiguousarray(_means(light, height).T), width).T
        made[:, :, channel] = DISPLAY[np.minimum((small + (1 << _GUARD - 1)) >> _GUARD, FULL)]
    return made


def softened(picture: NDArray[np.uint8], radius: int) -> NDArray[np.uint8]:
    """Out of focus: two running means each way over ``radius`` pixels to both sides."""
    made = np.empty_like(picture)
    for channel in range(3):
        light = LINEAR[picture[:, :, channel]].astype(np.int64)
        for _ in range(2):
            light = _running(_running(light, radius).T, radius).T
        made[:, :, channel] = DISPLAY[light]
    return made


def _means(values: NDArray[np.int64], count: int) -> NDArray[np.int64]:
    """[count, m]: means of [n, m] over ``count`` equal parts of axis 0."""
    length = len(values)
    whole, part = np.divmod(np.arange(count + 1, dtype=np.int64) * length, count)
    last = np.minimum(whole, length - 1)
    made = np.empty((count, values.shape[1]), dtype=np.int64)
    for left in range(0, values.shape[1], _STRIP):
        strip = values[:, left : left + _STRIP]
        sums = np.zeros((length + 1, strip.shape[1]), dtype=np.int64)
        np.cumsum(strip, axis=0, out=sums[1:])
        ends = sums[whole] * count + strip[last] * part[:, None]  # of a picture times ``count``
        made[:, left : left + _STRIP] = (ends[1:] - ends[:-1] + length // 2) // length
    return made


def _running(values: NDArray[np.int64], radius: int) -> NDArray[np.int64]:
    """Means of [n, m] along axis 0 over 2 ``radius`` + 1 values, the outermost repeated."""
    span = 2 * radius + 1
    padded = np.pad(values, ((radius + 1, radius), (0, 0)), mode="edge")
    sums = np.cumsum(padded, axis=0)
    return (sums[span:] - sums[:-span] + span // 2) // span
