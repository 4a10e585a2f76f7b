"""Outlines of the flat shapes, as polygons in (x, z): x to the right, z up.

Corners are rounded by more than the plates' bevel, so that the bevel runs around them unbroken.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from shapely import Polygon

    from benchwright.builders.shapes.forming import Points

ARC = 12  # segments of a quarter turn where a corner is rounded
COARSE = 3e-4  # how far an outline may leave its curve: a tenth of a pixel at 512 px
MOON_TILT = 24.0  # degrees counter-clockwise
LEAF_TILT = -32.0  # degrees; upright, leaf and stem look like a tree
SHARPEST = 20.0  # mitre limit: long enough for the points of the moon and the leaf


def rounded(outline: Polygon, corner: float, notch: float = 0.0) -> Polygon:
    """Round the corners of an outline by ``corner``, then its inner corners by ``notch``."""
    inset = outline.buffer(-corner, join_style="mitre", mitre_limit=SHARPEST)
    full = inset.buffer(corner, quad_segs=ARC)
    if notch == 0.0:
        return full.simplify(COARSE)
    wide = full.buffer(notch, join_style="mitre")
    return wide.buffer(-notch, quad_segs=ARC).simplify(COARSE)


def spokes(count: int, radius: float | Points, start: float = 90.0) -> Points:
    """Points around the origin, the first at ``start`` degrees, counter-clockwise."""
    turn = np.radians(start) + np.arange(count) * 2.0 * np.pi / count
    return np.asarray(np.column_stack([np.cos(turn), np.sin(turn)]) * np.reshape(radius, (-1, 1)))


def pentagon() -> Polygon:
    """A regular pentagon on its side."""
    from shapely import Polygon

    return rounded(Polygon(spokes(5, 1.06)), 0.09)


def heart() -> Polygon:
    """A heart on its tip, drawn tall: from above it is seen foreshortened."""
    from shapely import Polygon

    t = np.linspace(0.0, 2.0 * np.pi, 180, endpoint=False)
    x = 16.0 * np.sin(t) ** 3
    z = 13.0 * np.cos(t) - 5.0 * np.cos(2 * t) - 2.0 * np.cos(3 * t) - np.cos(4 * t)
    return rounded(Polygon(np.column_stack([x / 15.2, z / 13.6])), 0.13, 0.07)


def moon() -> Polygon:
    """A crescent, tilted so that its horns open to the upper right."""
    from shapely import Point, affinity

    crescent = Point(0.0, 0.0).buffer(1.04, quad_segs=40) - Point(0.40, 0.0).buffer(
        0.84, quad_segs=40
    )
    return affinity.rotate(rounded(crescent, 0.045), MOON_TILT, origin=(0.0, 0.0))


def cross() -> Polygon:
    """A plus sign with thick arms."""
    from shapely import box

    return rounded(box(-0.35, -1.0, 0.35, 1.0) | box(-1.0, -0.35, 1.0, 0.35), 0.1, 0.03)


def snowflake() -> Polygon:
    """Six arms with two pairs of side branches, around a hexagonal hub."""
    from shapely import LineString, Polygon, affinity, union_all

    arm = [LineString([(0.0, 0.0), (0.0, 1.0)]).buffer(0.08, cap_style="flat")]
    for start, length in ((0.42, 0.34), (0.72, 0.24)):
        for side in (-1.0, 1.0):
            tip = (side * length * np.sin(np.pi / 3), start + length * np.cos(np.pi / 3))
            arm.append(LineString([(0.0, start), tip]).buffer(0.07, cap_style="flat"))
    arms = [affinity.rotate(part, 60 * k, origin=(0.0, 0.0)) for k in range(6) for part in arm]
    return rounded(union_all([*arms, Polygon(spokes(6, 0.22))]), 0.055, 0.02)


def arrow() -> Polygon:
    """A short thick arrow that points to the right."""
    from shapely import Polygon

    upper = [(1.1, 0.0), (0.14, 0.86), (0.14, 0.36), (-1.1, 0.36)]
    lower = [(x, -z) for x, z in reversed(upper[1:])]
    return rounded(Polygon(upper + lower), 0.09, 0.03)


def star() -> Polygon:
    """A five-pointed star on two of its points."""
    from shapely import Polygon

    return rounded(Polygon(spokes(10, np.tile([1.17, 0.53], 5))), 0.08, 0.03)


def leaf_blade() -> Polygon:
    """An oval leaf with a drawn-out tip, tilted to the right; its base is the origin."""
    from shapely import Polygon, affinity

    left = _curve((0.0, 0.0), (-1.12, 0.25), (-0.78, 1.2), (0.14, 2.0))
    right = _curve((0.0, 0.0), (0.98, 0.2), (0.95, 1.1), (0.14, 2.0))
    blade = rounded(Polygon(np.vstack([left, right[-2:0:-1]])), 0.065)
    return affinity.rotate(blade, LEAF_TILT, origin=(0.0, 0.0))


def leaf_veins() -> Polygon:
    """The leaf's midrib, which goes on below as the stem, and its curved side veins."""
    from shapely import LineString, Polygon, affinity, union_all

    spine = _curve((0.12, -0.4), (-0.04, -0.1), (-0.04, 0.8), (0.11, 1.78))
    half = np.linspace(0.085, 0.045, len(spine))[:, None] * (1.0, 0.0)
    midrib = Polygon(np.vstack([spine + half, (spine - half)[::-1]]))
    side_veins = []
    for start, reach in ((0.2, 0.46), (0.62, 0.42), (1.02, 0.31)):
        for side in (-1.0, 1.0):
            vein = _curve((0.0, 0.0), (0.4, 0.25), (0.8, 0.55), (1.0, 1.0))
            bent = vein * (side * reach, reach) + (0.0, start)
            side_veins.append(LineString(bent).buffer(0.048, quad_segs=6))
    veins = affinity.rotate(union_all([midrib, *side_veins]), LEAF_TILT, origin=(0.0, 0.0))
    return rounded(veins, 0.035, 0.02)


def _curve(*controls: tuple[float, float]) -> Points:
    """A cubic Bezier curve through the first and the last of four control points."""
    t = np.linspace(0.0, 1.0, 40)[:, None]
    a, b, c, d = np.array(controls)
    s = 1.0 - t
    return np.asarray(s**3 * a + 3.0 * s**2 * t * b + 3.0 * s * t**2 * c + t**3 * d)
