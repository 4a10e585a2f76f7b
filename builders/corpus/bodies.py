"""The bytes behind a row's address: its picture as a file, or what stands in for one."""

from __future__ import annotations

import random
from dataclasses import dataclass
from hashlib import sha256

import numpy as np
from PIL import Image, ImageDraw

from benchwright.builders.corpus.drawing import draw
from benchwright.builders.corpus.formats import encoded
from benchwright.builders.corpus.planning import Planned
from benchwright.builders.corpus.png import BOMB_SIDE, bomb
from benchwright.corpus_recipe import CorpusRecipe
from benchwright.images import encode_jpeg
from benchwright.seeding import generator

PAGE = """<!doctype html><html><head><title>Page not found</title></head>
<body><h1>Sorry</h1><p>The picture you look for has moved or never was.</p></body></html>
"""
VECTORS = '<svg xmlns="http://www.w3.org/2000/svg" width="64" height="64"><circle r="32"/></svg>\n'
NOT_IMAGES = (PAGE.encode(), VECTORS.encode(), b"")
"""A soft 404, vectors that no image loader reads, and nothing at all."""


@dataclass(frozen=True, slots=True)
class Body:
    """What one address serves, and what is to be known of it.

    Attributes:
        content: the bytes.
        width, height: pixels, as stored in the file; 0 where it is no image.
        subject_scale: the objects' visible share of the picture.
        scene: key of the scene shown, or "".
    """

    content: bytes
    width: int = 0
    height: int = 0
    subject_scale: float = 0.0
    scene: str = ""

    @property
    def sha256(self) -> str:
        """Digest of the content, hex."""
        return sha256(self.content).hexdigest()


def body(recipe: CorpusRecipe, planned: Planned) -> Body:
    """What a row's address serves; the same for the same row of the same recipe."""
    chance = generator(recipe.seed, "corpus", "file", planned.drawn_as)
    if planned.delivery == "not_an_image":
        return Body(chance.choice(NOT_IMAGES))
    if planned.delivery == "bomb":
        return Body(bomb(), BOMB_SIDE, BOMB_SIDE)
    if planned.picture == "placeholder":
        return placeholder()
    picture = draw(recipe, planned)
    image = picture.image
    if planned.picture == "near_duplicate":
        image = _again(image, generator(recipe.seed, "corpus", "near", planned.row))
    content = encoded(image, planned.form, chance)
    if planned.delivery == "truncated":
        content = content[: len(content) * 2 // 5]
    stored = image.size[::-1] if planned.form == "rotated_jpeg" else image.size
    return Body(content, *stored, picture.subject_scale, picture.scene)


def placeholder() -> Body:
    """The picture that a host shows for all that it no longer has."""
    image = Image.new("RGB", (160, 120), "#e8e8e8")
    pen = ImageDraw.Draw(image)
    pen.rectangle((30, 25, 129, 94), outline="#b0b0b0", width=3)
    pen.line((30, 94, 65, 55, 90, 80, 105, 65, 129, 94), fill="#b0b0b0", width=3)
    pen.ellipse((95, 35, 110, 50), fill="#b0b0b0")
    pen.text((80, 104), "image not available", "#909090", anchor="mm")
    return Body(encode_jpeg(np.asarray(image), 85), *image.size)


def _again(image: Image.Image, chance: random.Random) -> Image.Image:
    """The picture as another site has it: its edges cut, smaller, a little lighter or darker."""
    width, height = image.size
    edges = [chance.uniform(0.0, 0.03) for _ in range(4)]
    box = (
        width * edges[0], height * edges[1], width * (1 - edges[2]), height * (1 - edges[3]),
    )  # fmt: skip
    smaller = chance.uniform(0.65, 0.95)
    size = max(8, round(width * smaller)), max(8, round(height * smaller))
    light = chance.uniform(0.94, 1.06)
    scaled = image.resize(size, Image.Resampling.BICUBIC, box)
    return scaled.point([min(255, round(value * light)) for value in range(256)] * 3)
