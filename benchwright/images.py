"""Image bytes in and out; the one module that imports OpenCV."""

from __future__ import annotations

import functools
import io
import warnings
from types import ModuleType

import numpy as np
from numpy.typing import NDArray

from benchwright.errors import BenchwrightError, DatasetError

MOST_PIXELS = 64_000_000
"""Largest image that is decoded: 192 MB of RGB. Photographs of the web are far below it."""

JPEG_QUALITY = 95
"""Visually lossless at the sizes CLIP sees."""

PNG_SIGNATURE = b"\x89PNG\r\n\x1a\n"
PNG_AROUND = 12
"""Bytes of a chunk besides its content: length, kind and checksum."""

FORMATS = ("JPEG", "PNG", "WEBP")
"""What is decoded; anything else is refused by its header."""


def encode_jpeg(rgb: NDArray[np.uint8], quality: int = JPEG_QUALITY) -> bytes:
    """JPEG bytes of uint8 [H, W, 3] RGB, chroma halved as in nearly every JPEG of the web."""
    cv2 = _cv2()
    options = [
        cv2.IMWRITE_JPEG_QUALITY,
        quality,
        cv2.IMWRITE_JPEG_SAMPLING_FACTOR,
        cv2.IMWRITE_JPEG_SAMPLING_FACTOR_420,
    ]
    return _encode(".jpg", cv2.cvtColor(rgb, cv2.COLOR_RGB2BGR), options)


def encode_png(mask: NDArray[np.uint8]) -> bytes:
    """PNG bytes of a uint8 [H, W] mask.

    Masks are long runs of few values: unfiltered run-length deflate is the smallest of all but the
    slowest settings (1.7 kB at 512 x 512, four objects) and as fast as any (0.3 ms).
    """
    cv2 = _cv2()
    options = [cv2.IMWRITE_PNG_STRATEGY, cv2.IMWRITE_PNG_STRATEGY_RLE]
    if hasattr(cv2, "IMWRITE_PNG_FILTER"):  # since OpenCV 4.11
        options += [cv2.IMWRITE_PNG_FILTER, cv2.IMWRITE_PNG_FILTER_NONE]
    return _encode(".png", mask, options)


def decode(data: bytes) -> NDArray[np.uint8]:
    """uint8 [H, W, 3] RGB of a JPEG, PNG or WebP, in the pixel order the file stores.

    An EXIF orientation is not applied: neither do the loaders CLIP models are trained with.

    Raises:
        DatasetError: the bytes are no such image, are damaged, or claim more than
            ``MOST_PIXELS``; the header is asked before any pixel is decoded.
    """
    cv2 = _cv2()
    bgr = _decode(data, cv2.IMREAD_COLOR | cv2.IMREAD_IGNORE_ORIENTATION)
    return np.asarray(cv2.cvtColor(bgr, cv2.COLOR_BGR2RGB), dtype=np.uint8)


def decode_mask(data: bytes) -> NDArray[np.uint8]:
    """uint8 [H, W] of a mask that ``encode_png`` wrote.

    Raises:
        DatasetError: as for ``decode``.
    """
    return _decode(data, _cv2().IMREAD_GRAYSCALE)


def size(data: bytes) -> tuple[int, int]:
    """(width, height) that an image's header claims.

    Raises:
        DatasetError: as for ``decode``.
    """
    from PIL import Image

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            with Image.open(io.BytesIO(data), formats=FORMATS) as image:
                width, height = image.size
    except (Image.DecompressionBombWarning, Image.DecompressionBombError):
        raise DatasetError(f"image has more than {MOST_PIXELS:,} pixels") from None
    except (OSError, SyntaxError, ValueError) as error:  # what Pillow raises for broken headers
        raise DatasetError(f"not a readable {', '.join(FORMATS)} image: {error}") from None
    if width * height > MOST_PIXELS:
        raise DatasetError(f"image is {width} x {height}: more than {MOST_PIXELS:,} pixels")
    return width, height


def encoder_versions() -> dict[str, str]:
    """Name and version of the library whose encoders make the published bytes."""
    return {"opencv": _cv2().__version__}


def _encode(extension: str, pixels: NDArray[np.uint8], options: list[int]) -> bytes:
    done, data = _cv2().imencode(extension, pixels, options)
    if not done:
        raise DatasetError(f"could not encode a {pixels.shape} image as {extension}")
    return bytes(data)


def _decode(data: bytes, flags: int) -> NDArray[np.uint8]:
    size(data)
    _check_chunks(data)
    pixels = _cv2().imdecode(np.frombuffer(data, dtype=np.uint8), flags)
    if pixels is None:
        raise DatasetError(f"image of {len(data)} bytes is damaged: its pixels do not decode")
    return np.asarray(pixels, dtype=np.uint8)


def _check_chunks(data: bytes) -> None:
    """Refuse a PNG with a chunk longer than the file: OpenCV would take as much memory for it."""
    at = len(PNG_SIGNATURE)
    while data.startswith(PNG_SIGNATURE) and at + 4 <= len(data):
        length = int.from_bytes(data[at : at + 4], "big")
        if data[at + 4 : at + 8] == b"IEND":
            return
        at += length + PNG_AROUND
        if at > len(data):
            raise DatasetError(f"PNG has a chunk of {length:,} bytes, {len(data):,} in all")


@functools.cache
def _cv2() -> ModuleType:
    """OpenCV, on one thread: we run one worker a core, and its own threads would fight them.

    Raises:
        BenchwrightError: OpenCV, or a system library it needs, is missing.
    """
    try:
        import cv2
    except ImportError as error:
        raise BenchwrightError(
            f"OpenCV does not load ({error}): install libGL (Debian: apt install libgl1), or "
            "replace opencv-python by opencv-python-headless"
        ) from error
    cv2.setNumThreads(1)
    return cv2
