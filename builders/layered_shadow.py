"""A sprite's shadow in two layers, as the atlas stores it: coarse everywhere, fine at the contact.

A shadow is smooth but near the object, and smooth gradients in 8 bits compress badly: what costs is
every pixel of every contour line. At a quarter of the resolution there are a quarter of them; the
whole takes a fifth of the bytes.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from benchwright.builders.sprites import RATIO_ONE

CELL = 4
"""Shadow pixels a coarse pixel, along each axis."""

NO_DETAIL = 128
"""Detail code that means "as the coarse layer says"."""

TOLERANCE = 1
"""Codes that the coarse layer may be off without a detail: half a grey level on the ground."""

_WEIGHTS = ((3, 5, 0), (1, 7, 0), (0, 7, 1), (0, 5, 3))
"""Eighths of the coarse pixel before, here and after, for each of the four pixels of a cell."""


@dataclass(frozen=True, slots=True)
class LayeredShadow:
    """Shadow codes of a sprite, in layers.

    Attributes:
        coarse: uint8 [h, w, 3], codes as in ``Sprite.shadow``, one a cell; its border is
            ``RATIO_ONE``.
        detail: uint8 [dh, dw, 3], to be added to the enlarged coarse layer, ``NO_DETAIL`` is 0.
        detail_at: (column, row) of the detail's corner, in shadow pixels.
        anchor: (column, row) of the ground origin, in shadow pixels.
    """

    coarse: NDArray[np.uint8]
    detail: NDArray[np.uint8]
    detail_at: tuple[int, int]
    anchor: tuple[int, int]

    @classmethod
    def of(
        cls,
        coarse: NDArray[np.uint8],
        fine: NDArray[np.uint8],
        refine: NDArray[np.bool_],
        anchor: tuple[int, int],
    ) -> LayeredShadow:
        """Layers that give ``fine`` where asked to, within ``TOLERANCE``.

        Args:
            coarse: [h, w, 3] codes.
            fine: [4 h, 4 w, 3] codes.
            refine: [4 h, 4 w], where detail may be needed.
            anchor: (column, row) of the ground origin, in shadow pixels.
        """
        coarse = coarse.copy()
        coarse[[0, -1]] = RATIO_ONE
        coarse[:, [0, -1]] = RATIO_ONE
        off = fine.astype(np.int16) - enlarged(coarse).astype(np.int16)
        needed = refine & (np.abs(off).max(axis=2) > TOLERANCE)
        detail = np.where(needed[..., None], np.clip(off, -128, 127), 0) + NO_DETAIL
        rows, columns = extent(needed)
        return cls(
            coarse, detail[rows, columns].astype(np.uint8), (columns.start, rows.start), anchor
        )

    def cropped(self) -> LayeredShadow:
        """Without the coarse cells around that say nothing, but for a border of one."""
        says = (self.coarse != RATIO_ONE).any(axis=2)
        column, row = self.detail_at
        height, width = self.detail.shape[:2]
        last_row, last_column = (row + height - 1) // CELL, (column + width - 1) // CELL
        says[row // CELL : last_row + 1, column // CELL : last_column + 1] = True
        rows, columns = extent(says)
        top, left = rows.start - 1, columns.start - 1
        return replace(
            self,
            coarse=np.ascontiguousarray(self.coarse[top : rows.stop + 1, left : columns.stop + 1]),
            detail_at=(column - CELL * left, row - CELL * top),
            anchor=(self.anchor[0] - CELL * left, self.anchor[1] - CELL * top),
        )

    def expanded(self) -> NDArray[np.uint8]:
        """The codes of ``Sprite.shadow``, [4 h, 4 w, 3]; integers only, so the same everywhere."""
        codes = enlarged(self.coarse).astype(np.int16)
        column, row = self.detail_at
        height, width = self.detail.shape[:2]
        part = codes[row : row + height, column : column + width]
        part += self.detail.astype(np.int16) - NO_DETAIL
        return codes.astype(np.uint8)


def enlarged(coarse: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Bilinear enlargement of [h, w, 3] by ``CELL``, cell centres aligned."""
    grid = coarse.astype(np.int16)  # no sum passes 64 * 255 + 32
    for axis in (0, 1):
        count = grid.shape[axis]
        padded = np.concatenate([grid.take([0], axis), grid, grid.take([-1], axis)], axis)
        before, here, after = (padded.take(range(i, i + count), axis) for i in range(3))
        parts = [a * before + b * here + c * after for a, b, c in _WEIGHTS]
        shape = list(grid.shape)
        shape[axis] = CELL * count
        grid = np.stack(parts, axis=axis + 1).reshape(shape)
    return ((grid + 32) >> 6).astype(np.uint8)


def extent(marked: NDArray[np.bool_]) -> tuple[slice, slice]:
    """Rows and columns of the box around all that is marked; one pixel if nothing is."""
    rows, columns = np.flatnonzero(marked.any(axis=1)), np.flatnonzero(marked.any(axis=0))
    if not len(rows):
        middle_row, middle_column = marked.shape[0] // 2, marked.shape[1] // 2
        return slice(middle_row, middle_row + 1), slice(middle_column, middle_column + 1)
    return slice(int(rows[0]), int(rows[-1]) + 1), slice(int(columns[0]), int(columns[-1]) + 1)
