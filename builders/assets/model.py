"""A model: an asset's geometry with its own colours, normalised to stand in a scene."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from benchwright.builders.camera import ELEVATION

if TYPE_CHECKING:
    from trimesh import Trimesh

LONGEST = 2.3
"""World units of a model's projected width or height, whichever is longer: as long as the largest
built-in shape."""

BROADEST = 1.9
"""World units, the most that the geometric mean of the two may be: a stout object is no larger
than a long one is long."""


@dataclass(frozen=True, slots=True)
class Texture:
    """An image on a surface.

    Attributes:
        image: uint8 [h, w, 3] or, with holes, [h, w, 4], sRGB.
        uv: float32 [n, 2], one place a vertex; v runs upwards.
    """

    image: NDArray[np.uint8]
    uv: NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Surface:
    """Triangles of one paint and finish.

    Attributes:
        vertices: float64 [n, 3].
        normals: float64 [n, 3], unit length.
        faces: int64 [m, 3], vertex indices.
        paint: linear albedo (r, g, b), each 0 to 1, or a texture.
        finish: ``matt``, ``glossy``, ``metal`` or ``mirror``.
    """

    vertices: NDArray[np.float64]
    normals: NDArray[np.float64]
    faces: NDArray[np.int64]
    paint: tuple[float, float, float] | Texture
    finish: str

    @classmethod
    def of(cls, mesh: Trimesh, paint: tuple[float, float, float] | Texture, finish: str) -> Surface:
        """The surface of a mesh that has vertex normals."""
        return cls(np.asarray(mesh.vertices), np.asarray(mesh.vertex_normals),
                   np.asarray(mesh.faces), paint, finish)  # fmt: skip

    def turned(self, matrix: NDArray[np.float64]) -> Surface:
        """Turned by a rotation matrix [3, 3]."""
        return replace(self, vertices=self.vertices @ matrix.T, normals=self.normals @ matrix.T)

    def placed(self, scale: float, move: NDArray[np.float64]) -> Surface:
        """Scaled about the origin, then moved."""
        return replace(self, vertices=self.vertices * scale + move)


@dataclass(frozen=True, slots=True)
class Model:
    """Surfaces that make up one object, z up, facing -y."""

    surfaces: tuple[Surface, ...]

    @property
    def vertices(self) -> NDArray[np.float64]:
        """All of them, [n, 3]."""
        return np.vstack([surface.vertices for surface in self.surfaces])

    def turned(self, matrix: NDArray[np.float64]) -> Model:
        """Turned by a rotation matrix [3, 3] and set down on the ground again."""
        return grounded(Model(tuple(surface.turned(matrix) for surface in self.surfaces)))


def grounded(model: Model) -> Model:
    """Its lowest point at z = 0, its footprint's middle above the origin."""
    points = model.vertices
    low, high = points.min(axis=0), points.max(axis=0)
    move = -np.array([(low[0] + high[0]) / 2, (low[1] + high[1]) / 2, low[2]])
    return Model(tuple(surface.placed(1.0, move) for surface in model.surfaces))


def normalised(model: Model, yaws: Sequence[float] = (0.0,)) -> Model:
    """Standing on the ground, of unit size as the tilted camera sees it.

    Args:
        model: in any units.
        yaws: degrees at which it will be seen: at none of them is it larger.
    """
    standing = grounded(model)
    scale = min(_unit_scale(standing.vertices, yaw) for yaw in yaws)
    origin = np.zeros(3)
    return Model(tuple(surface.placed(scale, origin) for surface in standing.surfaces))


def _unit_scale(points: NDArray[np.float64], yaw: float) -> float:
    """Factor that gives points [n, 3], turned by a yaw, unit size."""
    tilt, turn = math.radians(ELEVATION), math.radians(yaw)
    across = points[:, 0] * math.cos(turn) - points[:, 1] * math.sin(turn)
    away = points[:, 0] * math.sin(turn) + points[:, 1] * math.cos(turn)
    wide = float(np.ptp(across))
    high = float(np.ptp(away * math.sin(tilt) + points[:, 2] * math.cos(tilt)))
    return min(LONGEST / max(wide, high), BROADEST / math.sqrt(wide * high))
