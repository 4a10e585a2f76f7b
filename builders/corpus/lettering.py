"""What is written on pictures: a class's name, or a watermark, in the font that Pillow ships."""

from __future__ import annotations

import random

from PIL import Image, ImageDraw, ImageFont

from benchwright.errors import AssetError

MARKS = ("SAMPLE", "© stock", "preview", "do not copy")
"""Watermarks; none is a class's name."""


def spell(image: Image.Image, word: str, chance: random.Random) -> None:
    """Write a word across a picture, in place, large enough to be read."""
    text = word.replace("_", " ").upper()
    font = _fitted(text, image.width * 0.85)
    middle = image.width / 2, image.height * chance.choice((0.2, 0.8))
    ImageDraw.Draw(image).text(
        middle, text, "white", font, anchor="mm", stroke_width=max(1, image.width // 100),
        stroke_fill="black",
    )  # fmt: skip


def watermark(image: Image.Image, chance: random.Random) -> None:
    """Write a mark all over a picture, in place, see-through and aslant."""
    text = chance.choice(MARKS)
    side = max(image.size) * 3 // 2
    layer = Image.new("L", (side, side))
    font = _fitted(text, image.width * 0.4)
    step = max(font.getbbox(text)[3] * 3, 8)
    pen = ImageDraw.Draw(layer)
    for line, row in enumerate(range(0, side, int(step))):
        for column in range(-side // 4 * (line % 2), side, side // 2):
            pen.text((column, row), text, 130, font)
    turned = layer.rotate(30)
    left, top = (side - image.width) // 2, (side - image.height) // 2
    mask = turned.crop((left, top, left + image.width, top + image.height))
    image.paste("white", mask=mask)


def _fitted(text: str, width: float) -> ImageFont.FreeTypeFont:
    """The font at which a text is so wide, in pixels, and at least 6 px high.

    Raises:
        AssetError: Pillow was built without FreeType.
    """
    at_100 = ImageFont.load_default(100)
    if not isinstance(at_100, ImageFont.FreeTypeFont):
        raise AssetError("Pillow without FreeType has no font that scales: pip install pillow")
    return at_100.font_variant(size=max(6, int(100 * width / at_100.getlength(text))))
