"""Colour as integers: sRGB codes, linear light, tints, and the logarithm of shadow ratios.

Every table is computed in float64 and rounded to integers once, so that all later arithmetic, and
with it every pixel, is the same on every machine.
"""

from __future__ import annotations

import re

import numpy as np
from numpy.typing import NDArray

from benchwright.builders.sprites import ALBEDOS, RATIO_ONE
from benchwright.errors import RecipeError

FULL = 65535
"""Linear light 1.0 as a 16-bit integer."""

WEIGHT_ONE = 1 << 13
"""A tint weight of 1: with weights up to 1.875, sums of 16-bit light just fit 32 bits."""

RATIO_UNIT = 1 << 14
"""A ground ratio of 1: shadows are scaled and tinted in this unit."""

OCTAVE = 512
"""Log codes per doubling of light: rounding moves a displayed pixel by less than 0.1 of a level."""

DARKEST, BRIGHTEST = -5 * OCTAVE, OCTAVE
"""Bounds of one object's log code: a ratio of 1/32 to 2."""

CHANNEL_SPAN = 42 * OCTAVE
"""Codes set aside for each channel in the ground table; three of them fill 16 bits."""

ZERO_CODE = 34 * OCTAVE
"""Where in its span a channel's code of an unchanged ground lies."""


def _to_linear(display: NDArray[np.float64]) -> NDArray[np.float64]:
    """IEC 61966-2-1: linear light of sRGB values, both 0 to 1."""
    toe = display / 12.92
    return np.where(display <= 0.04045, toe, ((display + 0.055) / 1.055) ** 2.4)


def _to_display(linear: NDArray[np.float64]) -> NDArray[np.float64]:
    """IEC 61966-2-1: sRGB values of linear light, both 0 to 1."""
    return np.where(linear <= 0.0031308, linear * 12.92, 1.055 * linear ** (1 / 2.4) - 0.055)


LINEAR: NDArray[np.uint16] = np.rint(_to_linear(np.arange(256) / 255) * FULL).astype(np.uint16)
"""[256]: 16-bit linear light of each sRGB code."""

DISPLAY: NDArray[np.uint8] = np.rint(_to_display(np.arange(FULL + 1) / FULL) * 255).astype(np.uint8)
"""[65536]: sRGB code of each 16-bit linear light."""

RATIO: NDArray[np.int32] = np.rint(
    (np.arange(256) / RATIO_ONE) ** 2 * RATIO_UNIT
).astype(np.int32)  # fmt: skip
"""[256]: ground ratio of each shadow code, in ``RATIO_UNIT``."""

_LOG: NDArray[np.int16] = np.clip(
    np.rint(np.log2(np.maximum(np.arange(2 * RATIO_UNIT + 1), 1) / RATIO_UNIT) * OCTAVE),
    DARKEST,
    BRIGHTEST,
).astype(np.int16)

BLACK = -13 * OCTAVE
"""Log code of a picture's darkest light: 1/8192 is displayed as 0."""

LOG_LIGHT: NDArray[np.uint16] = np.maximum(
    np.rint(np.log2(np.maximum(LINEAR, 1) / FULL) * OCTAVE), BLACK
).astype(np.int16).view(np.uint16)  # fmt: skip
"""[256]: log code, modulo 2**16, of the light of each sRGB code."""

_GAIN: NDArray[np.int64] = np.rint(
    np.exp2((np.arange(CHANNEL_SPAN) - ZERO_CODE) / OCTAVE) * (1 << 24)
).astype(np.int64)


def rgb(code: str) -> tuple[int, int, int]:
    """The three 8-bit values of ``#rrggbb``.

    Raises:
        RecipeError: it is not six hex digits after a ``#``.
    """
    if not re.fullmatch("#[0-9a-fA-F]{6}", code):
        raise RecipeError(f'colour "{code}" is not of the form #rrggbb, such as #1f77b4')
    return int(code[1:3], 16), int(code[3:5], 16), int(code[5:7], 16)


def albedo(code: str) -> NDArray[np.float64]:
    """[3]: linear albedo, 0 to 1, that a hex colour means."""
    return LINEAR[list(rgb(code))] / np.float64(FULL)


def tint_weights(albedos: NDArray[np.float64]) -> NDArray[np.int64]:
    """Lagrange's quadratic weights of the three baked layers.

    Args:
        albedos: float64 [n], linear, one an output channel.

    Returns:
        int64 [n, 3] in ``WEIGHT_ONE``; every row sums to exactly 1, so that what does not depend on
        the albedo (a highlight, an untouched ground) stays as baked.
    """
    low, middle, high = ALBEDOS
    a = np.asarray(albedos, dtype=np.float64)
    at_middle = (a - low) * (a - high) / ((middle - low) * (middle - high))
    at_high = (a - low) * (a - middle) / ((high - low) * (high - middle))
    weights = np.rint(np.stack([at_middle, at_high], axis=1) * WEIGHT_ONE).astype(np.int64)
    return np.column_stack([WEIGHT_ONE - weights.sum(axis=1), weights])


UNTINTED: NDArray[np.int64] = np.eye(3, dtype=np.int64) * WEIGHT_ONE
"""Weights that leave layers as they are."""


def tint(layers: NDArray[np.integer], weights: NDArray[np.int64]) -> NDArray[np.int32]:
    """Interpolate layers baked at the three ``ALBEDOS`` to the albedos of the weights.

    Args:
        layers: integers [h, w, 3], one channel an albedo, that differ by at most 16 bits.
        weights: int64 [n, 3] from ``tint_weights``.

    Returns:
        int32 [h, w, n], in the layers' unit; may overshoot it where the quadratic does.
    """
    # Weights sum to 1, so the darkest layer plus two weighted differences is the whole sum.
    low, middle, high = np.ascontiguousarray(layers.reshape(-1, 3).T, dtype=np.int32)
    to_middle, to_high = middle - low, high - low
    tinted = np.empty((low.size, len(weights)), dtype=np.int32)
    for channel, (_, at_middle, at_high) in enumerate(weights.astype(np.int32)):
        mixed = to_middle * at_middle
        mixed += to_high * at_high
        mixed += WEIGHT_ONE // 2
        mixed //= WEIGHT_ONE
        tinted[:, channel] = mixed + low
    return tinted.reshape(*layers.shape[:2], len(weights))


def log_codes(ratio: NDArray[np.integer]) -> NDArray[np.int16]:
    """Logarithm of ground ratios (in ``RATIO_UNIT``), in steps of 1/``OCTAVE`` doublings."""
    return _LOG.take(ratio, mode="clip")


def ground_table(background: str) -> NDArray[np.uint8]:
    """uint8 [3 * CHANNEL_SPAN]: displayed ground of ``channel * CHANNEL_SPAN + ZERO_CODE + code``.

    A code of 0 displays the background's own hex colour exactly.
    """
    light = LINEAR[list(rgb(background))].astype(np.int64)
    lit = (light[:, None] * _GAIN + (1 << 23)) >> 24
    return DISPLAY[np.minimum(lit, FULL)].reshape(-1)
