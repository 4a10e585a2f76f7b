"""What a texture is painted on, and in which colours."""

from __future__ import annotations

from typing import Annotated

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from benchwright.builders.backgrounds.noise import BITS, ONE
from benchwright.builders.colour import rgb
from benchwright.recipe import Colour

Canvas = NDArray[np.int32]
"""int32 [h, w, 3], sRGB codes in ``UNIT``; coats may leave 0 to 255 and are cut at the end."""

UNIT = 64
"""Of a canvas: one sRGB code. Times a weight of ``ONE`` it fits 32 bits."""

Colours = Annotated[list[Colour], Field(min_length=1)]


def ink(colour: str) -> NDArray[np.int32]:
    """[3]: a colour as a canvas holds it."""
    return np.array(rgb(colour), dtype=np.int32) * UNIT


def mixed(canvas: Canvas, colour: str, weight: NDArray[np.int32]) -> Canvas:
    """The canvas with so much of a colour, [h, w] of 0 to ``ONE``, in it."""
    return canvas + ((ink(colour) - canvas) * weight[:, :, None] >> BITS)


def shaded(canvas: Canvas, change: NDArray[np.int32]) -> Canvas:
    """The canvas made lighter or darker by so much, [h, w] of -``ONE`` to ``ONE``."""
    return canvas + (canvas * change[:, :, None] >> BITS)


def ramp(level: NDArray[np.int32], colours: list[str]) -> Canvas:
    """Colours [h, w, 3] of levels [h, w], 0 to ``ONE`` - 1, blended between neighbours."""
    inks = np.stack([ink(colour) for colour in (*colours, colours[-1])])
    at = np.arange(ONE, dtype=np.int32) * (len(colours) - 1)
    index, part = at >> BITS, (at & (ONE - 1))[:, None]
    table = inks[index] + ((inks[index + 1] - inks[index]) * part >> BITS)
    return table.take(level, axis=0)
