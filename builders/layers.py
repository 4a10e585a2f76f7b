"""Sprites made ready to be placed: scaled, tinted, and cached within a bound of bytes.

Scaling is the dear part and does not depend on the colour, so scaled and tinted sprites are cached
apart: a scene set with many colours scales each sprite once.
"""

from __future__ import annotations

import dataclasses
import functools
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from benchwright.builders import colour
from benchwright.builders.camera import Camera
from benchwright.builders.resample import resample, step_between
from benchwright.builders.sprites import OWN, RATIO_ONE, Aspect, Sprite, SpriteSource
from benchwright.record import Placed

OWNED = 128
"""Coverage, of 255, from which a pixel counts as the object's own."""

FAINT = 1
"""Shadow codes from ``RATIO_ONE`` that do not make a shadow's window larger: one displayed level.
A baked shadow fades over twice the area that matters, and area is what composing costs."""

_SOLID = 255
_T = TypeVar("_T", bound="Scaled | Layers | Outline")


@dataclass(frozen=True, slots=True)
class Scaled:
    """A sprite at image resolution, still colourless.

    Attributes:
        radiance: uint16 [h, w, 3], premultiplied linear light at the three ``ALBEDOS``.
        alpha: uint8 [h, w].
        corner: (column, row) of the first ``radiance`` pixel from the anchor.
        shade: int16 [sh, sw, 3], ground ratio minus 1 in ``RATIO_UNIT`` at the three ``ALBEDOS``.
        shade_corner: (column, row) of the first ``shade`` pixel from the anchor.
    """

    radiance: NDArray[np.uint16]
    alpha: NDArray[np.uint8]
    corner: tuple[int, int]
    shade: NDArray[np.int16]
    shade_corner: tuple[int, int]


@dataclass(frozen=True, slots=True)
class Layers:
    """A scaled sprite in its colour: everything that placing it on an image needs.

    Attributes:
        corner: (column, row) of the window's first pixel from the anchor.
        paint: uint8 [h, w, 3], displayed colour where wholly covered, else 0.
        keep: uint8 [h, w, 3], 0 where wholly covered, else 255.
        own: uint8 [h, w], 255 where the pixel counts as the object's, else 0.
        edge: int64 [2, k], rows and columns, from the window's corner, of partly covered pixels.
        edge_light: int64 [k, 3], their premultiplied 16-bit linear light.
        edge_clear: int64 [k, 1], what their alpha leaves of 255.
        box: (column, row, width, height) of ``own`` from the window's corner.
        area: pixels of ``own``.
        shade: uint16 [sh, sw, 3], log codes of the ground ratio, modulo 2**16.
        shade_corner: (column, row) of the first ``shade`` pixel from the anchor.
    """

    corner: tuple[int, int]
    paint: NDArray[np.uint8]
    keep: NDArray[np.uint8]
    own: NDArray[np.uint8]
    edge: NDArray[np.int64]
    edge_light: NDArray[np.int64]
    edge_clear: NDArray[np.int64]
    box: tuple[int, int, int, int]
    area: int
    shade: NDArray[np.uint16]
    shade_corner: tuple[int, int]


@dataclass(frozen=True, slots=True)
class Outline:
    """What of an image a scaled sprite owns: all that its mask needs, in any colour and light.

    Attributes:
        corner: (column, row) of the window's first pixel from the anchor.
        own: uint8 [h, w], 255 where the pixel counts as the object's, else 0.
    """

    corner: tuple[int, int]
    own: NDArray[np.uint8]


def extent(own: NDArray[Any]) -> tuple[tuple[int, int, int, int], int]:
    """The (column, row, width, height) and the count of the non-zero pixels of [h, w]."""
    rows = np.flatnonzero(own.any(axis=1))
    if not len(rows):
        return (0, 0, 0, 0), 0
    top, bottom = int(rows[0]), int(rows[-1]) + 1
    columns = np.flatnonzero(own[top:bottom].any(axis=0))  # the slower axis, where it must be
    left, right = int(columns[0]), int(columns[-1]) + 1
    return (left, top, right - left, bottom - top), int(np.count_nonzero(own))


def scale_sprite(sprite: Sprite, pixels_per_unit: float) -> Scaled:
    """Resample a sprite, in linear light, to ``pixels_per_unit`` image pixels a unit of its own."""
    coverage = sprite.alpha.astype(np.int64)[:, :, None] * 257  # 255 becomes 65535
    light = colour.LINEAR[sprite.radiance].astype(np.int64)
    step = step_between(sprite.pixels_per_unit, pixels_per_unit)
    painted, corner = resample(np.concatenate([light, coverage], axis=2), sprite.anchor, step)
    shade, shade_corner = _scaled_shade(sprite, pixels_per_unit)
    alpha = ((painted[:, :, 3] + 128) // 257).astype(np.uint8)
    painted, alpha, corner = _trimmed(painted, alpha, corner)
    radiance = painted[:, :, :3].astype(np.uint16)
    return Scaled(radiance, alpha, corner, shade, shade_corner)


def outline(sprite: Sprite, pixels_per_unit: float) -> Outline:
    """The ``own`` that ``scale_sprite`` and ``colour_sprite`` give a sprite, and nothing else."""
    coverage = sprite.alpha.astype(np.int64)[:, :, None] * 257
    step = step_between(sprite.pixels_per_unit, pixels_per_unit)
    scaled, corner = resample(coverage, sprite.anchor, step)
    own = np.where((scaled[:, :, 0] + 128) // 257 >= OWNED, np.uint8(255), np.uint8(0))
    own, _, corner = _trimmed(own, own, corner)
    return Outline(corner, own)


def _scaled_shade(
    sprite: Sprite, pixels_per_unit: float
) -> tuple[NDArray[np.int16], tuple[int, int]]:
    """The ``shade`` and ``shade_corner`` of a ``Scaled``."""
    shadow = sprite.shadow
    # A channel at a time: reductions along an axis of three are slow.
    strong = functools.reduce(np.logical_or, (_is_strong(shadow[:, :, i]) for i in range(3)))
    shadow, _, (left, top) = _trimmed(shadow, strong, (0, 0))
    change = colour.RATIO[shadow].astype(np.int64) - colour.RATIO_UNIT
    anchor = sprite.shadow_anchor[0] - left, sprite.shadow_anchor[1] - top
    step = step_between(sprite.shadow_pixels_per_unit, pixels_per_unit)
    shade, corner = resample(change, anchor, step)
    return shade.astype(np.int16), corner


def _is_strong(codes: NDArray[np.uint8]) -> NDArray[np.bool_]:
    """Bool, as ``codes``: whether a shadow code is more than ``FAINT`` from no shadow."""
    return (codes < RATIO_ONE - FAINT) | (codes > RATIO_ONE + FAINT)


def colour_sprite(scaled: Scaled, code: str) -> Layers:
    """Give a scaled sprite the albedo that a hex colour means, or leave it in its own."""
    weights = colour.UNTINTED if code == OWN else colour.tint_weights(colour.albedo(code))
    light = colour.tint(scaled.radiance, weights).clip(0, colour.FULL)
    solid = np.repeat((scaled.alpha == _SOLID)[:, :, None], 3, axis=2)
    edge = np.stack(((scaled.alpha > 0) & (scaled.alpha < _SOLID)).nonzero())
    own = np.where(scaled.alpha >= OWNED, np.uint8(255), np.uint8(0))
    box, area = extent(own)
    codes = colour.log_codes(colour.tint(scaled.shade, weights) + colour.RATIO_UNIT)
    return Layers(
        corner=scaled.corner,
        paint=np.where(solid, colour.DISPLAY[light], np.uint8(0)),
        keep=np.where(solid, np.uint8(0), np.uint8(255)),
        own=own,
        edge=edge,
        edge_light=light[edge[0], edge[1]],
        edge_clear=_SOLID - scaled.alpha[edge[0], edge[1]].astype(np.int64)[:, None],
        box=box,
        area=area,
        shade=codes.view(np.uint16),
        shade_corner=scaled.shade_corner,
    )


def _trimmed(
    values: NDArray[Any], where: Any, corner: tuple[int, int]
) -> tuple[NDArray[Any], NDArray[Any], tuple[int, int]]:
    """Copies of ``values`` and ``where`` cut to the box of ``where``, and their new corner."""
    (left, top, width, height), _ = extent(where)
    window = np.s_[top : top + height, left : left + width]
    return values[window].copy(), where[window].copy(), (corner[0] + left, corner[1] + top)


class LayerCache:
    """Layers of placed objects; the least recently used are dropped beyond ``limit`` bytes."""

    def __init__(self, source: SpriteSource, limit: int) -> None:
        self._source = source
        self._limit = limit
        self._held = 0
        self._entries: OrderedDict[tuple[Any, ...], Scaled | Layers | Outline] = OrderedDict()

    @property
    def held(self) -> int:
        """Bytes of the arrays in the cache."""
        return self._held

    def layers(self, placed: Placed, camera: Camera) -> Layers:
        """The layers of an object on a camera's image.

        Raises:
            AssetError: the source has no such sprite.
            RecipeError: the colour is not a hex colour.
        """
        shape, size = self._shape(placed, camera)

        def scaled() -> Scaled:
            return scale_sprite(self._sprite(placed, camera), size)

        def coloured() -> Layers:
            return colour_sprite(self._get((*shape, Scaled), scaled), placed.colour)

        return self._get((*shape, Layers, placed.colour), coloured)

    def outline(self, placed: Placed, camera: Camera) -> Outline:
        """The outline of an object on a camera's image; its layers are several times the work.

        Raises:
            AssetError: the source has no such sprite.
        """
        shape, size = self._shape(placed, camera)

        def outlined() -> Outline:
            return outline(self._sprite(placed, camera), size)

        return self._get((*shape, Outline), outlined)

    def _shape(self, placed: Placed, camera: Camera) -> tuple[tuple[Any, ...], float]:
        """What the scaled sprite depends on, and its pixels a unit."""
        size = placed.scale * camera.pixels_per_unit
        return (placed.asset, _aspect(placed, camera), placed.material, size), size

    def _sprite(self, placed: Placed, camera: Camera) -> Sprite:
        return self._source.sprite(placed.asset, _aspect(placed, camera), placed.material)

    def _get(self, key: tuple[Any, ...], make: Callable[[], _T]) -> _T:
        entry: Any = self._entries.get(key)
        if entry is None:
            entry = make()
            self._entries[key] = entry
            self._held += _bytes(entry)
            while self._held > self._limit and len(self._entries) > 1:
                self._held -= _bytes(self._entries.popitem(last=False)[1])
        else:
            self._entries.move_to_end(key)
        made: _T = entry
        return made


def _aspect(placed: Placed, camera: Camera) -> Aspect:
    return Aspect(placed.yaw, placed.tilt, placed.pose, camera.name)


def _bytes(entry: Scaled | Layers | Outline) -> int:
    """Memory of an entry's arrays."""
    values = (getattr(entry, field.name) for field in dataclasses.fields(entry))
    return sum(value.nbytes for value in values if isinstance(value, np.ndarray))
