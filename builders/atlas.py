"""The sprite atlas: baked sprites as a folder of images and an index, read.

One asset is two lossless WebP sheets: ``<name>.webp`` (radiance and alpha as one RGBA image) and
``<name>-shadow.webp`` (the two layers of its shadows), and an entry in ``index.json`` that says
where on them each sprite lies, whose they are, and what their bytes must be.
"""

from __future__ import annotations

import hashlib
import importlib.resources
import io
import json
from collections.abc import Mapping, Sequence
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from benchwright.builders.layered_shadow import LayeredShadow
from benchwright.builders.sprites import ALBEDOS, OWN, Aspect, Sprite
from benchwright.errors import AssetError, did_you_mean

FORMAT = 1
"""Raised when an older reader would misread a newer atlas."""

SHEETS_KEPT = 180
"""Decoded sheets held at once: all of the shipped atlas, some 120 MB if all are shown. Scenes come
in the order of their keys, which is random: with fewer, most sprites would decode a sheet anew."""

INDEX = "index.json"

SHIPPED_INDEX = "812cba5b442604cc1af72cda556f750aea2d4a539b267bb3569e783580a0b867"
"""sha256 of the shipped atlas's index, printed by tools/bake_sprites.py: pins every sprite."""


class AtlasSprites:
    """Sprites of an atlas folder; a ``SpriteSource``.

    Files are read when first needed and checked against the index. Sprites are cut out anew at
    each call: who needs one often keeps it.
    """

    def __init__(self, folder: Path | None = None) -> None:
        """Open an atlas.

        Args:
            folder: of the atlas; the one that ships with the package if not given.

        Raises:
            AssetError: the folder holds no index that this version can read, or the package's own
                is not the one it was released with.
        """
        self._folder: Traversable = (
            folder or importlib.resources.files("benchwright.data") / "sprites"
        )
        self._sheets: dict[str, NDArray[np.uint8]] = {}
        try:
            data = self._folder.joinpath(INDEX).read_bytes()
            index = json.loads(data)
        except (OSError, ValueError) as error:
            raise AssetError(
                f"{self._folder}: no sprite atlas ({INDEX} is missing or broken): reinstall "
                "benchwright, or bake one with tools/bake_sprites.py"
            ) from error
        if folder is None and hashlib.sha256(data).hexdigest() != SHIPPED_INDEX:
            raise AssetError(
                f"{self._folder}/{INDEX}: not the index this version was released with: reinstall "
                "benchwright, or after baking anew set SHIPPED_INDEX"
            )
        if index.get("format") != FORMAT:
            raise AssetError(
                f"{self._folder}/{INDEX}: sprite atlas of format {index.get('format')}, this "
                f"version reads {FORMAT}: bake it again"
            )
        self._scale = float(index["pixels_per_unit"])
        self._shadow_scale = float(index["shadow_pixels_per_unit"])
        self._assets: dict[str, Any] = index["assets"]
        self._yaws = {
            name: tuple(dict.fromkeys(entry["yaw"] for entry in asset["sprites"]))
            for name, asset in self._assets.items()
        }

    def names(self) -> tuple[str, ...]:
        """Asset names, in catalogue order."""
        return tuple(self._assets)

    def asset(self, name: str) -> str:
        """The asset of that name."""
        return name

    def light(self, asset: str) -> str:
        """That of the baking."""
        return "softboxes"

    def yaws(self, name: str) -> tuple[int, ...]:
        """Yaws (degrees, counter-clockwise from above) of an asset, the best known view first.

        Raises:
            AssetError: there is no such asset.
        """
        self._asset(name)  # or why there is none
        return self._yaws[name]

    def holds(self, name: str, aspect: Aspect) -> bool:
        """Whether an asset is to be had in this aspect."""
        return aspect.is_plain and aspect.yaw in self.yaws(name)

    def is_tintable(self, name: str) -> bool:
        """Whether an asset takes any colour and material, or has its ``OWN``.

        Raises:
            AssetError: there is no such asset.
        """
        return self._asset(name)["sprites"][0]["material"] != OWN

    def digest(self, name: str, aspect: Aspect, material: str) -> str:
        """16 hex digits that change whenever the pixels of this sprite would.

        Raises:
            AssetError: there is no such asset, aspect or material.
        """
        entry, files = self._entry(name, aspect, material), self._asset(name)["files"]
        return _digest([self._scale, self._shadow_scale, ALBEDOS, files, entry])[:16]

    def credit(self, name: str) -> dict[str, str]:
        """Source, licence and creator of an asset.

        Raises:
            AssetError: there is no such asset.
        """
        asset = self._asset(name)
        return {key: asset[key] for key in ("source", "licence", "creator")}

    def sprite(self, name: str, aspect: Aspect, material: str) -> Sprite:
        """Cut one sprite out of its sheets.

        Raises:
            AssetError: there is no such asset, aspect or material, or its files are not what the
                index says.
        """
        entry, files = self._entry(name, aspect, material), self._asset(name)["files"]
        tile = _cut(self._sheet(files["radiance"]), entry["radiance"])
        sheet = self._sheet(files["shadow"])
        shadow = LayeredShadow(
            coarse=_cut(sheet, entry["coarse"]),
            detail=_cut(sheet, entry["detail"]),
            detail_at=_pair(entry["detail_at"]),
            anchor=_pair(entry["shadow_anchor"]),
        )
        return Sprite(
            radiance=np.ascontiguousarray(tile[..., :3]),
            alpha=np.ascontiguousarray(tile[..., 3]),
            anchor=_pair(entry["anchor"]),
            shadow=shadow.expanded(),
            shadow_anchor=shadow.anchor,
            pixels_per_unit=self._scale,
            shadow_pixels_per_unit=self._shadow_scale,
        )

    def _asset(self, name: str) -> Any:
        if name not in self._assets:
            raise AssetError(f'no asset "{name}" in the atlas{did_you_mean(name, self._assets)}')
        return self._assets[name]

    def _entry(self, name: str, aspect: Aspect, material: str) -> Any:
        sprites = self._asset(name)["sprites"]
        for entry in sprites:
            found = entry["yaw"] == aspect.yaw and entry["material"] == material
            if found and aspect.is_plain:
                return entry
        materials = ", ".join(sorted({entry["material"] for entry in sprites}))
        yaws = ", ".join(map(str, self.yaws(name)))
        raise AssetError(
            f'no sprite of "{name}" at {aspect} in "{material}": it is to be had at yaws {yaws} '
            f"in {materials}"
        )

    def _sheet(self, entry: Mapping[str, str]) -> NDArray[np.uint8]:
        file = entry["file"]
        if file not in self._sheets:
            while len(self._sheets) >= SHEETS_KEPT:
                del self._sheets[next(iter(self._sheets))]
            self._sheets[file] = self._decoded(file, entry["sha256"])
        return self._sheets[file]

    def _decoded(self, file: str, sha256: str) -> NDArray[np.uint8]:
        path = self._folder.joinpath(file)
        try:
            data = path.read_bytes()
        except OSError as error:
            raise AssetError(f"{path}: missing from the sprite atlas: reinstall") from error
        if hashlib.sha256(data).hexdigest() != sha256:
            raise AssetError(f"{path}: not the bytes its index promises: reinstall")
        with Image.open(io.BytesIO(data)) as image:
            return np.asarray(image)


def _cut(sheet: NDArray[np.uint8], place: Sequence[int]) -> NDArray[np.uint8]:
    x, y, width, height = place
    return sheet[y : y + height, x : x + width]


def _pair(values: Sequence[int]) -> tuple[int, int]:
    return values[0], values[1]


def _digest(content: Any) -> str:
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()
