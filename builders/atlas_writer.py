"""Writing a sprite atlas: the folder that ``atlas`` reads."""

from __future__ import annotations

import hashlib
import io
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from benchwright.builders.atlas import FORMAT, INDEX
from benchwright.builders.layered_shadow import NO_DETAIL, LayeredShadow
from benchwright.builders.sprites import Sprite

Rect = tuple[int, int, int, int]


@dataclass(frozen=True, slots=True)
class BakedAsset:
    """All sprites of an asset, to be written.

    Attributes:
        name: lower case; also the stem of its files.
        source: where its shape comes from.
        licence: SPDX identifier.
        creator: whom to credit.
        sprites: by (material, yaw): the sprite and its shadow in layers.
    """

    name: str
    source: str
    licence: str
    creator: str
    sprites: Mapping[tuple[str, int], tuple[Sprite, LayeredShadow]]


def write_atlas(folder: Path, assets: Iterable[BakedAsset]) -> str:
    """Write an atlas, the index last.

    Args:
        folder: made if need be; files of the same names are replaced.
        assets: in catalogue order; all sprites at the same scale.

    Returns:
        sha256 of the index, and so of everything.
    """
    folder.mkdir(parents=True, exist_ok=True)
    index: dict[str, Any] = {"format": FORMAT}
    entries: dict[str, Any] = {}
    for asset in assets:
        sprite = next(iter(asset.sprites.values()))[0]
        index["pixels_per_unit"] = sprite.pixels_per_unit
        index["shadow_pixels_per_unit"] = sprite.shadow_pixels_per_unit
        entries[asset.name] = _write_asset(folder, asset)
    index["assets"] = entries
    text = json.dumps(index, separators=(",", ":"), ensure_ascii=False) + "\n"
    (folder / INDEX).write_text(text, "utf-8")
    return hashlib.sha256(text.encode()).hexdigest()


def _write_asset(folder: Path, asset: BakedAsset) -> dict[str, Any]:
    pairs = list(asset.sprites.values())
    tiles = [np.dstack([sprite.radiance, sprite.alpha]) for sprite, _ in pairs]
    radiance, places = _sheet_of(tiles, fill=0)
    layers = [layer for _, shadow in pairs for layer in (shadow.coarse, shadow.detail)]
    shadows, layer_places = _sheet_of(layers, fill=NO_DETAIL)
    sprites = [
        {
            "material": material,
            "yaw": yaw,
            "radiance": places[index],
            "anchor": sprite.anchor,
            "coarse": layer_places[2 * index],
            "detail": layer_places[2 * index + 1],
            "detail_at": shadow.detail_at,
            "shadow_anchor": shadow.anchor,
        }
        for index, ((material, yaw), (sprite, shadow)) in enumerate(asset.sprites.items())
    ]
    return {
        "source": asset.source,
        "licence": asset.licence,
        "creator": asset.creator,
        "files": {
            "radiance": _write_sheet(folder / f"{asset.name}.webp", radiance),
            "shadow": _write_sheet(folder / f"{asset.name}-shadow.webp", shadows),
        },
        "sprites": sprites,
    }


def _sheet_of(
    tiles: Sequence[NDArray[np.uint8]], fill: int
) -> tuple[NDArray[np.uint8], list[Rect]]:
    """Tiles side by side, and the place (x, y, width, height) of each."""
    height = max(tile.shape[0] for tile in tiles)
    width = sum(tile.shape[1] for tile in tiles)
    sheet = np.full((height, width, tiles[0].shape[2]), fill, dtype=np.uint8)
    places: list[Rect] = []
    x = 0
    for tile in tiles:
        sheet[: tile.shape[0], x : x + tile.shape[1]] = tile
        places.append((x, 0, tile.shape[1], tile.shape[0]))
        x += tile.shape[1]
    return sheet, places


def _write_sheet(path: Path, sheet: NDArray[np.uint8]) -> dict[str, str]:
    buffer = io.BytesIO()
    # For lossless WebP, quality and method are effort; exact keeps colour under zero alpha.
    Image.fromarray(sheet).save(buffer, "WEBP", lossless=True, quality=100, method=6, exact=True)
    path.write_bytes(buffer.getvalue())
    return {"file": path.name, "sha256": hashlib.sha256(buffer.getvalue()).hexdigest()}
