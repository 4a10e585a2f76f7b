"""Ways to form a solid: turn a section on a lathe, loft through loops, sweep a tube, round a hull.

The libraries are imported inside the functions: they belong to an optional extra, and the
command line reads the names of the shapes without them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike, NDArray

if TYPE_CHECKING:
    from manifold3d import Manifold
    from shapely import Polygon
    from trimesh import Trimesh

Points = NDArray[np.float64]

TURNS = 128  # facets of a full turn: 2.8 degrees each, no corner seen in the outline at 512 px
BALL_FACETS = 32  # around the small ball that rounds a hull's corners


def _trimesh(solid: Manifold) -> Trimesh:
    import trimesh

    mesh = solid.to_mesh64()
    return trimesh.Trimesh(mesh.vert_properties[:, :3], mesh.tri_verts)


def turned(section: Polygon) -> Trimesh:
    """Turn a section about the z axis.

    Args:
        section: The cut through the axis, as (distance from the axis, z); what lies left of
            the axis is ignored, so a section may be drawn whole to get round ends right.

    Returns:
        The closed solid of revolution.
    """
    from manifold3d import CrossSection
    from shapely.geometry.polygon import orient

    edge = np.asarray(orient(section).exterior.coords)[:-1]
    return _trimesh(CrossSection([edge]).revolve(TURNS))


def lofted(loops: Points) -> Trimesh:
    """Join a row of loops by a skin, and close the first and the last with a fan.

    Args:
        loops: Corners of the loops, shape (loops, corners, 3). Seen against the direction from
            the first to the last loop, corners run counter-clockwise.

    Returns:
        The closed solid.
    """
    import trimesh

    rows, corners = loops.shape[:2]
    here = np.arange(rows * corners).reshape(rows, corners)
    after = np.roll(here, -1, axis=1)
    a, b, c, d = here[:-1].ravel(), after[:-1].ravel(), after[1:].ravel(), here[1:].ravel()
    first, last = rows * corners, rows * corners + 1
    faces = [
        np.column_stack([a, b, c]),
        np.column_stack([a, c, d]),
        np.column_stack([after[0], here[0], np.full(corners, first)]),
        np.column_stack([here[-1], after[-1], np.full(corners, last)]),
    ]
    middles = loops[[0, -1]].mean(axis=1)
    return trimesh.Trimesh(np.vstack([loops.reshape(-1, 3), middles]), np.vstack(faces))


def tube(path: Points, normal: ArrayLike, wide: Points, high: Points, corners: int = 28) -> Trimesh:
    """Sweep an ellipse along a path that lies in a plane.

    Args:
        path: Points of the path, shape (n, 3).
        normal: Unit normal of the path's plane.
        wide: Half-widths of the ellipse along ``normal``, shape (n,).
        high: Half-widths of the ellipse in the plane, across the path, shape (n,).
        corners: Corners of one ellipse.

    Returns:
        The closed tube.
    """
    along = np.gradient(path, axis=0)
    along /= np.linalg.norm(along, axis=1, keepdims=True)
    out = np.asarray(normal, dtype=np.float64)
    across = np.cross(along, out)
    turn = np.linspace(0.0, 2.0 * np.pi, corners, endpoint=False)[None, :, None]
    sideways = np.cos(turn) * wide[:, None, None] * out
    crosswise = np.sin(turn) * high[:, None, None] * across[:, None, :]
    return lofted(path[:, None, :] + sideways + crosswise)


def rounded_hull(corners: ArrayLike, radius: float) -> Trimesh:
    """Form the convex solid on some corners, its corners and edges rounded.

    Args:
        corners: Centres of the balls that round the corners, shape (n, 3): the solid reaches
            ``radius`` beyond them.
        radius: Radius of corners and edges.

    Returns:
        The closed convex solid.
    """
    from manifold3d import Manifold

    ball = Manifold.sphere(radius, BALL_FACETS)
    places = np.asarray(corners, dtype=np.float64)
    return _trimesh(Manifold.batch_hull([ball.translate(place) for place in places]))


def hull_of_balls(balls: Points) -> Trimesh:
    """Form the convex solid on balls of their own sizes.

    Args:
        balls: x, y, z and radius of each, shape (n, 4).

    Returns:
        The closed convex solid.
    """
    from manifold3d import Manifold

    placed = [Manifold.sphere(r, BALL_FACETS).translate((x, y, z)) for x, y, z, r in balls]
    return _trimesh(Manifold.batch_hull(placed))


def joined(*parts: Trimesh) -> Trimesh:
    """Unite solids that overlap into one closed solid."""
    import trimesh

    whole: Trimesh = trimesh.boolean.union(parts, engine="manifold")
    return whole


def cut(body: Trimesh, *tools: Trimesh) -> Trimesh:
    """Take tools out of a body; the result is closed."""
    import trimesh

    rest: Trimesh = trimesh.boolean.difference([body, *tools], engine="manifold")
    return rest


def common(one: Trimesh, other: Trimesh) -> Trimesh:
    """What two solids share; closed."""
    import trimesh

    shared: Trimesh = trimesh.boolean.intersection([one, other], engine="manifold")
    return shared


def grounded(mesh: Trimesh) -> Trimesh:
    """Set a mesh down in place: its lowest point at z = 0, its footprint centred on the origin."""
    low, high = mesh.bounds
    middle = (low + high) / 2.0
    mesh.apply_translation([-middle[0], -middle[1], -low[2]])
    return mesh
