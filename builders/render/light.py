"""The light: a neutral studio of three soft boxes and a bright ceiling, at infinity.

Three lamps as in CLEVR (key, fill, back), but as an environment: light at infinity looks the same
from every place on the ground, so that an object's image and shadow don't depend on where it
stands. Neutral, because a render then holds three grey renders, one a channel.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

ROWS = 256
"""Height of the environment map, 0.7 degrees a row: well below the soft boxes' edge width."""


@dataclass(frozen=True, slots=True)
class SoftBox:
    """A rectangular lamp with blurred edges.

    Attributes:
        azimuth: degrees clockwise from +y (away from the camera), seen from above.
        elevation: degrees above the horizon.
        half_width: degrees.
        half_height: degrees.
        share: of the light that a horizontal surface receives.
    """

    azimuth: float
    elevation: float
    half_width: float
    half_height: float
    share: float


KEY = SoftBox(azimuth=-128, elevation=52, half_width=17, half_height=17, share=0.45)
"""From the upper left, towards the camera: shadows fall to the right and away."""

FILL = SoftBox(azimuth=112, elevation=38, half_width=14, half_height=24, share=0.09)
"""Opens up the right-hand sides that the key leaves dark."""

RIM = SoftBox(azimuth=20, elevation=48, half_width=26, half_height=12, share=0.13)
"""From behind: sets upper edges off from the ground, and is what metal tops reflect."""

EDGE = 2.5
"""Width of a soft box's blurred edge, in degrees: sharper edges alias in highlights."""

HORIZON_LEVEL = 0.55
"""Radiance of the ceiling at the horizon, relative to the zenith."""


def _directions(rows: int) -> NDArray[np.float64]:
    """Unit vectors [rows, 2 * rows, 3] of an environment map's pixel centres, z up."""
    polar = math.pi * (np.arange(rows) + 0.5) / rows
    azimuth = math.pi * (np.arange(2 * rows) + 0.5) / rows
    sine = np.sin(polar)[:, None]
    return np.stack(
        np.broadcast_arrays(sine * np.sin(azimuth), sine * np.cos(azimuth), np.cos(polar)[:, None]),
        axis=-1,
    )


def _soft_box(box: SoftBox, directions: NDArray[np.float64]) -> NDArray[np.float64]:
    """Radiance of a soft box of unit brightness, 0 to 1, for each direction."""
    azimuth, elevation = math.radians(box.azimuth), math.radians(box.elevation)
    level = np.array([math.sin(azimuth), math.cos(azimuth), 0.0])
    forward = level * math.cos(elevation) + np.array([0.0, 0.0, math.sin(elevation)])
    right = np.array([level[1], -level[0], 0.0])
    up = np.cross(right, forward)
    depth = directions @ forward
    across = np.degrees(np.arctan2(directions @ right, depth))
    along = np.degrees(np.arctan2(directions @ up, depth))

    def inside(angle: NDArray[np.float64], half: float) -> NDArray[np.float64]:
        ramp = np.clip((half - np.abs(angle)) / EDGE + 0.5, 0.0, 1.0)
        return ramp * ramp * (3.0 - 2.0 * ramp)

    return np.where(depth > 0, inside(across, box.half_width) * inside(along, box.half_height), 0.0)


def environment() -> NDArray[np.float32]:
    """The light as an environment map.

    Normalised such that a horizontal white surface under it has radiance 1, so that empty ground
    has the radiance of its albedo. Dark below the horizon, where the ground hides it anyway.

    Returns:
        [ROWS, 2 * ROWS, 3] linear radiance; rows run from zenith to nadir, columns clockwise
        (seen from above) from +y.
    """
    directions = _directions(ROWS)
    height = np.maximum(directions[..., 2], 0.0)
    polar = math.pi * (np.arange(ROWS) + 0.5) / ROWS
    weight = height * np.sin(polar)[:, None] * (math.pi / ROWS) ** 2 / math.pi

    boxes = (KEY, FILL, RIM)
    ceiling = np.where(height > 0, HORIZON_LEVEL + (1.0 - HORIZON_LEVEL) * height, 0.0)
    total = ceiling * (1.0 - sum(box.share for box in boxes)) / (ceiling * weight).sum()
    for box in boxes:
        lamp = _soft_box(box, directions)
        total = total + lamp * box.share / (lamp * weight).sum()
    return np.repeat(total[..., None], 3, axis=2).astype(np.float32)
