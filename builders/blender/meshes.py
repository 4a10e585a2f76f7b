"""The assets of a recipe as Blender takes them: their triangles in a file, found by digest."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import replace
from functools import cache
from pathlib import Path

import numpy as np

from benchwright.builders.assets.model import Texture
from benchwright.builders.assets.opened import label_of, opened
from benchwright.builders.assets.shelves import BUILTIN, split_id
from benchwright.builders.baked import need_renderer
from benchwright.builders.blender.view import AREA_LAMPS
from benchwright.builders.render.subjects import BuiltInSubjects, MeshSubjects, Subjects
from benchwright.builders.sprites import OWN, Aspect, Sprite, SpriteSource
from benchwright.errors import AssetError


class Meshes:
    """The assets of a source of sprites, for their models; a ``SpriteSource`` without sprites."""

    def __init__(self, source: SpriteSource, assets: Sequence[str]) -> None:
        """Of the assets of a source of sprites; ``assets`` as the recipe lists the sources."""
        self.names, self.asset, self.yaws = source.names, source.asset, source.yaws
        self.is_tintable = source.is_tintable
        self._places = {label_of(place): place for place in assets}
        self._subjects = cache(self._opened)
        self._digest = cache(self._identity)

    def light(self, asset: str) -> str:
        """That of Blender's scenes, whatever the asset."""
        return AREA_LAMPS

    def digest(self, asset: str, aspect: Aspect, material: str) -> str:
        """16 hex digits that change whenever an asset's mesh would; the scene says the rest.

        Raises:
            AssetError: there is no model of it, or the extra ``render`` is not installed.
        """
        return self._digest(asset)

    def sprite(self, asset: str, aspect: Aspect, material: str) -> Sprite:
        """There is none.

        Raises:
            AssetError: always.
        """
        raise AssetError(f"{asset}: Blender's scenes are rendered whole, not from sprites")

    def write(self, asset: str, aspect: Aspect, folder: Path) -> Path:
        """An asset's mesh file in a folder, written unless it is there.

        Args:
            asset: its id.
            aspect: its pose and tilt; the scene turns it by its yaw.
            folder: of mesh files.

        Raises:
            AssetError: as for ``digest``.
        """
        front = replace(aspect, yaw=0)
        named = hashlib.sha256(f"{self._digest(asset)}/{front!r}".encode()).hexdigest()
        file = folder / f"{named[:16]}.npz"
        if not file.exists():
            subjects, name = self._subjects(asset)
            arrays: dict[str, object] = {}
            bodies = subjects.bodies(name, front, OWN)
            for number, body in enumerate(bodies):
                surface = {"vertices": body.vertices, "normals": body.normals, "faces": body.faces,
                           "finish": body.material}  # fmt: skip
                if isinstance(body.paint, Texture):
                    surface |= {"image": body.paint.image, "uv": body.paint.uv}
                else:
                    surface["colour"] = body.paint
                arrays |= {f"{number}-{name}": np.asarray(v) for name, v in surface.items()}
            np.savez(file, surfaces=len(bodies), **arrays)  # type: ignore[arg-type]
        return file

    def _identity(self, asset: str) -> str:
        subjects, name = self._subjects(asset)
        return subjects.identity(name)[:16]

    def _opened(self, asset: str) -> tuple[Subjects, str]:
        need_renderer(f"{asset}'s mesh", lambda: "")
        label, name = split_id(asset)
        if label == BUILTIN:
            return BuiltInSubjects(), name
        source = opened(self._places[label])
        if hasattr(source, "sprite"):
            raise AssetError(
                f"{asset} is a picture, and render: blender needs models: take {label} out of "
                "objects.assets, or compose the set"
            )
        return MeshSubjects(source), name
