"""What a model sees of an image: resized, cropped, 8 bits a channel. Imports no torch.

Reader processes run this; the model then takes ``(x / 255 - mean) / std`` on its own device.
"""

from __future__ import annotations

import dataclasses
import hashlib
import json
import math
from dataclasses import dataclass
from typing import Any, ClassVar, Literal

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps

from benchwright.curation.models import decoding
from benchwright.curation.models.decoding import ImageRefused
from benchwright.images import MOST_PIXELS
from benchwright.rejection import Reason

Mode = Literal["exact", "fast"]
ResizeMode = Literal["shortest", "longest", "squash"]
Interpolation = Literal["bicubic", "bilinear", "lanczos", "nearest"]

OPENAI_MEAN = (0.48145466, 0.4578275, 0.40821073)
OPENAI_STD = (0.26862954, 0.26130258, 0.27577711)
"""Channel statistics that OpenAI's CLIP was trained with, and nearly all of open_clip's models."""

JPEG = ("JPEG", "MPO")
"""Pillow's names; the second is a JPEG that carries further ones, as some cameras write."""

_FILTERS = {
    "bicubic": Image.Resampling.BICUBIC,
    "bilinear": Image.Resampling.BILINEAR,
    "lanczos": Image.Resampling.LANCZOS,
    "nearest": Image.Resampling.NEAREST,
}


@dataclass(frozen=True, slots=True)
class Preprocess:
    """How a model wants its images, in the terms of open_clip and timm.

    Attributes:
        size: edge of the square that the model takes, in pixels.
        resize_mode: ``shortest``: the shorter edge becomes ``edge``, the centre is kept;
            ``longest``: the longer edge does, ``fill`` around; ``squash``: both do.
        interpolation: Pillow's filter of that name.
        fill: RGB, 0-255, of what ``longest`` adds.
        mean: of each channel, in 0-1.
        std: of each channel, in 0-1.
        edge: length to resize to before the crop; 0 becomes ``size``. timm's ``crop_pct`` is
            ``size / edge``.
        rgb: ``last``: resized and cropped in the file's own mode and then made RGB, as open_clip's
            transform does (so palette images are resized by nearest neighbour, alpha is weighed
            in, and CMYK is resized as CMYK); ``first``: as timm's datasets do.
    """

    __pydantic_config__: ClassVar[dict[str, Any]] = {"extra": "forbid", "strict": True}

    size: int
    resize_mode: ResizeMode = "shortest"
    interpolation: Interpolation = "bicubic"
    fill: tuple[int, int, int] = (0, 0, 0)
    mean: tuple[float, float, float] = OPENAI_MEAN
    std: tuple[float, float, float] = OPENAI_STD
    edge: int = 0
    rgb: Literal["first", "last"] = "last"

    def __post_init__(self) -> None:
        """Settle the default edge, so that equal transforms are equal values.

        Raises:
            ValueError: sizes or deviations that no image can be brought to; a coloured fill where
                the image is filled before it is RGB.
        """
        object.__setattr__(self, "edge", self.edge or self.size)
        if min(self.size, self.edge) < 1 or max(self.size, self.edge) ** 2 > MOST_PIXELS:
            raise ValueError(f"a size of {self.size} and an edge of {self.edge} pixels")
        if not all(0 < deviation < math.inf for deviation in self.std):
            raise ValueError(f"a standard deviation of {self.std}")
        if self.rgb == "last" and len(set(self.fill)) > 1:
            raise ValueError('a coloured fill needs rgb="first"')

    def to_json(self) -> str:
        """Canonical JSON: sorted keys, no spaces; equal transforms have equal text."""
        return json.dumps(dataclasses.asdict(self), sort_keys=True, separators=(",", ":"))

    @classmethod
    def from_json(cls, text: str) -> Preprocess:
        """The transform that ``to_json`` wrote.

        Raises:
            ValueError: the text is none.
        """
        from pydantic import TypeAdapter

        return TypeAdapter(cls).validate_json(text)

    @property
    def digest(self) -> str:
        """First 16 hex digits of sha256 over the canonical JSON."""
        return hashlib.sha256(self.to_json().encode()).hexdigest()[:16]

    def resized(self, width: int, height: int) -> tuple[int, int]:
        """(width, height) that an image is resized to, before the centre is cropped or padded.

        Raises:
            ImageRefused: so long and narrow that nothing, or more than ``MOST_PIXELS``, comes out.
        """
        short, long = min(width, height), max(width, height)
        if self.resize_mode == "squash":
            return self.edge, self.edge
        if self.resize_mode == "longest":  # open_clip's ResizeKeepRatio, rounding half to even
            ratio = long / self.edge
            size = round(width / ratio), round(height / ratio)
        else:  # torchvision's Resize(int), rounding down
            other = int(self.edge * long / short)
            size = (self.edge, other) if width <= height else (other, self.edge)
        if min(size) == 0 or math.prod(size) > MOST_PIXELS:
            detail = f"{width} x {height} resizes to {size[0]} x {size[1]}"
            raise ImageRefused(Reason.ASPECT, detail)
        return size


def crop(image: bytes | Image.Image, preprocess: Preprocess, mode: Mode) -> NDArray[np.uint8]:
    """``crop_exact`` or ``crop_fast``, by the name that an embedding set records.

    Raises:
        ImageRefused: as for those.
    """
    return (crop_exact if mode == "exact" else crop_fast)(image, preprocess)


def crop_exact(image: bytes | Image.Image, preprocess: Preprocess) -> NDArray[np.uint8]:
    """uint8 [size, size, 3] RGB, bit for bit what the model's own transform makes of an image.

    The model's own transform is ``open_clip.image_transform(..., is_train=False)``, or timm's for
    evaluation, up to its ``ToTensor``; same Pillow, same bits.

    Args:
        image: the bytes of a file, or what ``decoding.open_image`` gave.
        preprocess: the model's.

    Raises:
        ImageRefused: no image, a damaged one, or one too large or too narrow.
    """
    opened = decoding.open_image(image) if isinstance(image, bytes) else image
    size = preprocess.resized(*opened.size)
    pixels = decoding.load(opened)
    if preprocess.rgb == "first":
        pixels = pixels.convert("RGB")
    pixels = pixels.resize(size, _FILTERS[preprocess.interpolation])
    pixels = _centre(pixels, preprocess)
    return np.asarray(pixels.convert("RGB"), dtype=np.uint8)


def crop_fast(image: bytes | Image.Image, preprocess: Preprocess) -> NDArray[np.uint8]:
    """As ``crop_exact``, but JPEGs are decoded at reduced size; for mining, not for results.

    A JPEG is decoded at 1/2, 1/4 or 1/8 as long as no edge falls below what it is resized to, made
    RGB, and only what the crop keeps is resized, by the model's own filter, from where it lies to
    a fraction of a pixel. Other formats come out as ``crop_exact`` has them. ``drift.drift``
    measures what this changes.

    Raises:
        ImageRefused: as for ``crop_exact``.
    """
    opened = decoding.open_image(image) if isinstance(image, bytes) else image
    if opened.format not in JPEG:
        return crop_exact(opened, preprocess)
    width, height = preprocess.resized(*opened.size)
    per_pixel = opened.width / width, opened.height / height  # of the whole image
    whole = opened.width
    pixels = decoding.load_reduced(opened, (width, height)).convert("RGB")
    reduced = round(whole / pixels.width)
    size = min(preprocess.size, width), min(preprocess.size, height)
    left, top = round((width - size[0]) / 2), round((height - size[1]) / 2)
    across, down = (step / reduced for step in per_pixel)
    box = (
        left * across,
        top * down,
        min((left + size[0]) * across, pixels.width),
        min((top + size[1]) * down, pixels.height),
    )
    pixels = pixels.resize(size, _FILTERS[preprocess.interpolation], box=box)
    return np.asarray(_centre(pixels, preprocess), dtype=np.uint8)


def _centre(image: Image.Image, preprocess: Preprocess) -> Image.Image:
    """Crop or pad to the model's square, with the rounding of torchvision's CenterCrop."""
    size = preprocess.size
    across, down = max(size - image.width, 0), max(size - image.height, 0)
    if across or down:
        border = (across // 2, down // 2, (across + 1) // 2, (down + 1) // 2)
        image = _padded(image, border, preprocess.fill)
    left, top = round((image.width - size) / 2), round((image.height - size) / 2)
    return image.crop((left, top, left + size, top + size))


def _padded(
    image: Image.Image, border: tuple[int, int, int, int], fill: tuple[int, int, int]
) -> Image.Image:
    """``image`` with a border in its own mode, where 0 may be white (CMYK) or any colour (P)."""
    bands = len(image.getbands())
    colour: int | tuple[int, ...] = fill[0] if bands == 1 else fill[:1] * bands
    if bands == 3:
        colour = fill
    padded = ImageOps.expand(image, border, colour)
    if image.mode == "P":  # expand() looks the number up as a colour and may renumber
        padded.putpalette(image.getpalette() or ())
    return padded
