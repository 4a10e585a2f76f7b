"""Flat shapes that stand upright and face -Y: an outline, extruded, with a round bevel."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from benchwright.builders.shapes import outlines
from benchwright.builders.shapes.forming import grounded, joined

if TYPE_CHECKING:
    from shapely import Polygon
    from trimesh import Trimesh

    from benchwright.builders.shapes.forming import Points

BEVEL_STEPS = 6  # facets of a bevel's quarter turn, 15 degrees each: shaded as one curve


def plate(outline: Polygon, thickness: float, bevel: float) -> Trimesh:
    """Extrude an outline and round the edges of its two faces.

    The bevel is a quarter circle walked inwards from the outline: ever smaller insets of the
    outline, each a step nearer the face, with the ring between two insets triangulated. So it
    needs no match between their corners and holds where an inset falls into pieces.

    Args:
        outline: The face, in (x, z).
        thickness: Extent along y, centred on y = 0.
        bevel: Radius of the bevel; below the outline's own corner radius.

    Returns:
        The closed plate, the same in front and behind.
    """
    import shapely
    import trimesh

    turn = np.linspace(0.0, np.pi / 2.0, BEVEL_STEPS + 1)
    levels = thickness / 2.0 - bevel * (1.0 - np.sin(turn))
    insets = [outline]
    for inset in bevel * (1.0 - np.cos(turn[1:])):
        insets.append(outline.buffer(-inset, quad_segs=outlines.ARC).simplify(outlines.COARSE))

    halves = []
    for outer, inner, low, high in zip(insets, insets[1:], levels, levels[1:], strict=False):
        corners = _triangles(outer - inner)
        on_inner = shapely.distance(shapely.points(corners), inner.boundary) < 1e-9
        halves.append(_placed(corners, np.where(on_inner, high, low)))
    face = _triangles(insets[-1])
    halves.append(_placed(face, np.full(face.shape[:2], levels[-1])))
    behind = np.vstack(halves)
    front = (behind * (1.0, -1.0, 1.0))[:, ::-1]
    triangles = np.vstack([behind, front, _wall(outline, levels[0])])
    return trimesh.Trimesh(triangles.reshape(-1, 3), np.arange(3 * len(triangles)).reshape(-1, 3))


def _triangles(area: Polygon) -> Points:
    """Triangles of an area, shape (n, 3, 2), clockwise in (x, z): they face +y."""
    import shapely

    rings = shapely.get_coordinates(shapely.constrained_delaunay_triangles(area))
    corners = rings.reshape(-1, 4, 2)[:, :3]
    (ax, az), (bx, bz) = (corners[:, k].T - corners[:, 0].T for k in (1, 2))
    anticlockwise = ax * bz - az * bx > 0.0
    corners[anticlockwise] = corners[anticlockwise][:, ::-1]
    return np.asarray(corners)


def _placed(corners: Points, y: Points) -> Points:
    return np.stack([corners[..., 0], y, corners[..., 1]], axis=-1)


def _wall(outline: Polygon, half: float) -> Points:
    """The band around an outline between y = -half and y = half, shape (n, 3, 3)."""
    from shapely.geometry.polygon import orient

    solid = orient(outline)  # counter-clockwise outside, clockwise holes: one rule for both
    bands = []
    for ring in (solid.exterior, *solid.interiors):
        edge = np.asarray(ring.coords)
        front, behind = (_placed(edge, np.full(len(edge), y)) for y in (-half, half))
        bands.append(np.stack([front[:-1], behind[1:], front[1:]], axis=1))
        bands.append(np.stack([front[:-1], behind[:-1], behind[1:]], axis=1))
    return np.vstack(bands)


def pentagon() -> Trimesh:
    """A pentagonal prism on its side."""
    return grounded(plate(outlines.pentagon(), 0.5, 0.07))


def heart() -> Trimesh:
    """A plump heart on its tip."""
    return grounded(plate(outlines.heart(), 0.56, 0.12))


def moon() -> Trimesh:
    """A crescent moon, thinner towards its horns: else they'd look cut off from above."""
    crescent = plate(outlines.moon(), 0.5, 0.04)
    tilt = np.radians(outlines.MOON_TILT)
    towards_horns = crescent.vertices[:, [0, 2]] @ (np.cos(tilt), np.sin(tilt))
    crescent.vertices[:, 1] *= np.sqrt(np.clip((0.66 - towards_horns) / 1.3, 0.0, 1.0))
    return grounded(crescent)


def cross() -> Trimesh:
    """A plus sign."""
    return grounded(plate(outlines.cross(), 0.52, 0.07))


def snowflake() -> Trimesh:
    """A snowflake on the tip of one arm; thin, or it would hide its own gaps from above."""
    return grounded(plate(outlines.snowflake(), 0.25, 0.035))


def leaf() -> Trimesh:
    """A leaf on its stem, the veins raised on both faces."""
    blade = plate(outlines.leaf_blade(), 0.28, 0.06)
    return grounded(joined(blade, plate(outlines.leaf_veins(), 0.4, 0.03)))


def arrow() -> Trimesh:
    """An arrow that points to +x."""
    return grounded(plate(outlines.arrow(), 0.55, 0.07))


def star() -> Trimesh:
    """A five-pointed star."""
    return grounded(plate(outlines.star(), 0.5, 0.07))
