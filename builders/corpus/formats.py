"""The file formats of a corpus's pictures."""

from __future__ import annotations

import io
import random
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from PIL import Image

from benchwright.builders.corpus import kinds
from benchwright.builders.corpus.png import deep_png
from benchwright.images import encode_jpeg

ORIENTATION, ON_ITS_SIDE = 0x0112, 6
"""EXIF's tag, and its value for "turn a quarter clockwise to see it"."""


@dataclass(frozen=True, slots=True)
class Format:
    """A file format.

    Attributes:
        write: from an RGB image and a quality of 1 to 100 to the file's bytes.
        media_type: as a server names it.
        ending: of a file's name, without the dot.
    """

    write: Callable[[Image.Image, int], bytes]
    media_type: str
    ending: str


def encoded(image: Image.Image, form: str, chance: random.Random) -> bytes:
    """An RGB image as a file; how far it is compressed is drawn.

    Args:
        image: RGB.
        form: a key of ``FORMATS``.
        chance: of the picture.
    """
    return FORMATS[form].write(image, chance.randint(70, 95))


def _jpeg(image: Image.Image, quality: int) -> bytes:
    return encode_jpeg(np.asarray(image), quality)


def _rotated_jpeg(image: Image.Image, quality: int) -> bytes:
    exif = Image.Exif()
    exif[ORIENTATION] = ON_ITS_SIDE
    stored = image.transpose(Image.Transpose.ROTATE_90)
    return _saved(stored, "JPEG", quality=quality, exif=exif)


def _alpha_png(image: Image.Image, _: int) -> bytes:
    """Fading out towards its left and right edges, over a tenth of the width."""
    from_left = np.arange(1, image.width + 1)
    alpha = np.minimum(255, np.minimum(from_left, from_left[::-1]) * 2550 // image.width)
    image = image.copy()
    rows = np.tile(alpha.astype(np.uint8), (image.height, 1))
    image.putalpha(Image.fromarray(rows))
    return _saved(image, "PNG", compress_level=1)


def _palette(image: Image.Image) -> Image.Image:
    return image.quantize(64, Image.Quantize.FASTOCTREE, dither=Image.Dither.NONE)


def _saved(image: Image.Image, name: str, **options: Any) -> bytes:
    file = io.BytesIO()
    image.save(file, name, **options)
    return file.getvalue()


FORMATS: dict[str, Format] = {
    kinds.JPEG: Format(_jpeg, "image/jpeg", "jpg"),
    "progressive_jpeg": Format(
        lambda image, quality: _saved(image, "JPEG", quality=quality, progressive=True),
        "image/jpeg", "jpeg",
    ),
    "grey_jpeg": Format(
        lambda image, quality: _saved(image.convert("L"), "JPEG", quality=quality),
        "image/jpeg", "jpg",
    ),
    "cmyk_jpeg": Format(
        lambda image, quality: _saved(image.convert("CMYK"), "JPEG", quality=quality),
        "image/jpeg", "jpg",
    ),
    "rotated_jpeg": Format(_rotated_jpeg, "image/jpeg", "JPG"),
    "png": Format(lambda image, _: _saved(image, "PNG", compress_level=1), "image/png", "png"),
    "palette_png": Format(
        lambda image, _: _saved(_palette(image), "PNG", compress_level=1), "image/png", "png"
    ),
    "alpha_png": Format(_alpha_png, "image/png", "png"),
    "deep_png": Format(lambda image, _: deep_png(np.asarray(image)), "image/png", "png"),
    "webp": Format(
        lambda image, quality: _saved(image, "WEBP", quality=quality, method=0),
        "image/webp", "webp",
    ),
    "gif": Format(lambda image, _: _saved(_palette(image), "GIF"), "image/gif", "gif"),
    "bmp": Format(lambda image, _: _saved(image, "BMP"), "image/bmp", "bmp"),
}  # fmt: skip
"""Every format of ``corpus_recipe.Formats``, and plain JPEG."""
