"""Seeded noise that tiles, in whole numbers: the same on every machine.

Value noise: random numbers on a lattice that wraps around, blended between by the smoothstep
polynomial in fixed point.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

BITS = 15
"""Of a level of noise: the product of two fits 32 bits."""

ONE = 1 << BITS
"""Levels of noise, and the unit of fixed-point weights."""

_GOLDEN = np.uint64(0x9E3779B97F4A7C15)

Field = NDArray[np.int32]


def numbers(seed: int, count: int) -> NDArray[np.uint64]:
    """uint64 [count]: Steele's SplitMix64 from a seed."""
    state = np.arange(1, count + 1, dtype=np.uint64) * _GOLDEN + np.uint64(seed % (1 << 64))
    state = (state ^ (state >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    state = (state ^ (state >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return state ^ (state >> np.uint64(31))


def integers(seed: int, count: int, low: int, high: int) -> Field:
    """int32 [count], each from ``low`` to ``high``, both included."""
    span = np.uint64(high - low + 1)
    return ((numbers(seed, count) >> np.uint64(32)) * span >> np.uint64(32)).astype(np.int32) + low


def fractal(seed: int, cells: tuple[int, int], octaves: int, shape: tuple[int, int]) -> Field:
    """int32 [h, w] of 0 to ``ONE`` - 1: octaves of value noise, each finer and half as strong.

    Args:
        seed: of the lattices.
        cells: lattice cells across and down the tile.
        octaves: how many; each has twice the cells of the one before.
        shape: (height, width) of the tile.
    """
    total = np.zeros(shape, dtype=np.int32)
    for octave in range(octaves):
        across, down = cells[0] << octave, cells[1] << octave
        lattice = integers(seed + octave, down * across, 0, ONE - 1).reshape(down, across)
        low, high, weight = _between(down, shape[0])
        tall = lattice[low] + ((lattice[high] - lattice[low]) * weight[:, None] >> BITS)
        low, high, weight = _between(across, shape[1])
        left = tall.take(low, axis=1)
        total += left + ((tall.take(high, axis=1) - left) * weight >> BITS) >> octave
    return _stretched(total)


def ridged(seed: int, cells: tuple[int, int], octaves: int, shape: tuple[int, int]) -> Field:
    """int32 [h, w] of 0 to ``ONE`` - 1: noise folded at its middle, which makes bright threads."""
    field = fractal(seed, cells, octaves, shape)
    return ONE - 1 - np.abs(2 * field - ONE + 1)


def warped(field: Field, across: Field, down: Field, reach: int) -> Field:
    """A field read at places moved by two others, by at most ``reach`` pixels each way."""
    height, width = field.shape
    rows = np.arange(height)[:, None] + ((2 * down - ONE) * reach >> BITS)
    columns = np.arange(width)[None, :] + ((2 * across - ONE) * reach >> BITS)
    return field[rows % height, columns % width]


def _between(count: int, length: int) -> tuple[Field, Field, Field]:
    """Of each of ``length`` pixels: the lattice points before and after it, the latter's weight.

    After the last of ``count`` points comes the first.
    """
    at = np.arange(length, dtype=np.int64) * count * ONE // length
    cell, part = at >> BITS, at & (ONE - 1)
    weight = part * part * (3 * ONE - 2 * part) >> 2 * BITS
    return cell.astype(np.int32), ((cell + 1) % count).astype(np.int32), weight.astype(np.int32)


def _stretched(field: Field) -> Field:
    """From its least to its greatest value onto the whole range."""
    low, high = int(field.min()), int(field.max())
    scale = (ONE - 1 << BITS) // max(1, high - low)
    return ((field - low).astype(np.int64) * scale >> BITS).astype(np.int32)


def borders(seed: int, cells: tuple[int, int], shape: tuple[int, int]) -> tuple[Field, Field]:
    """Cells around scattered points: how far within its cell a pixel lies, and a number a cell.

    Args:
        seed: of the points, one jittered in each square of a grid that wraps.
        cells: squares across and down.
        shape: (height, width) of the tile.

    Returns:
        int32 [h, w], 0 on a border, in 16ths of a pixel or so; int32 [h, w], 0 to ``ONE`` - 1.
    """
    (across, down), (height, width) = cells, shape
    jitter = integers(seed, 2 * across * down, 1, 15).reshape(2, down, across)
    rows = np.arange(height, dtype=np.int32)[:, None]
    columns = np.arange(width, dtype=np.int32)[None, :]
    row_cell, column_cell = rows * down // height, columns * across // width
    nearest = np.full(shape, 1 << 30, dtype=np.int32)
    second, owner = nearest.copy(), np.zeros(shape, dtype=np.int32)
    for up in (-1, 0, 1):
        for left in (-1, 0, 1):
            i, j = row_cell + up, column_cell + left
            index = (i % down) * across + j % across
            y = (i * 16 + jitter[0].reshape(-1)[index]) * height // (16 * down) - rows
            x = (j * 16 + jitter[1].reshape(-1)[index]) * width // (16 * across) - columns
            distance = x * x + y * y
            second = np.minimum(second, np.maximum(distance, nearest))
            owner = np.where(distance < nearest, index, owner)
            nearest = np.minimum(nearest, distance)
    # (d2 - d1)(d2 + d1) over the size of a cell: near a border this grows like the distance to it.
    within = (second - nearest) * 16 * across // (2 * width)
    return within, integers(seed + 1, across * down, 0, ONE - 1)[owner]
