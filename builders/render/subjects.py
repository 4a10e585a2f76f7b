"""What is baked: built-in assets, or a source's models, in an aspect, as bodies."""

from __future__ import annotations

import hashlib
from functools import cache
from typing import Protocol

import numpy as np

from benchwright.builders.assets.model import Model, Surface
from benchwright.builders.assets.source import MeshSource
from benchwright.builders.objects import catalogue
from benchwright.builders.render.mitsuba_scene import Body, bodies_of, body
from benchwright.builders.shapes import SHAPES, shaded
from benchwright.builders.sprites import ALBEDOS, Aspect
from benchwright.builders.turning import rotation

LEANING = 32.0
"""Degrees that a leaning object leans back by: as a thing against a wall that isn't there."""

FLAT = (-90.0, 0.0, 0.0)
"""Turn, in degrees about x, y and z, that lays an object on its back, its front upwards."""

UPRIGHT = (0.0, 0.0, 0.0)
"""No turn."""


class Subjects(Protocol):
    """What can be baked, by name."""

    def identity(self, name: str) -> str:
        """Hex digest that changes whenever an asset's geometry or paint would.

        Raises:
            AssetError: there is no such asset.
        """
        ...

    def bodies(self, name: str, aspect: Aspect, material: str) -> list[Body]:
        """An asset's bodies, resting as the aspect says, of unit size, on z = 0 about the origin.

        Raises:
            AssetError: there is no such asset or material.
        """
        ...


class BuiltInSubjects:
    """The shapes and the objects of the catalogue; a ``Subjects``."""

    def identity(self, name: str) -> str:
        """sha256 of an asset's triangles, normals and paints, hex."""
        return geometry_digest(name)

    def bodies(self, name: str, aspect: Aspect, material: str) -> list[Body]:
        """An asset's bodies."""
        if name in SHAPES and aspect.is_plain:
            return [body(shaded(name), material, ALBEDOS, yaw=aspect.yaw)]
        lies = FLAT if name in SHAPES else catalogue.entry(name).lies
        return bodies_of(rested(_model(name, material), aspect, lies), yaw=aspect.yaw)


class MeshSubjects:
    """The models of a source, which lie as they stand; a ``Subjects``."""

    def __init__(self, source: MeshSource) -> None:
        self._source = source

    def identity(self, name: str) -> str:
        """The source's own."""
        return self._source.identity(name)

    def bodies(self, name: str, aspect: Aspect, material: str) -> list[Body]:
        """A model's bodies, in its own colours."""
        return bodies_of(rested(self._source.model(name), aspect, UPRIGHT), yaw=aspect.yaw)


@cache
def geometry_digest(name: str) -> str:
    """sha256 of a built-in asset's triangles, normals and paints, hex."""
    geometry = hashlib.sha256()
    if name in SHAPES:
        mesh = shaded(name)
        geometry.update(np.asarray(mesh.triangles, np.float32).tobytes())
        geometry.update(np.asarray(mesh.vertex_normals, np.float32).tobytes())
        return geometry.hexdigest()
    for surface in catalogue.model(name).surfaces:
        geometry.update(surface.vertices[surface.faces].astype(np.float32).tobytes())
        geometry.update(surface.normals.astype(np.float32).tobytes())
        geometry.update(repr((surface.paint, surface.finish)).encode())
    return geometry.hexdigest()


def _model(name: str, material: str) -> Model:
    if name not in SHAPES:
        return catalogue.model(name)
    return Model((Surface.of(shaded(name), ALBEDOS, material),))


def rested(model: Model, aspect: Aspect, lies: tuple[float, float, float]) -> Model:
    """A standing model in a pose and tilt.

    Args:
        model: standing.
        aspect: how it is seen.
        lies: turn, in degrees about x, y and z, that lays it down.
    """
    if aspect.tilt == 0 and aspect.pose == "standing":
        return model
    turns = {"standing": UPRIGHT, "lying": lies, "leaning": (-LEANING, 0.0, 0.0), "flat": FLAT}
    return model.turned(rotation((0, aspect.tilt, 0)) @ rotation(turns[aspect.pose]))
