"""The contact sheet: a page of a dataset's pictures, split by split, as a paper would print it."""

from __future__ import annotations

import io
import json
from dataclasses import dataclass

from PIL import Image, ImageDraw, ImageFont

from benchwright import shards
from benchwright.dataset import Dataset, Row
from benchwright.shards import replacing

TILE, GAP, MARGIN = 224, 10, 36
"""Pixels: the picture size CLIP sees; space between tiles; white border of the page."""

LABEL, CAPTION = 34, 30
"""Pixels of height for a split's heading and for the caption below a picture."""

INK, FAINT, PAPER = "#1a1a1a", "#6b6b6b", "#ffffff"


@dataclass(frozen=True, slots=True)
class Strip:
    """One row of the sheet: a split's heading and (picture, caption) of its first samples."""

    heading: str
    tiles: tuple[tuple[Image.Image, str], ...]


def contact_sheet(dataset: Dataset, columns: int = 5) -> Image.Image:
    """Draw the sheet.

    Args:
        dataset: what to show.
        columns: pictures a split: the first by key, which is a random draw since keys are digests.

    Returns:
        An RGB picture, about 1,200 pixels wide at five columns.
    """
    strips = [
        _strip(dataset, config, split, count, columns)
        for (config, split), count in dataset.splits().items()
    ]
    width = 2 * MARGIN + columns * TILE + (columns - 1) * GAP
    height = 2 * MARGIN + len(strips) * (LABEL + TILE + CAPTION + GAP) - GAP
    page = Image.new("RGB", (width, height), PAPER)
    for index, strip in enumerate(strips):
        _draw_strip(page, strip, MARGIN + index * (LABEL + TILE + CAPTION + GAP))
    return page


def save(dataset: Dataset, columns: int = 5) -> str:
    """Write the sheet to ``figures/contact-sheet.png`` and return that name."""
    name = "figures/contact-sheet.png"
    with replacing(dataset.folder / name) as file:
        contact_sheet(dataset, columns).save(file, "PNG", optimize=True)
    return name


def _strip(dataset: Dataset, config: str, split: str, count: int, columns: int) -> Strip:
    rows: list[Row] = []
    for shard in dataset.shards:
        if (shard.config, shard.split) == (config, split):
            rows += dataset.rows(shard.shard)
    chosen = sorted(rows, key=lambda row: row.key)[:columns]
    tiles = tuple(_tile(dataset, row) for row in chosen)
    return Strip(f"{config} / {split}   {count:,} scenes", tiles)


def _tile(dataset: Dataset, row: Row) -> tuple[Image.Image, str]:
    blocks = shards.read_segment(dataset.folder / row.shard, row.placement)
    members = shards.members(blocks)
    picture = Image.open(io.BytesIO(members[f"{row.key}.jpg"]))
    small = picture.convert("RGB").resize((TILE, TILE), Image.Resampling.LANCZOS)
    record = json.loads(members[f"{row.key}.json"])
    return small, record["captions"][0]["text"]


def _draw_strip(page: Image.Image, strip: Strip, top: int) -> None:
    draw = ImageDraw.Draw(page)
    name, _, count = strip.heading.partition("   ")
    bold, small = ImageFont.load_default(17), ImageFont.load_default(12)
    draw.text((MARGIN, top + 6), name, INK, bold)
    draw.text((MARGIN + draw.textlength(name, bold) + 12, top + 10), count, FAINT, small)
    for column, (picture, caption) in enumerate(strip.tiles):
        left = MARGIN + column * (TILE + GAP)
        page.paste(picture, (left, top + LABEL))
        for number, line in enumerate(_wrap(draw, caption, small)[:2]):
            draw.text((left, top + LABEL + TILE + 3 + 13 * number), line, FAINT, small)


def _wrap(
    draw: ImageDraw.ImageDraw, text: str, font: ImageFont.FreeTypeFont | ImageFont.ImageFont
) -> list[str]:
    lines = [""]
    for word in text.split():
        longer = f"{lines[-1]} {word}".strip()
        if draw.textlength(longer, font) <= TILE:
            lines[-1] = longer
        else:
            lines.append(word)
    return lines
