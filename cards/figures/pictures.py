"""Figures made of samples: a split's contact sheet, and the overview at the top of a card."""

from __future__ import annotations

import io
import json
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from PIL import Image, ImageDraw

from benchwright import shards
from benchwright.cards.figures.palette import OBJECT_COLOURS, SIGNATURE
from benchwright.class_sheets import by_class, strip
from benchwright.contact_sheet import Page, Strip, Tile, draw, first, of_split, tile
from benchwright.dataset import Dataset, Row
from benchwright.images import decode_mask

CARD = Page(tile=282, gap=10, margin=8, gutter=0, heading=0, caption=18, abreast=1)
"""1,174 px for four pictures; shown at the Hub's 800 px, captions are still 12 px."""

CLASS_PAGE = replace(CARD, gutter=24, heading=18, caption=13)
CARD_WIDE, OF_A_CLASS = 1180, 6
"""Pixels, and pictures of a class: the groups share both."""

COLUMNS = 4
PICTURES = 8
"""Of a split: two strips."""

MOST_BYTES = 150_000
"""Of a picture: a card of fifty splits then loads in a few megabytes."""

UNSEEN = "order"
"""The factor that changes the caption alone: its pairs look alike."""

QUALITIES = (88, 80, 70, 60, 45, 30)
"""JPEG qualities tried, best first, until a picture is light enough."""


def split_sheet(dataset: Dataset, config: str, split: str) -> bytes:
    """The first samples by key of a split's first shard, which stays when samples are appended."""
    rows = first(dataset, _first_shard(dataset, config, split), PICTURES)
    tiles = [tile(dataset, row) for row in rows]
    strips = [Strip("", tuple(tiles[at : at + COLUMNS])) for at in range(0, len(tiles), COLUMNS)]
    return _jpeg(draw(strips, CARD, min(COLUMNS, len(tiles))))


def class_sheet(dataset: Dataset, names: Sequence[str]) -> bytes:
    """A row a class, its groups side by side, the first samples of each by key."""
    cells, splits = by_class(dataset), list(dict.fromkeys(s for _, s in dataset.splits()))
    wide = max(1, OF_A_CLASS // len(splits))
    strips = [
        strip(dataset, name, split, cells.get((name, split), ()), wide)
        for name in names
        for split in splits
    ]
    tile_side = (CARD_WIDE - len(splits) * CLASS_PAGE.gutter) // (len(splits) * wide) - CARD.gap
    page = replace(CLASS_PAGE, tile=tile_side, abreast=len(splits))
    return _jpeg(draw(strips, page, wide))


def overview(dataset: Dataset) -> bytes:
    """A scene of up to four configs; below, what comes with a scene, and a pair of twins."""
    firsts = [first(dataset, _first_shard(dataset, *place), 2) for place in dataset.splits()]
    of_config = {rows[0].config: rows[0] for rows in reversed(firsts) if not rows[-1].twin_of}
    scenes = list(of_config.values())[::-1]
    pairs = [rows for rows in firsts if len(rows) == 2 and rows[1].twin_of]
    twins = next((pair for pair in pairs if pair[1].factor != UNSEEN), None)
    shown = scenes[:COLUMNS]
    top = Strip("", tuple(_captioned(dataset, row) for row in shown))
    below = [*_labels(dataset, max(scenes, key=lambda row: len(row.objects)))]
    if twins:
        below.append((tile(dataset, twins[0])[0], "an original ..."))
        below.append((tile(dataset, twins[1])[0], f"... and its twin ({twins[1].factor})"))
    columns = max(len(shown), len(below))
    return _jpeg(draw([top, Strip("", tuple(below))], CARD, columns))


def _first_shard(dataset: Dataset, config: str, split: str) -> list[Row]:
    return dataset.rows(of_split(dataset, config, split)[0])


def _captioned(dataset: Dataset, row: Row) -> Tile:
    picture, caption = tile(dataset, row)
    return picture, f"{row.config}: {caption}"


def _labels(dataset: Dataset, row: Row) -> tuple[Tile, Tile]:
    """A scene with its boxes, and its mask in colours."""
    blocks = shards.members(shards.read_segment(dataset.folder / row.shard, row.placement))
    record = json.loads(blocks[f"{row.key}.json"])
    mask = decode_mask(blocks[f"{row.key}.mask.png"])
    colours = np.array([(240, 240, 240), *OBJECT_COLOURS], np.uint8)
    shades = np.where(mask == 0, 0, 1 + (mask.astype(int) - 1) % len(OBJECT_COLOURS))
    picture, _ = tile(dataset, row)
    pen = ImageDraw.Draw(picture)
    for index, placed in enumerate(record["objects"]):
        x, y, width, height = placed["box"]
        colour = OBJECT_COLOURS[index % len(OBJECT_COLOURS)]
        if width and height:
            pen.rectangle((x, y, x + width - 1, y + height - 1), None, colour, picture.width // 128)
    return (
        (picture, "boxes, in the colours of the mask"),
        (Image.fromarray(colours[shades]), "the mask: which object is seen at each pixel"),
    )


def _jpeg(picture: Image.Image) -> bytes:
    for quality in QUALITIES:
        file = io.BytesIO()
        picture.save(file, "JPEG", quality=quality, optimize=True, comment=SIGNATURE)
        if file.tell() <= MOST_BYTES:
            break
    return file.getvalue()
