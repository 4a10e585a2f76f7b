"""What Blender's scenes are seen by: the originals' perspective cameras, three area lamps.

The originals' camera stands at (0, -7, 10) and looks at the ground's origin (35 mm lens, 32 mm
sensor); ComCO's looks straight down. Ours look along the same lines from further off, so that the
outermost of our slots are wholly in the frame.
"""

from __future__ import annotations

from typing import Any

from benchwright.builders.camera import PERSPECTIVE, PERSPECTIVE_TOP

AREA_LAMPS = "area-lamps"
"""Name of this light in records."""

LENS, SENSOR = 35.0, 32.0
"""Millimetres, the originals': the camera sees 49 degrees."""

BACK = 1.4
"""Times as far from the origin as the originals' tilted camera: at 1.35 the large objects of our
bottom corners begin to leave the frame."""

UP = 1.2
"""Times as high as the originals' 15 of the camera that looks straight down: the same reason."""

CAMERAS: dict[str, dict[str, Any]] = {
    PERSPECTIVE: {"place": (0.0, -7.0 * BACK, 10.0 * BACK), "shift": 0.045},
    PERSPECTIVE_TOP: {"place": (0.0, 0.0, 15.0 * UP), "shift": 0.0},
}
"""By name in records. ``shift``, in image widths, moves the origin below the middle: objects rise
above the ground they stand on."""

KEY = {"place": (11.0, -9.0, 14.0), "side": 4.0, "watts": 2150.0}
FILL = {"place": (-13.0, -9.0, 10.0), "side": 6.0, "watts": 810.0}
RIM = {"place": (-4.0, 13.0, 13.0), "side": 5.0, "watts": 810.0}
"""Key from the right, fill from the left, rim from behind, aimed at the origin; side in world
units. At these watts, with ``AMBIENT``, empty ground at the origin shows the colour it is given."""

AMBIENT = 0.35
"""Radiance from all around: lightens what no lamp reaches."""

ORIGIN = (0.0, 0.0, 0.0)


def camera(name: str) -> dict[str, Any]:
    """A camera as the worker takes it."""
    return {**CAMERAS[name], "aim": ORIGIN, "lens": LENS, "sensor": SENSOR}


def lamps() -> list[dict[str, Any]]:
    """The lamps as the worker takes them."""
    return [{**lamp, "aim": ORIGIN} for lamp in (KEY, FILL, RIM)]
