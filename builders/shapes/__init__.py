"""Eighteen everyday shapes as procedural meshes: z up, standing on z = 0, facing -Y.

Building one needs the libraries of the optional extra for rendering; listing them needs none.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from benchwright.builders.shapes import cap, plates, solids, vessels

if TYPE_CHECKING:
    from trimesh import Trimesh

__all__ = ["SHAPES", "Shape", "mesh", "shade", "shaded"]

SMOOTH = 32.0  # degrees between faces: the steps of bevels and curves pass for one surface
FACETED = 5.0  # degrees; neighbouring facets of the diamond meet at as little as 10

ROUND = (0,)
FOURFOLD = tuple(range(0, 90, 15))
EIGHTFOLD = tuple(range(0, 45, 15))
FLAT = tuple(range(-44, 45, 11))  # turned further, a snowflake or a moon could be anything
TWOFOLD = (0, 22, 45, 67, 90, 112, 135, 157)
ALL_AROUND = tuple(range(0, 360, 45))


@dataclass(frozen=True, slots=True)
class Shape:
    """One shape of the catalogue.

    Attributes:
        name: Its name, as a caption says it.
        build: Makes its mesh anew; sizes are in scene units, about 2 across.
        yaws: Degrees, counter-clockwise seen from above, at which it is worth rendering: 0 and
            others, no two of which look the same.
        crease: Degrees between two faces from which their edge is seen as an edge.
    """

    name: str
    build: Callable[[], Trimesh]
    yaws: tuple[int, ...]
    crease: float = SMOOTH


SHAPES: dict[str, Shape] = {
    shape.name: shape
    for shape in (
        Shape("cube", solids.cube, FOURFOLD),
        Shape("sphere", solids.sphere, ROUND),
        Shape("cylinder", solids.cylinder, ROUND),
        Shape("mug", vessels.mug, ALL_AROUND),
        Shape("pentagon", plates.pentagon, FLAT),
        Shape("heart", plates.heart, FLAT),
        Shape("cone", solids.cone, ROUND),
        Shape("pyramid", solids.pyramid, FOURFOLD),
        Shape("diamond", solids.diamond, EIGHTFOLD, FACETED),
        Shape("moon", plates.moon, FLAT),
        Shape("cross", plates.cross, FLAT),
        Shape("snowflake", plates.snowflake, FLAT),
        Shape("leaf", plates.leaf, FLAT),
        Shape("arrow", plates.arrow, FLAT),
        Shape("star", plates.star, FLAT),
        Shape("torus", solids.torus, FLAT),
        Shape("pot", vessels.pot, TWOFOLD),
        Shape("cap", cap.cap, ALL_AROUND),
    )
}


def mesh(name: str) -> Trimesh:
    """Build a shape's mesh.

    Args:
        name: A key of ``SHAPES``.

    Returns:
        A closed mesh, z up, its lowest point at z = 0, faces outwards.

    Raises:
        KeyError: No shape has this name.
    """
    return SHAPES[name].build()


def shaded(name: str) -> Trimesh:
    """Build a shape's mesh with vertex normals ready for rendering; see ``shade``.

    Raises:
        KeyError: No shape has this name.
    """
    return shade(mesh(name), SHAPES[name].crease)


def shade(whole: Trimesh, crease: float) -> Trimesh:
    """Split a mesh at its sharp edges and give it normals; it is no longer closed then.

    Normals are weighted by the area of the faces: beside a bevel a flat face stays flat in the
    light.

    Args:
        whole: Any mesh.
        crease: Degrees between two faces from which their edge is seen as an edge.

    Returns:
        The mesh with unit normals in ``vertex_normals``.
    """
    import trimesh

    split = trimesh.graph.smooth_shade(whole, angle=np.radians(crease))
    corners = split.triangles
    weighted = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    normals = np.zeros_like(split.vertices)
    np.add.at(normals, split.faces, weighted[:, None, :])
    normals /= np.maximum(np.linalg.norm(normals, axis=1, keepdims=True), 1e-12)
    return trimesh.Trimesh(split.vertices, split.faces, vertex_normals=normals, process=False)
