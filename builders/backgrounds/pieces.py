"""Coats made of pieces: what is strewn, laid or painted on a ground."""

from __future__ import annotations

from itertools import pairwise
from typing import Literal

import numpy as np
from pydantic import Field, PositiveInt

from benchwright.builders.backgrounds.canvas import Canvas, Colours, ink, mixed
from benchwright.builders.backgrounds.noise import ONE, fractal, integers, numbers
from benchwright.builders.backgrounds.stamps import SHAPES, Stamp
from benchwright.recipe import Colour, Part


class Scatter(Part):
    """Things strewn evenly, in random order and colours."""

    coat: Literal["scatter"]
    shape: Literal["blade", "leaf", "needle", "pebble"]
    count: PositiveInt
    length: tuple[int, int] = Field(description="Least and greatest, pixels of a tile 1024 wide.")
    width: tuple[int, int]
    turn: tuple[int, int] = Field(
        (0, 31), description="32nds of a full turn; of a blade, pixels it bends."
    )
    colours: Colours
    shadow: int = Field(0, ge=0, le=60, description="Pixels its shadow is cast down and right.")

    def apply(self, canvas: Canvas, seed: int) -> Canvas:
        """Stamp every thing."""
        height, width, _ = canvas.shape
        across = max(1, round((self.count * width // height) ** 0.5))
        down = -(-self.count // across)
        total = across * down
        order = np.argsort(numbers(seed, total), kind="stable")
        rows = (order // across * 64 + integers(seed + 1, total, 0, 63)) * height // (64 * down)
        columns = (order % across * 64 + integers(seed + 2, total, 0, 63)) * width // (64 * across)
        kinds = integers(seed + 3, total, 0, 47)
        picks = integers(seed + 4, total, 0, len(self.colours) - 1)
        stamps, colours = self._stamps(seed), [ink(colour) for colour in self.colours]
        flat = canvas.reshape(-1, 3).copy()
        for row, column, kind, pick in zip(rows, columns, kinds, picks, strict=True):
            stamp = stamps[kind]
            below, right = stamp.rows + row, stamp.columns + column
            if self.shadow:
                under = (below + self.shadow) % height * width + (right + self.shadow // 2) % width
                flat[under] = flat[under] * 5 >> 3
            place = below % height * width + right % width
            flat[place] = colours[pick] * (256 + stamp.light)[:, None] >> 8
        return flat.reshape(canvas.shape)

    def _stamps(self, seed: int) -> list[Stamp]:
        lengths = integers(seed + 5, 48, *self.length)
        widths = integers(seed + 6, 48, *self.width)
        turns = integers(seed + 7, 48, *self.turn)
        make = SHAPES[self.shape]
        return [make(*map(int, sizes)) for sizes in zip(lengths, widths, turns, strict=True)]


class Planks(Part):
    """Boards side by side, each lighter or darker, with joints."""

    coat: Literal["planks"]
    boards: int = Field(ge=1, le=100, description="Down the tile.")
    percent: int = Field(ge=0, le=100, description="How much lighter or darker boards are.")
    joint: int = Field(ge=1, le=40, description="Width of the joints, pixels.")

    def apply(self, canvas: Canvas, seed: int) -> Canvas:
        """Shift each board's grain along, shade it, and cut the joints."""
        height, width, _ = canvas.shape
        edges = [height * board // self.boards for board in range(self.boards + 1)]
        shifts = integers(seed, self.boards, 0, width - 1)
        shades = integers(seed + 1, self.boards, -self.percent, self.percent)
        ends = integers(seed + 2, self.boards, 0, width - 1)
        made = canvas.copy()
        for board, (top, bottom) in enumerate(pairwise(edges)):
            part = np.roll(canvas[top:bottom], int(shifts[board]), axis=1)
            part = part * (100 + int(shades[board])) // 100
            part[: self.joint] = part[: self.joint] // 2
            part[self.joint : 2 * self.joint] = part[self.joint : 2 * self.joint] * 9 // 8
            end = (int(ends[board]) + np.arange(self.joint)) % width
            part[:, end] = part[:, end] * 3 // 5
            made[top:bottom] = part
        return made


class Marking(Part):
    """A broken line that runs away from the viewer, worn."""

    coat: Literal["marking"]
    colour: Colour
    column: int = Field(ge=0, le=1023, description="Its left edge, pixels of a tile 1024 wide.")
    width: int = Field(ge=1, le=200)
    dash: int = Field(0, ge=0, le=1448, description="Length of a dash; 0 for an unbroken line.")
    dashes: int = Field(1, ge=1, le=20, description="Down the tile.")
    opacity: int = Field(85, ge=1, le=100, description="Percent, where it is not worn.")

    def apply(self, canvas: Canvas, seed: int) -> Canvas:
        """Paint it over the grain that is there."""
        height = len(canvas)
        pitch = height // self.dashes
        painted = np.arange(height) % pitch < (self.dash or pitch)
        wear = fractal(seed, (64, 90), 3, (height, canvas.shape[1]))
        columns = slice(self.column, self.column + self.width)
        weight = np.clip((wear[:, columns] - ONE // 4) * 6, 0, ONE) * self.opacity // 100
        weight = weight * painted[:, None]
        made = canvas.copy()
        made[:, columns] = mixed(made[:, columns], self.colour, weight)
        return made
