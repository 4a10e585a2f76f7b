"""The round and the faceted solids: cube, sphere, cylinder, cone, pyramid, diamond, torus."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from benchwright.builders.shapes.forming import TURNS, grounded, rounded_hull, turned
from benchwright.builders.shapes.outlines import rounded, spokes

if TYPE_CHECKING:
    from trimesh import Trimesh


def cube() -> Trimesh:
    """A cube with softened edges."""
    radius = 0.07
    low, high = -0.775 + radius, 0.775 - radius
    corners = [(x, y, z) for x in (low, high) for y in (low, high) for z in (low, high)]
    return grounded(rounded_hull(corners, radius))


def sphere() -> Trimesh:
    """A ball."""
    from trimesh.creation import icosphere

    return grounded(icosphere(subdivisions=5, radius=0.95))


def cylinder() -> Trimesh:
    """An upright cylinder with softened edges."""
    from shapely import box

    return grounded(turned(rounded(box(-0.74, 0.0, 0.74, 1.65), 0.06)))


def cone() -> Trimesh:
    """A cone, its point a little blunt."""
    from shapely import Polygon

    return grounded(turned(rounded(Polygon([(-0.98, 0.0), (0.98, 0.0), (0.0, 2.03)]), 0.05)))


def pyramid() -> Trimesh:
    """A square pyramid with softened edges."""
    base = [(x, y, 0.0) for x in (-0.83, 0.83) for y in (-0.83, 0.83)]
    return grounded(rounded_hull([*base, (0.0, 0.0, 1.54)], 0.05))


def diamond() -> Trimesh:
    """A brilliant on its tip: table, star and kite facets, girdle and pavilion, all eightfold.

    The heights of the two inner rings put the four corners of each kite in one plane. Cut deeper
    than a real stone: at the ideal 41 degrees the pavilion can't be seen from 45 degrees above.
    """
    import trimesh

    girdle, low, high, top = 0.98, 1.45, 1.51, 1.92  # radius; heights of its edges and the table
    table, crown, pavilion = 0.55, 0.79, 0.45  # radii of the table and the two inner rings
    tilt = np.cos(np.pi / 8.0)  # the inner rings stand half a step round from the kites' axes
    crown_z = top - (crown * tilt - table) * (top - high) / (girdle - table)
    pavilion_z = low * pavilion * tilt / girdle
    rings = (
        (girdle, low, 0.0),
        (girdle, high, 0.0),
        (table, top, 0.0),
        (crown, crown_z, 22.5),
        (pavilion, pavilion_z, 22.5),
    )
    corners = [
        np.column_stack([spokes(8, radius, start), np.full(8, z)]) for radius, z, start in rings
    ]
    return grounded(trimesh.convex.convex_hull(np.vstack([*corners, np.zeros((1, 3))])))


def torus() -> Trimesh:
    """A ring that stands upright and faces -Y."""
    import trimesh

    ring = trimesh.creation.torus(0.68, 0.3, major_sections=TURNS, minor_sections=48)
    ring.vertices = ring.vertices[:, [0, 2, 1]] * (1.0, -1.0, 1.0)  # a quarter turn about x
    return grounded(ring)
