"""The ground of a scene: its plain colour times the shadows of all objects.

Shadow ratios multiply, so their logarithms are summed, in integers, whatever the order; one table
then turns a sum into the displayed colour.
"""

from __future__ import annotations

import functools

import numpy as np
from numpy.typing import NDArray

from benchwright.builders import colour
from benchwright.builders.layers import Layers
from benchwright.builders.windows import clipped, disjoint

ROOMY = 6
"""Objects whose log codes (at least ``DARKEST`` each) cannot leave a channel's span in sum."""

_UNCHANGED = np.arange(3, dtype=np.uint16) * colour.CHANNEL_SPAN + colour.ZERO_CODE
# One more object, however dark or bright, leaves a sum within these bounds inside the span.
_LOWEST = _UNCHANGED - np.uint16(colour.ZERO_CODE + colour.DARKEST)
_HIGHEST = _LOWEST + np.uint16(colour.CHANNEL_SPAN + colour.DARKEST - colour.BRIGHTEST - 1)


class Ground:
    """Draws grounds; keeps one image's worth of sums, so not to be shared between threads."""

    def __init__(self) -> None:
        self._sums: NDArray[np.uint16] = np.empty((0, 0, 3), dtype=np.uint16)

    def draw(
        self, height: int, width: int, background: str, placed: list[tuple[Layers, int, int]]
    ) -> NDArray[np.uint8]:
        """uint8 [height, width, 3]: the ground with all shadows, before any object is drawn.

        Args:
            height: in pixels.
            width: in pixels.
            background: displayed colour of the empty ground, sRGB hex.
            placed: each object's layers and the (column, row) of its anchor, in an order that
                depends on the scene alone: it matters where more than ``ROOMY`` shadows meet.
        """
        table = _table(background)
        plain = np.tile(_UNCHANGED, (width, 1))  # whole rows: three at a time copy slowly
        image: NDArray[np.uint8] = np.empty((height, width, 3), dtype=np.uint8)
        image[:] = table[plain]
        if self._sums.shape != image.shape:
            self._sums = np.empty(image.shape, dtype=np.uint16)
        corners = [
            (column + layers.shade_corner[0], row + layers.shade_corner[1])
            for layers, column, row in placed
        ]
        windows = [
            clipped(corner, layers.shade.shape, image.shape)
            for corner, (layers, _, _) in zip(corners, placed, strict=True)
        ]
        for window in windows:
            self._sums[window.slices()] = plain[window.left : window.right]
        for window, corner, (layers, _, _) in zip(windows, corners, placed, strict=True):
            sums = self._sums[window.slices()]
            sums += layers.shade[window.slices(corner)]  # modulo 2**16: darker codes subtract
            if len(placed) > ROOMY:
                np.clip(sums, _LOWEST, _HIGHEST, out=sums)
        for window in disjoint(windows):
            # "clip" only spares the check of each index: sums stay inside the table.
            image[window.slices()] = table.take(self._sums[window.slices()], mode="clip")
        return image


@functools.lru_cache(maxsize=64)
def _table(background: str) -> NDArray[np.uint8]:
    return colour.ground_table(background)
