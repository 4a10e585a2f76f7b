"""The cameras of scene sets: orthographic, level with the x axis; tilted, or straight from above.

An orthographic camera under a light at infinity sees an object the same way wherever it stands,
which is what lets a scene be composed from sprites. The originals used a perspective camera at
(0, -7, 10) aimed at the origin; its elevation is 55 degrees. We tilt to 45 so that upright shapes
(heart, star, leaf) are foreshortened less and read at a glance. ComCO's camera looks straight down
(arXiv 2502.19842, the generator's z = 12 or 15), at objects that lie.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

TILTED, TOP = "tilted", "top"

PERSPECTIVE, PERSPECTIVE_TOP = "perspective", "perspective-top"
"""Blender's, in place of the two above; see ``benchwright.builders.blender.view``."""

ELEVATION = 45.0
"""Degrees above the horizon of the tilted camera, for which the shipped sprites are baked."""

ELEVATIONS = {
    TILTED: ELEVATION,
    TOP: 90.0,
    PERSPECTIVE: math.degrees(math.atan2(10, 7)),  # the originals' (0, -7, 10)
    PERSPECTIVE_TOP: 90.0,
}
"""Degrees above the horizon, by camera."""

FRAME_UNITS = 12.0
"""World units across the image: the originals' camera sees 11.2 at the origin; 12 keeps the
outermost slots (x = 4, radius 1.3) whole."""

CENTRE_ROWS = {TILTED: 0.56, TOP: 0.5, PERSPECTIVE: 0.56, PERSPECTIVE_TOP: 0.5}
"""Where the ground's origin lies, as a share of the image height: below the middle where objects
rise above the ground they stand on."""


def depth(y: float, camera: str) -> float:
    """World units of a ground point behind the ground's origin, along the camera's axis."""
    return round(y * math.cos(math.radians(ELEVATIONS[camera])), 4) + 0.0  # never -0.0


@dataclass(frozen=True, slots=True)
class Camera:
    """An orthographic view of the ground onto an image of ``width`` x ``height`` pixels."""

    width: int
    height: int
    name: str = TILTED

    @property
    def pixels_per_unit(self) -> float:
        """Image pixels a world unit, along x and along the image's vertical alike."""
        return self.width / FRAME_UNITS

    @property
    def centre_row(self) -> float:
        """Where the ground's origin lies, as a share of the image height."""
        return CENTRE_ROWS[self.name]

    @property
    def _sine(self) -> float:
        return math.sin(math.radians(ELEVATIONS[self.name]))

    def project(self, x: float, y: float) -> tuple[int, int]:
        """The pixel (column, row) at whose corner the ground point (x, y, 0) lies.

        Whole pixels: a sprite is then only ever copied, never resampled for its place.
        """
        rise = y * self._sine * self.pixels_per_unit
        column = math.floor(self.width / 2 + x * self.pixels_per_unit + 0.5)
        row = math.floor(self.height * self.centre_row - rise + 0.5)
        return column, row

    def unproject(self, column: float, row: float) -> tuple[float, float]:
        """The ground point (x, y), in world units, seen at an image position in pixels."""
        x = (column - self.width / 2) / self.pixels_per_unit
        rise = (self.height * self.centre_row - row) / self.pixels_per_unit
        return x, rise / self._sine
