"""Small things strewn over a ground: blades, leaves, needles, pebbles, in whole numbers."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

QUARTER = (0, 799, 1567, 2276, 2896, 3406, 3784, 4017, 4096)
"""4096 sin of 0 to 90 degrees in eight steps."""

TURNS = 32
"""Directions a thing can point in."""


@dataclass(frozen=True, slots=True)
class Stamp:
    """A thing's pixels.

    Attributes:
        rows, columns: int64 [n], offsets from its place.
        light: int64 [n], how much lighter than its colour, in 256ths; negative is darker.
    """

    rows: NDArray[np.int64]
    columns: NDArray[np.int64]
    light: NDArray[np.int64]


def sine(turn: int) -> int:
    """4096 sin of so many 32nds of a full turn."""
    half, step = divmod(turn % TURNS, 16)
    value = QUARTER[step if step <= 8 else 16 - step]
    return -value if half else value


def blade(length: int, width: int, lean: int) -> Stamp:
    """A blade of grass: upright, tapering, bent sideways by ``lean`` pixels at its tip."""
    height = np.arange(length)[:, None]
    reach = abs(lean) + width
    across = np.arange(-reach, reach + 1)[None, :]
    middle = lean * height * height // (length * length)
    inside = 2 * np.abs(across - middle) * length <= width * (length - height)
    rows, columns = inside.nonzero()
    side = np.where(columns - reach > middle[rows, 0], 14, 0)
    return Stamp(-rows, columns - reach, rows * 120 // length - 70 + side)


def leaf(length: int, width: int, turn: int) -> Stamp:
    """A leaf: pointed at both ends, with a midrib, one half of it in the light."""
    along, across = _grid(length, turn)
    half, breadth = 4096 * length // 2, 4096 * width // 2
    bulge = (half * half - along * along) // 4096 * (breadth // 4096) // (half // 4096) ** 2
    rows, columns = ((np.abs(across) <= bulge) & (np.abs(along) < half)).nonzero()
    side = across[rows, columns]
    light = np.where(np.abs(side) < 3000, 44, np.where(side > 0, -26, 8))
    reach = along.shape[0] // 2
    return Stamp(rows - reach, columns - reach, light)


def needle(length: int, width: int, turn: int) -> Stamp:
    """A straight twig or needle, lit from above."""
    along, across = _grid(length, turn)
    inside = (np.abs(along) <= 2048 * length) & (2 * np.abs(across) <= 4096 * width)
    rows, columns = inside.nonzero()
    reach = along.shape[0] // 2
    light = -(across[rows, columns] * 50 // max(1, 2048 * width))
    return Stamp(rows - reach, columns - reach, light)


def pebble(length: int, width: int, turn: int) -> Stamp:
    """A rounded stone, light on top, with a dark rim below."""
    along, across = _grid(length, turn)
    a, b = 2048 * length, 2048 * width
    rim = (along * 256 // a) ** 2 + (across * 256 // b) ** 2
    rows, columns = (rim <= 1 << 16).nonzero()
    reach = along.shape[0] // 2
    down, right = rows - reach, columns - reach
    slope = -(3 * down + right) * 60 // (2 * length)
    edge = np.where(rim[rows, columns] > 42_000, -34, 0)
    return Stamp(down, right, slope + edge)


def _grid(length: int, turn: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Pixels about a place, along and across a direction, in 4096ths of a pixel."""
    reach = length // 2 + 1
    rows, columns = np.mgrid[-reach : reach + 1, -reach : reach + 1].astype(np.int64)
    cosine, sine_ = sine(turn + 8), sine(turn)
    return columns * cosine + rows * sine_, rows * cosine - columns * sine_


SHAPES = {"blade": blade, "leaf": leaf, "needle": needle, "pebble": pebble}
