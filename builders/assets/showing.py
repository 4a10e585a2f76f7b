"""The contact sheet of a pack, folder or library: every object on offer, as it will look."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from benchwright.builders.assets.opened import opened
from benchwright.builders.assets.preview import preview
from benchwright.builders.assets.shelves import BUILTIN
from benchwright.builders.assets.source import CutoutSource, MeshSource
from benchwright.builders.colour import DISPLAY, FULL, LINEAR
from benchwright.builders.sprites import Sprite
from benchwright.errors import AssetError
from benchwright.shards import replacing

TILE = 120
"""Pixels a picture's side."""

COLUMNS = 10
LINE = 16
"""Pixels of the line below a picture."""

MOST = 400
"""Objects on one sheet: more would be a picture no program likes to open."""

GROUND = 205
"""Grey of the ground, as scenes have it."""

QUALITY = 85
"""JPEG quality of a sheet: 60 icons stay below 200 kB."""


def show(name: str, out: Path) -> Path:
    """Draw what a source has, and why it refuses what it refuses.

    Args:
        name: a pack, or the path of a folder or ``.sh3f`` library.
        out: the JPEG to write.

    Returns:
        ``out``.

    Raises:
        AssetError: there is no such source, or it is not installed.
    """
    if name == BUILTIN:
        raise AssetError("the built-in assets are shown in docs/figures: name a pack or a folder")
    source = opened(name)
    names = source.names()[:MOST]
    rows = -(-len(names) // COLUMNS)
    sheet = Image.new("RGB", (COLUMNS * TILE, rows * (TILE + LINE)), "white")
    draw, font = ImageDraw.Draw(sheet), ImageFont.load_default(11)
    for index, shown in enumerate(names):
        x, y = index % COLUMNS * TILE, index // COLUMNS * (TILE + LINE)
        try:
            sheet.paste(Image.fromarray(picture(source, shown)), (x, y))
            draw.text((x + 4, y + TILE), shown[:20], "black", font)
        except AssetError as error:
            draw.text((x + 4, y + 4), "\n".join(_wrapped(str(error))), "#a00000", font)
            draw.text((x + 4, y + TILE), shown[:20], "#a00000", font)
    with replacing(out) as file:
        sheet.save(file, "JPEG", quality=QUALITY, optimize=True)
    return out


def picture(source: MeshSource | CutoutSource, name: str) -> NDArray[np.uint8]:
    """One object on grey, uint8 [TILE, TILE, 3]: a cutout as it is, a mesh rendered.

    Raises:
        AssetError: its files are refused, or there is no renderer.
    """
    if isinstance(source, CutoutSource):
        return on_ground(source.sprite(name), TILE)
    return preview(source.model(name), TILE)


def on_ground(sprite: Sprite, size: int) -> NDArray[np.uint8]:
    """A sprite in its own colours, without its shadow, in the middle of grey [size, size, 3]."""
    height, width = sprite.alpha.shape
    clear = 255 - sprite.alpha.astype(np.int64)[..., None]
    light = LINEAR[sprite.radiance] + int(LINEAR[GROUND]) * clear // 255
    shown = Image.fromarray(DISPLAY[np.minimum(light, FULL)])
    factor = (size - 8) / max(width, height)
    shown = shown.resize((max(1, round(width * factor)), max(1, round(height * factor))))
    tile = Image.new("RGB", (size, size), (GROUND, GROUND, GROUND))
    tile.paste(shown, ((size - shown.width) // 2, (size - shown.height) // 2))
    return np.asarray(tile)


def _wrapped(text: str) -> list[str]:
    return [text[start : start + 20] for start in range(0, min(len(text), 160), 20)]
