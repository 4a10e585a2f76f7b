"""Linear radiance to and from the 8-bit codes of a sprite's layers."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from benchwright.builders.sprites import RATIO_ONE


def srgb_encode(linear: NDArray[np.float32]) -> NDArray[np.uint8]:
    """Linear radiance to 8-bit sRGB codes (IEC 61966-2-1); clips to 0..1."""
    light = np.clip(linear, 0.0, 1.0)
    curve = np.where(light <= 0.0031308, 12.92 * light, 1.055 * light ** (1 / 2.4) - 0.055)
    return np.floor(curve * 255.0 + 0.5).astype(np.uint8)


def ratio_encode(ratio: NDArray[np.float32]) -> NDArray[np.uint8]:
    """Ratios of ground radiance to the 8-bit shadow codes of ``Sprite.shadow``."""
    code = RATIO_ONE * np.sqrt(np.maximum(ratio, 0.0))
    return np.floor(np.minimum(code, 255.0) + 0.5).astype(np.uint8)


def ratio_decode(codes: NDArray[np.uint8]) -> NDArray[np.float32]:
    """8-bit shadow codes to ratios of ground radiance."""
    return np.square(codes.astype(np.float32) / np.float32(RATIO_ONE))
