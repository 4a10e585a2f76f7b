"""Baked sprites kept in a folder, each under the digest of all that decides its pixels."""

from __future__ import annotations

import hashlib
import os
import re
from importlib.metadata import version
from pathlib import Path

import numpy as np

from benchwright.builders.layered_shadow import LayeredShadow
from benchwright.builders.render.subjects import BuiltInSubjects, Subjects
from benchwright.builders.sprites import Aspect, Sprite

BAKING = 1
"""Version of light, materials and baking; raise it with any change that moves a sprite's pixels."""


BUILT_IN = BuiltInSubjects()


class SpriteCache:
    """Sprites of any subjects in any aspect, baked when first asked for.

    Processes may share a folder: a file appears whole, and two that bake the same sprite at once
    write the same bytes.
    """

    def __init__(self, folder: Path, subjects: Subjects = BUILT_IN) -> None:
        self._folder = folder
        self._subjects = subjects

    def digest(self, name: str, aspect: Aspect, material: str) -> str:
        """16 hex digits of asset, aspect, material, baking and renderer (bits differ by version).

        Raises:
            AssetError: there is no such asset.
        """
        seen = aspect.yaw if aspect.is_plain else str(aspect)
        parts = (self._subjects.identity(name), seen, material, BAKING, version("mitsuba"))
        return hashlib.sha256("/".join(map(str, parts)).encode()).hexdigest()[:16]

    def file(self, name: str, aspect: Aspect, material: str) -> Path:
        """Where a sprite is kept."""
        plain = re.sub("[^a-z0-9]+", "-", name)
        digest = self.digest(name, aspect, material)
        return self._folder / f"{plain}-{material}-{aspect.yaw}-{digest}.npz"

    def layered(self, name: str, aspect: Aspect, material: str) -> tuple[Sprite, LayeredShadow]:
        """A sprite and its shadow in the atlas's two layers.

        Raises:
            AssetError: it has to be baked, and the extra ``render`` is not installed.
        """
        file = self.file(name, aspect, material)
        if not file.exists():
            self._bake(file, name, aspect, material)
        return _read(file)

    def _bake(self, file: Path, name: str, aspect: Aspect, material: str) -> None:
        from benchwright.builders.render.bake import bake

        subject = self._subjects.bodies(name, aspect, material)
        sprite, shadow = bake(subject, aspect.camera)
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
