"""Baking: a mesh in a material, seen from one yaw, into the layers of a sprite.

One render holds three albedos, one a channel. Near the object it is done at full resolution, for
the object's own pixels; the wide window of its shadow, smooth out there, at a quarter of it. The
shadow is stored at half.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from benchwright.builders.camera import ELEVATIONS
from benchwright.builders.layered_shadow import LayeredShadow, extent
from benchwright.builders.render.coding import ratio_decode, ratio_encode, srgb_encode
from benchwright.builders.render.continuation import continued
from benchwright.builders.render.mitsuba_scene import (
    GROUND,
    Body,
    coverage,
    merged,
    radiance,
)
from benchwright.builders.render.resampling import doubled, grown, halved
from benchwright.builders.render.view import View
from benchwright.builders.sprites import Sprite

PIXELS_PER_UNIT = 320 / 3
"""An object of scale 2.5 on a 512-pixel image, the largest common case, copies pixel for pixel."""

RADIANCE_SAMPLES = 48
SHADOW_SAMPLES = 32
COVERAGE_SAMPLES = 144
"""Samples a pixel, before denoising; coverage isn't denoised and moves in steps of 1/144."""

NEAR_MARGIN = 24
"""Full-resolution pixels rendered around the object: contact shadows are sharpest there, and the
denoiser needs context."""

SHADOW_REACH = 3.5
"""World units around the object in which its shadow and bounce may differ from 1."""

FADE = 0.9
"""World units over which what is left of the shadow is faded to nothing at the window's edge."""

FAINT = 0.02
"""Departure of the ground from its empty radiance below which it is taken out, more and more: two
grey levels at 1, which the eye doesn't see so far from an object, and the bytes of noise do."""

CONTACT = 0.08
"""How much darker than its coverage explains a pixel at the object's edge must be to count as
covered further: well above the denoiser's bleeding."""


@dataclass(frozen=True, slots=True)
class _Window:
    """A rectangle of pixels around the anchor: how far it goes each way."""

    left: int
    up: int
    right: int
    down: int

    def view(self, pixels_per_unit: float, camera: str) -> View:
        size = self.left + self.right, self.up + self.down
        return View(*size, (self.left, self.up), pixels_per_unit, camera)

    def reduced(self, factor: int) -> _Window:
        return _Window(
            self.left // factor, self.up // factor, self.right // factor, self.down // factor
        )

    def grown(self, pixels: int) -> _Window:
        return _Window(
            self.left + pixels, self.up + pixels, self.right + pixels, self.down + pixels
        )

    def cut(self, outer: _Window) -> tuple[slice, slice]:
        """Rows and columns of this window in an array over ``outer``."""
        return (
            slice(outer.up - self.up, outer.up + self.down),
            slice(outer.left - self.left, outer.left + self.right),
        )


def _window(subject: Body, camera: str, reach: float = 0.0) -> _Window:
    """The window of a body's projection, or of the ground within ``reach`` of the body.

    Args:
        subject: the object.
        camera: which sees it.
        reach: world units.

    Returns:
        In full-resolution pixels, all multiples of eight: whole cells of a coarse shadow.
    """
    sine = math.sin(math.radians(ELEVATIONS[camera]))
    cosine = math.cos(math.radians(ELEVATIONS[camera]))
    x, y, z = subject.vertices.T.astype(np.float64)
    low, high = float((y * sine).min()), float((y * sine).max())
    top = max(float((y * sine + z * cosine).max()), high + reach * sine)
    bottom = min(float((y * sine + z * cosine).min()), low - reach * sine)

    def cells(units: float) -> int:
        return 8 * math.ceil((units * PIXELS_PER_UNIT + 1) / 8)

    return _Window(
        cells(reach - float(x.min())), cells(top), cells(reach + float(x.max())), cells(-bottom)
    )


def _ramp(window: _Window, width: int) -> NDArray[np.float32]:
    """Smooth rise [h, w] from 0 at a window's border to 1 ``width`` pixels inside."""

    def rise(count: int) -> NDArray[np.float64]:
        steps = np.arange(count) + 0.5
        share = np.clip(np.minimum(steps, count - steps) / width, 0.0, 1.0)
        return share * share * (3.0 - 2.0 * share)

    columns, rows = rise(window.left + window.right), rise(window.up + window.down)
    return np.outer(rows, columns).astype(np.float32)


def _near_ground(
    near: NDArray[np.float32], alpha: NDArray[np.float32]
) -> tuple[NDArray[np.float32], NDArray[np.bool_]]:
    """Ground ratio around the object at half resolution [h / 2, w / 2, 3], and where it's known."""
    # Only pixels without any of the object tell the ground's radiance.
    bare = (alpha == 0).astype(np.float32)
    weight = halved(bare)
    mean = halved(near * bare[..., None]) / np.maximum(weight, 0.25)[..., None]
    return (mean / np.float32(GROUND)).astype(np.float32), weight > 0


def _quietened(ratio: NDArray[np.float32]) -> NDArray[np.float32]:
    """A ratio [h, w, 3] with what is too faint to see taken out, and nothing else changed much."""
    departure = ratio - 1.0
    strength = np.clip(np.abs(departure).max(axis=2, keepdims=True) / FAINT, 0.0, 1.0)
    return (1.0 + departure * strength * strength * (3.0 - 2.0 * strength)).astype(np.float32)


def _shadow(
    near: NDArray[np.float32],
    alpha: NDArray[np.float32],
    near_window: _Window,
    subject: Sequence[Body],
    camera: str,
) -> tuple[LayeredShadow, _Window]:
    """The shadow of an object, continued under it.

    Args:
        near: radiance [h, w, 3] over ``near_window``.
        alpha: coverage [h, w] over it.
        near_window: in full-resolution pixels.
        subject: the object's bodies.
        camera: which sees them.

    Returns:
        The shadow, and its window in half-resolution pixels.
    """
    wide = _window(merged(subject), camera, SHADOW_REACH)
    quarter = wide.reduced(4).view(PIXELS_PER_UNIT / 4, camera)
    far = radiance(subject, quarter, SHADOW_SAMPLES, seed=1)
    ratio = doubled(far / np.float32(GROUND))

    inset, window = near_window.reduced(2), wide.reduced(2)
    cut = inset.cut(window)
    fine, fine_known = _near_ground(near, alpha)
    known = np.ones(ratio.shape[:2], dtype=np.bool_)
    known[cut] = fine_known
    blend = _ramp(inset, NEAR_MARGIN // 2)[..., None]
    ratio[cut] += blend * (fine - ratio[cut])
    ratio = continued(ratio, known)

    fade = _ramp(window, round(FADE * PIXELS_PER_UNIT / 2))[..., None]
    coarse = _quietened(1.0 + (halved(halved(ratio)) - 1.0) * halved(halved(fade)))
    refine = np.zeros(ratio.shape[:2], dtype=np.bool_)
    refine[cut] = fine_known
    anchor = (window.left, window.up)
    return LayeredShadow.of(ratio_encode(coarse), ratio_encode(ratio), refine, anchor), window


def bake(subject: Sequence[Body], camera: str) -> tuple[Sprite, LayeredShadow]:
    """Bake one sprite.

    Args:
        subject: the object's bodies, of unit size, on z = 0 about the origin. Either one of a
            paint of three ``ALBEDOS``, to be tinted later, or all in their own colours.
        camera: which sees them.

    Returns:
        The sprite, cropped to what it changes, and its shadow in layers.

    Raises:
        AssetError: Mitsuba is missing, or there is no such material.
    """
    outline = merged(subject)
    window = _window(outline, camera).grown(NEAR_MARGIN)
    view = window.view(PIXELS_PER_UNIT, camera)
    alpha = coverage([outline], view, COVERAGE_SAMPLES)[0]
    near = radiance(subject, view, RADIANCE_SAMPLES)
    shadow, shadow_window = _shadow(near, alpha, window, subject, camera)

    # The ground as a composer will have it, so that the colour makes up for the codes' rounding.
    ratio = doubled(ratio_decode(shadow.expanded()[window.reduced(2).cut(shadow_window)]))
    ground = np.float32(GROUND) * ratio
    # The dark line of contact is thinner than a shadow pixel: count it as cover, by black.
    dark = 1.0 - (near / np.maximum(ground, np.float32(1e-6))).min(axis=2)
    beside = grown(alpha > 0)
    cover = np.where(beside & (dark > alpha + CONTACT), dark, alpha)
    codes = np.floor(cover * 255.0 + 0.5).astype(np.uint8)
    clear = 1.0 - codes[..., None].astype(np.float32) / np.float32(255.0)
    premultiplied = np.where(codes[..., None] > 0, near - clear * ground, 0.0)

    rows, columns = extent(codes > 0)
    layers = shadow.cropped()
    sprite = Sprite(
        radiance=srgb_encode(premultiplied[rows, columns].astype(np.float32)),
        alpha=np.ascontiguousarray(codes[rows, columns]),
        anchor=(window.left - columns.start, window.up - rows.start),
        shadow=layers.expanded(),
        shadow_anchor=layers.anchor,
        pixels_per_unit=PIXELS_PER_UNIT,
        shadow_pixels_per_unit=PIXELS_PER_UNIT / 2,
    )
    return sprite, layers
