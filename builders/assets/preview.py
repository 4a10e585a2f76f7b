"""A small picture of a model as scenes will show it: rendered with the scenes' light and camera."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from benchwright.builders.assets.model import LONGEST, Model
from benchwright.builders.camera import ELEVATION

SAMPLES = 16
"""Paths a pixel, before denoising: a second of work for a picture of 120 pixels."""

AIR = 1.12
"""Width of the picture over that of the largest model."""


def preview(model: Model, size: int) -> NDArray[np.uint8]:
    """Render a model on the scenes' ground.

    Args:
        model: of unit size, standing.
        size: pixels a side.

    Returns:
        uint8 [size, size, 3], sRGB.

    Raises:
        AssetError: Mitsuba is missing: the extra ``render`` is not installed.
    """
    from benchwright.builders.render.coding import srgb_encode
    from benchwright.builders.render.mitsuba_scene import bodies_of, radiance
    from benchwright.builders.render.view import View

    angle = math.radians(ELEVATION)
    rise = model.vertices[:, 1] * math.sin(angle) + model.vertices[:, 2] * math.cos(angle)
    scale = size / (LONGEST * AIR)
    middle = size / 2 + (rise.min() + rise.max()) / 2 * scale
    view = View(size, size, (size / 2, middle), scale)
    return srgb_encode(radiance(bodies_of(model), view, SAMPLES))
