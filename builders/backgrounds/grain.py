"""Coats made of noise: what covers, tints, shades, raises or cracks a ground all over."""

from __future__ import annotations

from typing import Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import Field, PositiveInt

from benchwright.builders.backgrounds.canvas import Canvas, Colours, mixed, ramp, shaded
from benchwright.builders.backgrounds.noise import ONE, borders, fractal, ridged, warped
from benchwright.recipe import Colour, Part


class Noise(Part):
    """Noise that a coat is made of."""

    cells: tuple[PositiveInt, PositiveInt] = Field(
        description="Lattice cells across and down the tile."
    )
    octaves: int = Field(1, ge=1, le=8)
    form: Literal["soft", "threads"] = "soft"
    warp: int = Field(0, ge=0, le=400, description="Pixels by which it is bent at most.")

    def field(self, seed: int, shape: tuple[int, int]) -> NDArray[np.int32]:
        """int32 [h, w] of 0 to ``ONE`` - 1."""
        make = ridged if self.form == "threads" else fractal
        made = make(seed, self.cells, self.octaves, shape)
        if not self.warp:
            return made
        across, down = (fractal(seed + turn, (5, 7), 3, shape) for turn in (20, 40))
        return warped(made, across, down, self.warp)


class Ramp(Noise):
    """Noise shown in colours, from its lowest level to its highest."""

    coat: Literal["ramp"]
    colours: Colours

    def apply(self, canvas: Canvas, seed: int) -> Canvas:
        """Cover the canvas."""
        return ramp(self.field(seed, canvas.shape[:2]), self.colours)


class Veil(Noise):
    """One colour laid over where noise is above a level."""

    coat: Literal["veil"]
    colour: Colour
    levels: tuple[int, int] = Field(
        description="Percent of the noise where it begins and where it is full."
    )
    opacity: int = Field(100, ge=1, le=100, description="Percent.")
    above: int = Field(100, ge=1, le=100, description="Only in the upper so many percent.")

    def apply(self, canvas: Canvas, seed: int) -> Canvas:
        """Mix the colour in."""
        low, high = self.levels
        level = self.field(seed, canvas.shape[:2]) * 100 - low * ONE
        weight = np.clip(level // (high - low), 0, ONE) * self.opacity // 100
        if self.above < 100:
            last = len(canvas) * self.above // 100
            fade = np.clip((last - np.arange(len(canvas))) * 3 * ONE // last, 0, ONE)
            weight = weight * fade[:, None] // ONE
        return mixed(canvas, self.colour, weight)


class Shade(Noise):
    """Noise that lightens and darkens what is there."""

    coat: Literal["shade"]
    percent: int = Field(ge=1, le=100, description="Change of light at the extremes.")

    def apply(self, canvas: Canvas, seed: int) -> Canvas:
        """Multiply the canvas."""
        change = (self.field(seed, canvas.shape[:2]) - ONE // 2) * 2 * self.percent // 100
        return shaded(canvas, change)


class Relief(Noise):
    """Noise taken for height and lit from the upper left."""

    coat: Literal["relief"]
    depth: int = Field(ge=1, le=4000, description="How high, relative to its width.")

    def apply(self, canvas: Canvas, seed: int) -> Canvas:
        """Lighten slopes that face the light, darken the others."""
        height = self.field(seed, canvas.shape[:2])
        below = np.roll(height, -2, axis=0) - np.roll(height, 2, axis=0)
        right = np.roll(height, -2, axis=1) - np.roll(height, 2, axis=1)
        slope = np.clip(2 * below + right, -ONE, ONE)
        change = np.clip(slope * self.depth // 2000, -ONE // 2, ONE // 2)
        return shaded(canvas, change)


class Cells(Part):
    """Cells with borders between them: cracks of rock, stones of a pavement."""

    coat: Literal["cells"]
    cells: tuple[PositiveInt, PositiveInt]
    border: Colour
    width: int = Field(ge=1, le=5000, description="Of the borders.")
    percent: int = Field(0, ge=0, le=100, description="How much lighter or darker cells are.")
    warp: int = Field(0, ge=0, le=400, description="Pixels by which borders are bent at most.")

    def apply(self, canvas: Canvas, seed: int) -> Canvas:
        """Shade cells and paint their borders."""
        shape = canvas.shape[:2]
        within, cell = borders(seed, self.cells, shape)
        if self.warp:
            across, down = (fractal(seed + turn, (14, 20), 2, shape) for turn in (20, 40))
            within, cell = (warped(f, across, down, self.warp) for f in (within, cell))
        change = (cell - ONE // 2) * 2 * self.percent // 100
        canvas = shaded(canvas, change)
        weight = np.clip(ONE - within * ONE // self.width, 0, ONE)
        return mixed(canvas, self.border, weight)


class Gradient(Part):
    """Colours from the top of the picture to its bottom."""

    coat: Literal["gradient"]
    colours: Colours

    def apply(self, canvas: Canvas, _seed: int) -> Canvas:
        """Cover the canvas."""
        height, width, _ = canvas.shape
        level = np.arange(height, dtype=np.int32) * (ONE - 1) // max(1, height - 1)
        return np.repeat(ramp(level[:, None], self.colours), width, axis=1)
