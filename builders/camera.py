"""The camera of scene sets: orthographic, tilted, level with the x axis.

An orthographic camera under a light at infinity sees an object the same way wherever it stands,
which is what lets a scene be composed from sprites. The originals used a perspective camera at
(0, -7, 10) aimed at the origin; its elevation is 55 degrees. We tilt to 45 so that upright shapes
(heart, star, leaf) are foreshortened less and read at a glance.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

ELEVATION = 45.0
"""Degrees above the horizon, for the baked sprites and every scene composed from them."""

FRAME_UNITS = 12.0
"""World units across the image: the originals' camera sees 11.2 at the origin; 12 keeps the
outermost slots (x = 4, radius 1.3) whole."""

CENTRE_ROW = 0.56
"""Where the ground's origin lies, as a share of the image height: below the middle, since objects
rise above the ground they stand on."""


def depth(y: float) -> float:
    """World units of a ground point behind the ground's origin, along the camera's axis."""
    return round(y * math.cos(math.radians(ELEVATION)), 4) + 0.0  # never -0.0


@dataclass(frozen=True, slots=True)
class Camera:
    """An orthographic view of the ground onto an image of ``width`` x ``height`` pixels."""

    width: int
    height: int

    @property
    def pixels_per_unit(self) -> float:
        """Image pixels a world unit, along x and along the image's vertical alike."""
        return self.width / FRAME_UNITS

    def project(self, x: float, y: float) -> tuple[int, int]:
        """The pixel (column, row) at whose corner the ground point (x, y, 0) lies.

        Whole pixels: a sprite is then only ever copied, never resampled for its place.
        """
        rise = y * math.sin(math.radians(ELEVATION)) * self.pixels_per_unit
        column = math.floor(self.width / 2 + x * self.pixels_per_unit + 0.5)
        row = math.floor(self.height * CENTRE_ROW - rise + 0.5)
        return column, row

    def unproject(self, column: float, row: float) -> tuple[float, float]:
        """The ground point (x, y), in world units, seen at an image position in pixels."""
        x = (column - self.width / 2) / self.pixels_per_unit
        rise = (self.height * CENTRE_ROW - row) / self.pixels_per_unit
        return x, rise / math.sin(math.radians(ELEVATION))
