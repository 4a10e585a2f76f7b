"""Baked sprites kept in a folder, each under the digest of all that decides its pixels."""

from __future__ import annotations

import hashlib
import os
from functools import cache
from importlib.metadata import version
from pathlib import Path

import numpy as np

from benchwright.builders.layered_shadow import LayeredShadow
from benchwright.builders.shapes import shaded
from benchwright.builders.sprites import Sprite

BAKING = 1
"""Version of light, materials and baking; raise it with any change that moves a sprite's pixels."""


@cache
def geometry_digest(name: str) -> str:
    """sha256 of a shape's triangles and normals, hex."""
    mesh = shaded(name)
    geometry = hashlib.sha256(np.asarray(mesh.triangles, np.float32).tobytes())
    geometry.update(np.asarray(mesh.vertex_normals, np.float32).tobytes())
    return geometry.hexdigest()


def sprite_digest(name: str, yaw: int, material: str) -> str:
    """16 hex digits of shape, yaw, material, baking and renderer (bits differ by its version)."""
    parts = (geometry_digest(name), yaw, material, BAKING, version("mitsuba"))
    return hashlib.sha256("/".join(map(str, parts)).encode()).hexdigest()[:16]


class SpriteCache:
    """Sprites of the built-in shapes at any yaw, baked when first asked for.

    Processes may share a folder: a file appears whole, and two that bake the same sprite at once
    write the same bytes.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def file(self, name: str, yaw: int, material: str) -> Path:
        """Where a sprite is kept."""
        digest = sprite_digest(name, yaw, material)
        return self._folder / f"{name}-{material}-{yaw}-{digest}.npz"

    def layered(self, name: str, yaw: int, material: str) -> tuple[Sprite, LayeredShadow]:
        """A sprite and its shadow in the atlas's two layers.

        Raises:
            AssetError: it has to be baked, and the extra ``render`` is not installed.
        """
        file = self.file(name, yaw, material)
        if not file.exists():
            self._bake(file, name, yaw, material)
        return _read(file)

    def _bake(self, file: Path, name: str, yaw: int, material: str) -> None:
        from benchwright.builders.render.bake import bake

        sprite, shadow = bake(shaded(name), material, yaw)
        self._folder.mkdir(parents=True, exist_ok=True)
        partial = file.with_suffix(f".{os.getpid()}.partial")
        with partial.open("wb") as stream:
            np.savez(
                stream,
                radiance=sprite.radiance,
                alpha=sprite.alpha,
                coarse=shadow.coarse,
                detail=shadow.detail,
                places=[sprite.anchor, shadow.detail_at, shadow.anchor],
                scales=[sprite.pixels_per_unit, sprite.shadow_pixels_per_unit],
            )
        partial.replace(file)


def _read(file: Path) -> tuple[Sprite, LayeredShadow]:
    with np.load(file, allow_pickle=False) as stored:
        anchor, detail_at, shadow_anchor = (
            (int(column), int(row)) for column, row in stored["places"]
        )
        scale, shadow_scale = (float(value) for value in stored["scales"])
        shadow = LayeredShadow(stored["coarse"], stored["detail"], detail_at, shadow_anchor)
        sprite = Sprite(
            radiance=stored["radiance"],
            alpha=stored["alpha"],
            anchor=anchor,
            shadow=shadow.expanded(),
            shadow_anchor=shadow_anchor,
            pixels_per_unit=scale,
            shadow_pixels_per_unit=shadow_scale,
        )
    return sprite, shadow
