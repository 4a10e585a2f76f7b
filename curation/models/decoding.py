"""From untrusted bytes to a Pillow image, or to the reason why not."""

from __future__ import annotations

import io
import struct
import warnings
import zlib

from PIL import Image

from benchwright.errors import BenchwrightError
from benchwright.images import MOST_PIXELS
from benchwright.rejection import Reason

FORMATS = ("JPEG", "PNG", "WEBP", "GIF", "BMP", "TIFF")
"""What is decoded: what image crawls hold. Formats that name other files or run code are not here.

Of an animation or a file of several pages, the first picture is taken.
"""

BROKEN = (OSError, SyntaxError, ValueError, EOFError, struct.error, zlib.error)
"""What Pillow raises for bytes that are cut, damaged, or no image."""


class ImageRefused(BenchwrightError):  # noqa: N818 - a decision, not a failure of ours
    """An image that is not used: the reason for tables, the detail for people."""

    def __init__(self, reason: Reason, detail: str) -> None:
        super().__init__(f"{reason}: {detail}")
        self.reason = reason
        self.detail = detail

    def __reduce__(self) -> tuple[type[ImageRefused], tuple[Reason, str]]:
        return type(self), (self.reason, self.detail)  # it crosses process borders


def open_image(data: bytes) -> Image.Image:
    """The image whose header these bytes begin with; no pixel is decoded yet.

    Its ``size`` is (width, height) as stored: an EXIF orientation is not applied, as the loaders
    that CLIP models are trained and tested with do not.

    Raises:
        ImageRefused: no image of ``FORMATS``, or one of more than ``MOST_PIXELS``.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # Pillow's own pixel limit, beyond ours; odd metadata
            image = Image.open(io.BytesIO(data), formats=FORMATS)
    except Image.DecompressionBombError as error:
        raise ImageRefused(Reason.TOO_MANY_PIXELS, str(error)) from None
    except BROKEN as error:
        raise ImageRefused(Reason.UNDECODABLE, _first_line(error)) from None
    width, height = image.size
    if width * height > MOST_PIXELS:
        detail = f"{width} x {height}, more than {MOST_PIXELS:,} pixels"
        raise ImageRefused(Reason.TOO_MANY_PIXELS, detail)
    return image


def load(image: Image.Image) -> Image.Image:
    """Decode all pixels of an opened image; nothing if that was done before.

    Raises:
        ImageRefused: the bytes are cut or damaged.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            image.load()
    except BROKEN as error:
        raise ImageRefused(Reason.UNDECODABLE, _first_line(error)) from None
    return image


def load_reduced(image: Image.Image, least: tuple[int, int]) -> Image.Image:
    """Decode a JPEG at 1/2, 1/4 or 1/8, but never below ``least`` (width, height); others whole.

    The decoder then leaves out work, which is most of the time that a photograph takes. An image
    that is already decoded stays as it is.

    Raises:
        ImageRefused: as for ``load``.
    """
    image.draft(None, least)
    return load(image)


def _first_line(error: Exception) -> str:
    # Pillow names the in-memory file by its address: no two runs would agree on the detail.
    text = str(error) or type(error).__name__
    return "no image of a known format" if "cannot identify" in text else text.splitlines()[0]
