"""A picture with transparency as a sprite: cropped, standing on its lowest pixel, of unit size."""

from __future__ import annotations

import hashlib
import math

import numpy as np
from numpy.typing import NDArray

from benchwright.builders.assets.model import BROADEST, LONGEST
from benchwright.builders.colour import DISPLAY, LINEAR
from benchwright.builders.contact_shadow import contact_shadow
from benchwright.builders.sprites import Sprite
from benchwright.errors import AssetError

CUTTING = 1
"""Version of the code below; raise it when the same picture would give other pixels."""

FINEST = 250
"""Pixels a world unit that are kept: twice what the largest slot of a large image shows."""

SEEN = 8
"""Least alpha, of 255, that counts when a picture is cropped: fainter fringes are dirt."""

SMALLEST = 16
"""Pixels of the cropped picture's longer side: below that it shows nothing."""

SHADOW_PIXELS = 53
"""Pixels of the contact shadow's half width; it is scaled to the picture."""


def cutout_identity(content: bytes) -> str:
    """Hex digest that changes whenever the sprite of a picture file would."""
    return hashlib.sha256(b"cutout %d " % CUTTING + content).hexdigest()


def cutout_sprite(picture: NDArray[np.uint8], where: str) -> Sprite:
    """The sprite of a picture.

    Args:
        picture: uint8 [h, w, 4], sRGB with straight alpha.
        where: for messages.

    Raises:
        AssetError: it has no transparency, or next to nothing is left of it.
    """
    if picture.shape[2] != 4 or picture[..., 3].min() > SEEN:
        raise AssetError(f"{where}: no transparent background: cut the object out first")
    seen = picture[..., 3] >= SEEN
    rows, columns = np.flatnonzero(seen.any(axis=1)), np.flatnonzero(seen.any(axis=0))
    if not len(rows) or max(np.ptp(rows), np.ptp(columns)) < SMALLEST:
        raise AssetError(f"{where}: all transparent, or a few pixels only")
    cropped = picture[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    alpha = cropped[..., 3].astype(np.int64)
    light = LINEAR[cropped[..., :3]].astype(np.int64) * alpha[..., None] // 255
    height, width = alpha.shape
    per_unit = max(max(width, height) / LONGEST, math.sqrt(width * height) / BROADEST)
    while per_unit > FINEST:
        light, alpha, per_unit = _halved(light), _halved(alpha), per_unit / 2
    shadow, anchor = contact_shadow(SHADOW_PIXELS, round(SHADOW_PIXELS * 0.4))
    half_width = 0.55 * alpha.shape[1] / per_unit  # a little beyond the picture's own
    return Sprite(
        radiance=np.ascontiguousarray(DISPLAY[light]),
        alpha=np.ascontiguousarray(alpha.astype(np.uint8)),
        anchor=(alpha.shape[1] // 2, alpha.shape[0]),
        shadow=shadow,
        shadow_anchor=anchor,
        pixels_per_unit=per_unit,
        shadow_pixels_per_unit=SHADOW_PIXELS / half_width,
    )


def _halved(values: NDArray[np.int64]) -> NDArray[np.int64]:
    """Means of two by two pixels; an odd last row or column is taken twice."""
    even = np.pad(values, [(0, side % 2) for side in values.shape[:2]] + [(0, 0)] * (
        values.ndim - 2), mode="edge")  # fmt: skip
    return (even[::2, ::2] + even[1::2, ::2] + even[::2, 1::2] + even[1::2, 1::2] + 2) // 4
