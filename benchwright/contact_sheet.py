"""The contact sheet: a page of a dataset's pictures, split by split, as a paper would print it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from PIL import Image, ImageDraw, ImageFont, ImageOps

from benchwright.dataset import Dataset, Row
from benchwright.errors import DatasetError
from benchwright.images import decode
from benchwright.sample_kinds import MINED, kind_of
from benchwright.samples import members_of, record_of, unreadable
from benchwright.shards import replacing

INK, FAINT, PAPER = "#1a1a1a", "#6b6b6b", "#ffffff"


@dataclass(frozen=True, slots=True)
class Page:
    """Measures of a page, pixels.

    Attributes:
        tile: a picture's side.
        gap: between pictures.
        margin: the page's border.
        gutter: between strips side by side.
        heading, caption: font sizes; a strip has a line of the one, its pictures two of the other.
        abreast: strips side by side.
    """

    tile: int
    gap: int
    margin: int
    gutter: int
    heading: int
    caption: int
    abreast: int

    @property
    def label(self) -> int:
        """Height of a strip's heading; nothing where a strip has none."""
        return 2 * self.heading + 2 if self.heading else 0

    @property
    def below(self) -> int:
        """Height of the two lines below a picture."""
        return 3 * self.caption + 1


SCREEN = Page(tile=176, gap=8, margin=32, gutter=36, heading=16, caption=11, abreast=2)
"""A dozen splits fit a screen when two are side by side."""

Tile = tuple[Image.Image, str]
"""A picture and the words below it."""


@dataclass(frozen=True, slots=True)
class Strip:
    """One row of the sheet: a heading, with a fainter remark after three spaces, and tiles."""

    heading: str
    tiles: tuple[Tile, ...]


def contact_sheet(dataset: Dataset, columns: int = 4) -> Image.Image:
    """Draw the sheet of a whole set.

    Args:
        dataset: what to show.
        columns: pictures a split: the first by key, which is a random draw since keys are digests.
            Twins are shown to the right of their originals.

    Returns:
        An RGB picture, about 1,500 pixels wide at four columns.
    """
    strips, noun = [], kind_of(dataset).noun
    for (config, split), count in dataset.splits().items():
        rows = [row for shard in of_split(dataset, config, split) for row in dataset.rows(shard)]
        tiles = tuple(tile(dataset, row) for row in first(dataset, rows, columns))
        strips.append(Strip(f"{config} / {split}   {count:,} {noun}s", tiles))
    return draw(strips, SCREEN, columns)


def save(dataset: Dataset, columns: int = 4) -> list[str]:
    """Write the sheet to ``figures/contact-sheet.png`` and return that name.

    A set of classes has too many for a page: it gets several, ``contact-sheet-1.jpg`` and on.
    """
    if kind_of(dataset).name == MINED.name:
        from benchwright.class_sheets import save_pages

        return save_pages(dataset, columns)
    name = "figures/contact-sheet.png"
    with replacing(dataset.folder / name) as file:
        contact_sheet(dataset, columns).save(file, "PNG", optimize=True)
    return [name]


def of_split(dataset: Dataset, config: str, split: str) -> list[str]:
    """Names of a split's shards, in order."""
    return [s.shard for s in dataset.shards if (s.config, s.split) == (config, split)]


def first(dataset: Dataset, rows: Sequence[Row], count: int) -> list[Row]:
    """The first of some rows by key; of twins half as many, each after its original."""
    chosen = sorted(rows, key=lambda row: row.key)[:count]
    if chosen and chosen[0].twin_of:
        chosen = chosen[: count // 2]
        originals = dataset.find({row.twin_of for row in chosen})
        pairs = ((originals.get(row.twin_of), row) for row in chosen)
        chosen = [one for pair in pairs for one in pair if one]
    return chosen


def tile(dataset: Dataset, row: Row) -> Tile:
    """A sample's picture, and its first caption or what was seen in it.

    Raises:
        DatasetError: the sample cannot be read.
    """
    kind = kind_of(dataset)
    record = record_of(dataset, row, kind)
    try:
        picture = Image.fromarray(decode(members_of(dataset, row)[kind.picture]))
        caption = _seen(record) if kind.name == MINED.name else str(record["captions"][0]["text"])
    except (KeyError, IndexError, DatasetError) as error:
        raise unreadable(dataset, row) from error
    return picture, caption


def _seen(record: dict[str, Any]) -> str:
    """The background of a photograph, and what the probe took its subject for."""
    background, probe = record["background"] or "background unclear", record["probe"]
    if not probe["model"]:
        return background
    return f"{background}; {'right' if probe['correct'] else probe['prediction']}"


def draw(strips: Sequence[Strip], page: Page, columns: int) -> Image.Image:
    """Strips on a page, so many pictures wide each."""
    wide = columns * (page.tile + page.gap) - page.gap
    high = page.label + page.tile + page.below
    size = (
        2 * page.margin + page.abreast * (wide + page.gutter) - page.gutter,
        2 * page.margin + -(-len(strips) // page.abreast) * high,
    )
    sheet = Image.new("RGB", size, PAPER)
    for index, strip in enumerate(strips):
        row, column = divmod(index, page.abreast)
        left = page.margin + column * (wide + page.gutter)
        _draw_strip(sheet, strip, page, left, page.margin + row * high)
    return sheet


def _draw_strip(sheet: Image.Image, strip: Strip, page: Page, left: int, top: int) -> None:
    pen, small = ImageDraw.Draw(sheet), ImageFont.load_default(page.caption)
    if page.heading:
        name, _, remark = strip.heading.partition("   ")
        bold = ImageFont.load_default(page.heading)
        pen.text((left, top + page.heading // 2), name, INK, bold)
        after = left + pen.textlength(name, bold) + 10
        pen.text((after, top + page.heading // 2 + 4), remark, FAINT, small)
    for picture, caption in strip.tiles:
        resized = _fitted(picture, page.tile)
        sheet.paste(resized, (left, top + page.label))
        for number, line in enumerate(_two_lines(pen, caption, small, page.tile)):
            down = page.tile + 3 + number * (page.caption + 1)
            pen.text((left, top + page.label + down), line, FAINT, small)
        left += page.tile + page.gap


def _fitted(picture: Image.Image, side: int) -> Image.Image:
    """A picture as a square tile; one that is no square stays whole, on paper."""
    square = picture.width == picture.height
    return (
        picture.resize((side, side), Image.Resampling.LANCZOS)
        if square
        else ImageOps.pad(picture, (side, side), Image.Resampling.LANCZOS, PAPER)
    )


def _two_lines(
    pen: ImageDraw.ImageDraw,
    text: str,
    font: ImageFont.FreeTypeFont | ImageFont.ImageFont,
    wide: int,
) -> list[str]:
    """A caption broken between words; what does not fit is cut, and shown to be."""
    lines = [""]
    for word in text.split():
        longer = f"{lines[-1]} {word}".strip()
        if pen.textlength(longer, font) <= wide:
            lines[-1] = longer
        else:
            lines.append(word)
    return [lines[0], f"{lines[1]} ..."] if len(lines) > 2 else lines
