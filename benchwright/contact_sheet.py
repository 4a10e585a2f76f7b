"""The contact sheet: a page of a dataset's pictures, split by split, as a paper would print it."""

from __future__ import annotations

import json
from dataclasses import dataclass

from PIL import Image, ImageDraw, ImageFont

from benchwright import shards
from benchwright.dataset import Dataset, Row
from benchwright.errors import DatasetError
from benchwright.images import decode
from benchwright.shards import replacing

TILE, GAP, MARGIN, GUTTER = 176, 8, 32, 36
"""Pixels: a picture's side; space between pictures; the page's border; between its two halves."""

LABEL, CAPTION = 34, 34
"""Pixels of height for a split's heading and for the caption below a picture."""

ABREAST = 2
"""Splits side by side: a page of a dozen splits then fits a screen."""

INK, FAINT, PAPER = "#1a1a1a", "#6b6b6b", "#ffffff"


@dataclass(frozen=True, slots=True)
class Strip:
    """One row of the sheet: a split's heading and (picture, caption) of its first samples."""

    heading: str
    tiles: tuple[tuple[Image.Image, str], ...]


def contact_sheet(dataset: Dataset, columns: int = 4) -> Image.Image:
    """Draw the sheet.

    Args:
        dataset: what to show.
        columns: pictures a split: the first by key, which is a random draw since keys are digests.
            Twins are shown to the right of their originals.

    Returns:
        An RGB picture, about 1,500 pixels wide at four columns.
    """
    strips = [
        _strip(dataset, config, split, count, columns)
        for (config, split), count in dataset.splits().items()
    ]
    wide, high = columns * (TILE + GAP) - GAP, LABEL + TILE + CAPTION
    rows = -(-len(strips) // ABREAST)
    page = Image.new(
        "RGB", (2 * MARGIN + ABREAST * (wide + GUTTER) - GUTTER, 2 * MARGIN + rows * high), PAPER
    )
    for index, strip in enumerate(strips):
        row, column = divmod(index, ABREAST)
        _draw_strip(page, strip, MARGIN + column * (wide + GUTTER), MARGIN + row * high)
    return page


def save(dataset: Dataset, columns: int = 4) -> str:
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
    chosen = sorted(rows, key=lambda row: row.key)
    if chosen[0].twin_of:
        chosen = chosen[: columns // 2]
        originals = dataset.find({row.twin_of for row in chosen})
        pairs = ((originals.get(row.twin_of), row) for row in chosen)
        chosen = [one for pair in pairs for one in pair if one]
    tiles = tuple(_tile(dataset, row) for row in chosen[:columns])
    return Strip(f"{config} / {split}   {count:,} scenes", tiles)


def _tile(dataset: Dataset, row: Row) -> tuple[Image.Image, str]:
    blocks = shards.read_segment(dataset.folder / row.shard, row.placement)
    try:
        members = shards.members(blocks)
        picture = Image.fromarray(decode(members[f"{row.key}.jpg"]))
        caption = str(json.loads(members[f"{row.key}.json"])["captions"][0]["text"])
    except (KeyError, IndexError, TypeError, ValueError, DatasetError) as error:
        raise DatasetError(
            f"{row.shard}#{row.key}: not a readable sample; benchwright verify names what is wrong"
        ) from error
    return picture.resize((TILE, TILE), Image.Resampling.LANCZOS), caption


def _draw_strip(page: Image.Image, strip: Strip, left: int, top: int) -> None:
    draw = ImageDraw.Draw(page)
    name, _, count = strip.heading.partition("   ")
    bold, small = ImageFont.load_default(16), ImageFont.load_default(11)
    draw.text((left, top + 8), name, INK, bold)
    draw.text((left + draw.textlength(name, bold) + 10, top + 12), count, FAINT, small)
    for picture, caption in strip.tiles:
        page.paste(picture, (left, top + LABEL))
        for number, line in enumerate(_wrap(draw, caption, small)[:2]):
            draw.text((left, top + LABEL + TILE + 3 + 12 * number), line, FAINT, small)
        left += TILE + GAP


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
