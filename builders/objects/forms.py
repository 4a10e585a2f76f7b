"""From a part's description to its mesh: the primitives of ``data/objects``."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike

from benchwright.builders.objects.entry import Part
from benchwright.builders.shapes.forming import (
    Points,
    common,
    cut,
    hull_of_balls,
    joined,
    lofted,
    rounded_hull,
    turned,
)
from benchwright.builders.shapes.plates import plate
from benchwright.builders.turning import rotation

if TYPE_CHECKING:
    from trimesh import Trimesh

CURVE_STEPS = 8
"""Points a smooth curve gets between two given ones: bends of up to 60 degrees look round."""

TUBE_CORNERS = 20
"""Facets around a tube; its normals are smoothed, and the outline is thin."""

CLOSED = 1e-6
"""Distance below which the two ends of a path are the same point: the tube is a ring."""

PLANES = {
    "front": np.eye(3),
    "top": np.array([[1.0, 0, 0], [0, 0, 1], [0, -1, 0]]),
    "side": np.array([[0.0, -1, 0], [1, 0, 0], [0, 0, 1]]),
}
"""Rotation that takes a plate's (x, thickness, z) to the axes of a plane."""


def formed(part: Part) -> Trimesh:
    """The mesh of a part in its own coordinates, its cuts taken out; faces outwards.

    Raises:
        ValueError: the numbers give no solid.
    """
    solid = _FORMS[part.form](part)
    if solid.volume < 0:  # a path or loop that runs the other way round
        solid.invert()
    if part.cut:
        solid = cut(solid, *_tools(part.cut))
    if part.within:
        solid = common(solid, joined(*_tools(part.within)))
    if not len(solid.faces) or not np.isfinite(solid.vertices).all():
        raise ValueError(f"this {part.form} is empty: nothing is left of it")
    return solid


def _tools(parts: Sequence[Part]) -> list[Trimesh]:
    return [tool for part in parts for tool in copies(moved(formed(part), part), part)]


def moved(mesh: Trimesh, part: Part) -> Trimesh:
    """A part's mesh scaled, turned and moved as the part says."""
    return _transformed(mesh, rotation(part.turn) @ np.diag(part.size), part.at)


def copies(mesh: Trimesh, part: Part) -> list[Trimesh]:
    """A placed mesh with its repetitions and their mirror images."""
    made = [mesh]
    if part.repeat:
        axis = np.eye(3)["xyz".index(part.repeat.about)]
        for _ in range(part.repeat.count - 1):
            after = made[-1].copy()
            turn = rotation(list(axis * part.repeat.turn))
            made.append(_transformed(after, turn, part.repeat.step))
    if part.mirror:
        flip = np.eye(4)
        flip["xyz".index(part.mirror), "xyz".index(part.mirror)] = -1.0
        images = [original.copy() for original in made]
        for image in images:
            image.apply_transform(flip)  # which turns the faces over, too
        made += images
    return made


def _transformed(mesh: Trimesh, matrix: Points, move: ArrayLike) -> Trimesh:
    whole = np.eye(4)
    whole[:3, :3], whole[:3, 3] = matrix, move
    mesh.apply_transform(whole)
    return mesh


def smooth(points: ArrayLike, closed: bool = False) -> Points:
    """A Catmull-Rom curve through points, [steps, dimensions]; the points themselves are on it."""
    given = np.asarray(points, dtype=np.float64)
    count = len(given)
    if count < 3:
        return given
    ends = (given[-1:], given[:2]) if closed else (
        2 * given[:1] - given[1:2], 2 * given[-1:] - given[-2:-1])  # fmt: skip
    padded = np.vstack([ends[0], given, ends[1]])
    s = np.linspace(0.0, 1.0, CURVE_STEPS, endpoint=False)[:, None]
    pieces = []
    for i in range(count if closed else count - 1):
        a, b, c, d = padded[i : i + 4]
        pieces.append(0.5 * (2 * b + (c - a) * s + (2 * a - 5 * b + 4 * c - d) * s**2
                             + (3 * b - a - 3 * c + d) * s**3))  # fmt: skip
    return np.vstack(pieces if closed else [*pieces, given[-1:]])


def _box(part: Part) -> Trimesh:
    half = np.asarray(part.box, dtype=np.float64) / 2.0
    radius = min(part.round, float(half.min()) * 0.98)
    if radius < 1e-4:
        from trimesh.creation import box

        return box(extents=2.0 * half)
    inner = half - radius
    signs = np.array([(x, y, z) for x in (-1, 1) for y in (-1, 1) for z in (-1, 1)])
    return rounded_hull(signs * inner, radius)


def _ellipsoid(part: Part) -> Trimesh:
    from trimesh.creation import icosphere

    ball = icosphere(subdivisions=4)
    ball.apply_scale(part.ellipsoid)
    return ball


def _lathe(part: Part) -> Trimesh:
    """The profile is closed along the axis, and may come back to it inside: a bowl."""
    from shapely import Polygon

    profile = smooth(part.lathe or ()) if part.curve else np.asarray(part.lathe, dtype=np.float64)
    profile = np.column_stack([np.maximum(profile[:, 0], 0.0), profile[:, 1]])
    section = Polygon([(0.0, profile[0, 1]), *profile, (0.0, profile[-1, 1])]).buffer(0)
    if section.geom_type != "Polygon":
        section = max(section.geoms, key=lambda piece: piece.area)
    return turned(section)


def _tube(part: Part) -> Trimesh:
    path = np.asarray(part.tube, dtype=np.float64)
    radii = np.broadcast_to(np.asarray(part.radius, dtype=np.float64), (len(path),))
    ring = len(path) > 3 and bool(np.linalg.norm(path[0] - path[-1]) < CLOSED)
    if part.curve:
        drawn = smooth(np.column_stack([path, radii])[: -1 if ring else None], ring)
        path, radii = drawn[:, :3], drawn[:, 3]
        if ring:
            path, radii = np.vstack([path, path[:1]]), np.append(radii, radii[0])
    return lofted(_sections(path, radii, part.flat))


def _sections(path: Points, radii: Points, flat: float) -> Points:
    """Ellipses across a path, [points, corners, 3], turned as little as can be along it."""
    along = np.gradient(path, axis=0)
    along /= np.maximum(np.linalg.norm(along, axis=1, keepdims=True), 1e-12)
    up = np.array([0.0, 0.0, 1.0]) if abs(along[0, 2]) < 0.9 else np.array([0.0, 1.0, 0.0])
    turn = np.linspace(0.0, 2.0 * np.pi, TUBE_CORNERS, endpoint=False)[:, None]
    rings = []
    for place, direction, radius in zip(path, along, radii, strict=True):
        sideways = np.cross(direction, up)
        sideways /= max(float(np.linalg.norm(sideways)), 1e-12)
        up = np.cross(sideways, direction)
        rings.append(place + radius * (np.cos(turn) * sideways + np.sin(turn) * flat * up))
    return np.stack(rings)


def _extrude(part: Part) -> Trimesh:
    from shapely import Polygon

    def ring(points: Sequence[Sequence[float]]) -> Points:
        return smooth(points, closed=True) if part.curve else np.asarray(points, dtype=np.float64)

    outline = Polygon(ring(part.extrude or ()), [ring(hole) for hole in part.holes])
    if not outline.is_valid:
        raise ValueError("the outline crosses itself, or a hole leaves it")
    bevel = min(part.bevel, 0.49 * part.depth)
    mesh = plate(outline, part.depth, bevel)
    mesh.vertices = mesh.vertices @ PLANES[part.plane].T
    return mesh


def _hull(part: Part) -> Trimesh:
    return hull_of_balls(np.asarray(part.hull, dtype=np.float64))


def _limb(part: Part) -> Trimesh:
    balls = np.asarray(part.limb, dtype=np.float64)
    if part.curve:
        balls = smooth(balls)
    balls[:, 3] = np.maximum(balls[:, 3], 1e-3)
    pieces = [hull_of_balls(balls[i : i + 2]) for i in range(max(1, len(balls) - 1))]
    return joined(*pieces) if len(pieces) > 1 else pieces[0]


_FORMS: dict[str, Callable[[Part], Trimesh]] = {
    "box": _box, "ellipsoid": _ellipsoid, "lathe": _lathe, "tube": _tube,
    "extrude": _extrude, "hull": _hull, "limb": _limb,
}  # fmt: skip
