"""Where a render looks from, and onto which pixels."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np

from benchwright.builders.camera import ELEVATIONS, TILTED, TOP

CAMERA_DISTANCE = 60.0
"""World units from the view's centre; no matter what, as long as nothing is behind the camera."""

SAMPLES_A_PASS = 16
"""Samples a pixel rendered at once: bounds memory, about 300 bytes a sample."""


@dataclass(frozen=True, slots=True)
class View:
    """An orthographic view onto a pixel grid.

    Attributes:
        width: pixels.
        height: pixels.
        anchor: image position (column, row) of the world origin, in pixels from the top left.
        pixels_per_unit: image pixels a world unit.
        camera: which looks; see ``benchwright.builders.camera``.
    """

    width: int
    height: int
    anchor: tuple[float, float]
    pixels_per_unit: float
    camera: str = TILTED


def sensor(mitsuba: Any, view: View) -> dict[str, Any]:
    """A view as Mitsuba describes it."""
    elevation = math.radians(ELEVATIONS[view.camera])
    back = np.array([0.0, -math.cos(elevation), math.sin(elevation)])
    up = np.array([0.0, math.sin(elevation), math.cos(elevation)])
    right = (view.width / 2 - view.anchor[0]) / view.pixels_per_unit
    rise = (view.anchor[1] - view.height / 2) / view.pixels_per_unit
    target = np.array([right, 0.0, 0.0]) + rise * up
    half_width = view.width / (2 * view.pixels_per_unit)
    transform = mitsuba.ScalarTransform4f
    over = [0.0, 1.0, 0.0] if view.camera == TOP else [0.0, 0.0, 1.0]  # straight down, z is no up
    look = transform().look_at(list(target + CAMERA_DISTANCE * back), list(target), over)
    return {
        "type": "orthographic",
        "to_world": look @ transform().scale([half_width, half_width, 1.0]),
        "film": {
            "type": "hdrfilm",
            "width": view.width,
            "height": view.height,
            "pixel_format": "rgb",
            "component_format": "float32",
            # The denoiser wants pixels with independent noise: no filter wider than a pixel.
            "rfilter": {"type": "box"},
        },
        "sampler": {"type": "multijitter", "sample_count": SAMPLES_A_PASS},
    }
