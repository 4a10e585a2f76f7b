"""Pictures from outside: PNG, WebP, JPEG; what they are and how large is known before decoding."""

from __future__ import annotations

import io
import warnings
from collections.abc import Collection

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from benchwright.errors import AssetError

MAX_PIXELS = 32_000_000
"""Of one picture: an 8K texture is 33 million and still too fine for a sprite of 250 pixels."""

CUTOUT_FORMATS = ("PNG", "WEBP")
TEXTURE_FORMATS = ("PNG", "WEBP", "JPEG", "BMP")


def format_of(data: bytes) -> str | None:
    """``PNG``, ``WEBP``, ``JPEG`` or ``BMP`` by a file's first bytes; None for all else."""
    if data.startswith(b"\x89PNG\r\n\x1a\n"):
        return "PNG"
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return "WEBP"
    if data.startswith(b"\xff\xd8\xff"):
        return "JPEG"
    return "BMP" if data.startswith(b"BM") else None


def read_picture(data: bytes, where: str, formats: Collection[str]) -> NDArray[np.uint8]:
    """Decode a picture.

    Args:
        data: the file.
        where: for messages.
        formats: which are welcome.

    Returns:
        uint8 [h, w, 4] where it has transparency, else [h, w, 3]; sRGB.

    Raises:
        AssetError: it is none of these, too large, animated, damaged, or two files in one.
    """
    found = format_of(data)
    if found is None or found not in formats:
        what = found or ("SVG or other text" if data[:1] in b"<\xef \n" else "something else")
        raise AssetError(f"{where}: {what} inside; {', '.join(formats)} are read")
    if found in ("PNG", "WEBP") and (more := len(data) - _length(data, found)):
        raise AssetError(f"{where}: {more:,} bytes beyond the picture's end: another file hides")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)
            with Image.open(io.BytesIO(data), formats=[found]) as image:
                return _decoded(image, where)
    except Image.DecompressionBombError as error:
        raise AssetError(_too_large(where, str(error))) from error
    except (OSError, ValueError, SyntaxError, EOFError) as error:
        raise AssetError(f"{where}: damaged: {error}") from error


def _decoded(image: Image.Image, where: str) -> NDArray[np.uint8]:
    width, height = image.size
    if width * height > MAX_PIXELS:
        raise AssetError(_too_large(where, f"{width:,} x {height:,} pixels"))
    if getattr(image, "n_frames", 1) > 1:
        raise AssetError(f"{where}: animated; save one frame")
    transparent = image.mode in ("RGBA", "LA", "PA", "La", "RGBa") or "transparency" in image.info
    return np.asarray(image.convert("RGBA" if transparent else "RGB"))


def _too_large(where: str, size: str) -> str:
    return f"{where}: {size}; {MAX_PIXELS:,} pixels at most"


def _length(data: bytes, found: str) -> int:
    """Bytes that a PNG or WebP says it has; those it has where it is cut short."""
    if found == "WEBP":
        size = int.from_bytes(data[4:8], "little")
        return min(8 + size + size % 2, len(data))
    place = 8
    while place + 12 <= len(data):
        size, kind = int.from_bytes(data[place : place + 4], "big"), data[place + 4 : place + 8]
        place += 12 + size
        if kind == b"IEND":
            return min(place, len(data))
    return len(data)
