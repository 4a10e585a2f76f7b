"""The form in which a found image is stored: as it came where it can be, else encoded once."""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import sha256

import numpy as np

from benchwright import images
from benchwright.curation.models.decoding import ImageRefused, load, open_image
from benchwright.errors import DatasetError
from benchwright.rejection import Reason
from benchwright.shards import MAX_MEMBER

MAGIC = {"jpg": b"\xff\xd8\xff", "png": b"\x89PNG\r\n\x1a\n"}
"""What a file of each stored format begins with."""


@dataclass(frozen=True, slots=True)
class Seen:
    """What is known of an image once it has been stored.

    Attributes:
        key: first 16 hex digits of the sha256 of the bytes that are stored.
        width, height: pixels, an EXIF orientation not applied.
        sha256: of the bytes as they were found.
        brightness: mean luma, 0-1.
    """

    key: str
    width: int
    height: int
    sha256: str
    brightness: float


def key_of(content: bytes) -> str:
    """The key of an image that is stored as these bytes."""
    return sha256(content).hexdigest()[:16]


def stored(original: bytes, picture: str, quality: int) -> tuple[bytes, Seen]:
    """The bytes that a set of this picture format stores of an image; the same give the same.

    One that is of the format already stays as it is, metadata and all; any other is decoded as the
    loaders of CLIP models do (first frame, transparency dropped) and encoded as JPEG.

    Args:
        original: the bytes as they were found.
        picture: ``jpg`` or ``png``; only PNGs can be stored as PNG.
        quality: of the JPEG, where one is encoded.

    Raises:
        ImageRefused: no whole image, or a too large one; says why it is left out.
    """
    if len(original) > MAX_MEMBER:
        raise ImageRefused(Reason.TOO_LARGE, f"{len(original):,} bytes, at most {MAX_MEMBER:,}")
    image = load(open_image(original))
    luma = float(np.asarray(image.convert("L"), np.float32).mean() / 255)
    content = original
    if not original.startswith(MAGIC[picture]):
        if picture != "jpg":
            raise ImageRefused(Reason.UNDECODABLE, f"no {picture.upper()}, as the others are")
        content = images.encode_jpeg(np.asarray(image.convert("RGB"), np.uint8), quality)
    else:
        try:
            images.decode(content)  # by the decoder that verification uses
        except DatasetError as error:
            raise ImageRefused(Reason.UNDECODABLE, str(error)) from error
    digest = sha256(original).hexdigest()
    seen = Seen(key_of(content), image.width, image.height, digest, round(luma, 6))
    return content, seen
