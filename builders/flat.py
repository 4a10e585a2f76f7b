"""Flat silhouettes: the icon look, and a source of sprites that needs no renderer.

Shapes stand upright on the ground and have no light of their own: their colour is the tint.
"""

from __future__ import annotations

import functools
import hashlib
import math

import numpy as np
from numpy.typing import NDArray

from benchwright.builders.colour import DISPLAY, FULL
from benchwright.builders.contact_shadow import contact_shadow
from benchwright.builders.sprites import ALBEDOS, Aspect, Sprite
from benchwright.errors import AssetError, did_you_mean

MATERIALS = ("rubber", "metal")
"""Accepted alike: without light a material makes no difference."""

_VERSION = 1  # of the code below; raise it when the same outlines would give other pixels
_PIXELS_PER_UNIT = 320 / 3  # that of the baked sprites
_SHADE_PIXELS_PER_UNIT = 160 / 3
_SAMPLES = 4  # a side of each pixel
_SAMPLE, _POINT = 75, 64  # half a sample's side and a thousandth of a unit, both in 1/64000 unit
_SIDE, _HEIGHT = 136, 256  # pixels of the sprite left and right of the anchor, and above it
_BLOB = (64, 26)  # half axes of the contact shadow, in its own pixels

Ring = tuple[tuple[int, int], ...]
Part = tuple[Ring, ...]


def _ring(*points: float) -> Ring:
    """A closed outline of x, z, x, z, ... in hundredths of a unit, as thousandths."""
    return tuple(
        (round(x * 10), round(z * 10)) for x, z in zip(points[::2], points[1::2], strict=True)
    )


def _arc(x: float, z: float, rx: float, rz: float, start: float = 0, stop: float = 360) -> Ring:
    """An elliptic arc around (x, z), counter-clockwise where ``stop`` is the larger angle."""
    turns = [math.radians(start + (stop - start) * step / 60) for step in range(61)]
    return _ring(*(c for t in turns for c in (x + rx * math.cos(t), z + rz * math.sin(t))))


def _spokes(count: int, outer: float, inner: float, z: float) -> Ring:
    """A star of ``count`` points; a regular polygon where ``inner`` lies on its sides."""
    turns = [math.pi / 2 + math.pi * step / count for step in range(2 * count)]
    radii = [outer, inner] * count
    return _ring(*(
        c for t, r in zip(turns, radii, strict=True) for c in (r * math.cos(t), z + r * math.sin(t))
    ))  # fmt: skip


def _bar(x: float, z: float, length: float, half: float, degrees: float) -> Ring:
    """A bar from (x, z), ``half`` wide to each side, towards ``degrees``."""
    c, s = math.cos(math.radians(degrees)), math.sin(math.radians(degrees))
    corners = ((0, -half), (length, -half), (length, half), (0, half))
    return _ring(*(v for u, w in corners for v in (x + u * c - w * s, z + u * s + w * c)))


def _flake() -> tuple[Part, ...]:
    arms = []
    for turn in range(30, 390, 60):
        c, s = math.cos(math.radians(turn)), math.sin(math.radians(turn))
        twigs = [(_bar(60 * c, 100 + 60 * s, 38, 8, turn + side),) for side in (-50, 50)]
        arms += [(_bar(0, 100, 100, 9, turn),), *twigs]
    return tuple(arms)


# A silhouette is the union of its parts; a part's rings cut holes in each other. Hundredths of a
# unit, x from the anchor, z above the ground.
_SILHOUETTES: dict[str, tuple[Part, ...]] = {
    "cube": ((_ring(-85, 0, 85, 0, 85, 170, -85, 170),),),
    "sphere": ((_arc(0, 100, 100, 100),),),
    "cylinder": ((_arc(0, 25, 80, 25, 180, 360) + _arc(0, 165, 80, 25, 0, 180),),),
    "mug": (
        (_arc(-15, 20, 72, 20, 180, 360) + _arc(-15, 160, 72, 20, 0, 180),),
        (_arc(57, 95, 50, 52, -90, 90) + _arc(57, 95, 28, 30, 90, -90),),
    ),
    "pentagon": ((_spokes(5, 106, 106 * math.cos(math.pi / 5), 88),),),
    "heart": ((_arc(46, 128, 52, 52, -40, 152) + _arc(-46, 128, 52, 52, 28, 220) + _ring(0, 0),),),
    "cone": ((_arc(0, 20, 90, 20, 180, 360) + _ring(0, 200),),),
    "pyramid": ((_ring(-100, 15, 20, 0, 100, 25, 0, 175),),),
    "diamond": ((_ring(0, 0, 100, 120, 62, 165, -62, 165, -100, 120),),),
    "moon": ((_arc(0, 100, 100, 100, 65, 295) + _arc(50, 100, 91, 91, 265, 95),),),
    "cross": (
        (_ring(-32, 0, 32, 0, 32, 200, -32, 200),),
        (_ring(-100, 68, 100, 68, 100, 132, -100, 132),),
    ),
    "snowflake": _flake(),
    "leaf": (
        (_arc(-75, 110, 125, 125, -53, 53) + _arc(75, 110, 125, 125, 127, 233),),
        (_bar(0, 0, 60, 6, 90),),
    ),
    "arrow": ((_ring(-32, 0, 32, 0, 32, 95, 95, 95, 0, 200, -95, 95, -32, 95),),),
    "star": ((_spokes(5, 108, 46, 88),),),
    "torus": ((_arc(0, 75, 115, 75), _arc(0, 80, 48, 26)),),
    "pot": (
        (_ring(-65, 0, 65, 0, 88, 130, -88, 130),),
        (_ring(-102, 125, 102, 125, 102, 165, -102, 165),),
    ),
    "cap": ((_arc(-15, 20, 85, 95, 0, 180),), (_arc(35, 20, 90, 20),)),
}  # fmt: skip


def _inside(ring: Ring, columns: NDArray[np.int64], rows: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Bool [rows, columns]: whether a sample lies inside a ring, by the even-odd rule."""
    odd = np.zeros((len(rows), len(columns)), dtype=np.bool_)
    points = np.array(ring, dtype=np.int64) * _POINT
    for (x0, z0), (x1, z1) in zip(points, np.roll(points, -1, axis=0), strict=True):
        (x0, z0), (x1, z1) = sorted([(x0, z0), (x1, z1)], key=lambda point: point[1])
        crossed = ((rows >= z0) & (rows < z1)).nonzero()[0]
        offset = (columns - x0) * (z1 - z0) - ((rows[crossed] - z0) * (x1 - x0))[:, None]
        odd[crossed] ^= offset < 0
    return odd


def _coverage(parts: tuple[Part, ...]) -> NDArray[np.int64]:
    """int64 [h, w]: samples of each pixel, 0 to ``_SAMPLES`` squared, that a silhouette covers."""
    columns = _SAMPLE * (2 * np.arange(-_SIDE * _SAMPLES, _SIDE * _SAMPLES) + 1)
    rows = _SAMPLE * (2 * np.arange(_HEIGHT * _SAMPLES)[::-1] + 1)
    covered = np.zeros((len(rows), len(columns)), dtype=np.bool_)
    for part in parts:
        rings = [_inside(ring, columns, rows) for ring in part]
        covered |= np.logical_xor.reduce(rings)
    pixels = covered.reshape(_HEIGHT, _SAMPLES, 2 * _SIDE, _SAMPLES)
    return pixels.sum(axis=(1, 3), dtype=np.int64)


@functools.cache
def _drawn(name: str) -> Sprite:
    samples = _coverage(_SILHOUETTES[name])
    shadow, shadow_anchor = contact_shadow(*_BLOB)
    light = samples[:, :, None] * np.array([round(a * FULL) for a in ALBEDOS]) // _SAMPLES**2
    return Sprite(
        radiance=DISPLAY[light],
        alpha=(samples * 255 // _SAMPLES**2).astype(np.uint8),
        anchor=(_SIDE, _HEIGHT),
        shadow=shadow,
        shadow_anchor=shadow_anchor,
        pixels_per_unit=_PIXELS_PER_UNIT,
        shadow_pixels_per_unit=_SHADE_PIXELS_PER_UNIT,
    )


class FlatSprites:
    """A ``SpriteSource`` of flat silhouettes, each seen from one side."""

    def names(self) -> tuple[str, ...]:
        """The silhouettes."""
        return tuple(_SILHOUETTES)

    def asset(self, name: str) -> str:
        """The silhouette of that name."""
        return name

    def light(self, asset: str) -> str:
        """None of its own."""
        return "flat"

    def yaws(self, name: str) -> tuple[int, ...]:
        """Only the front: a silhouette has no other side."""
        self._check(name)
        return (0,)

    def is_tintable(self, name: str) -> bool:
        """Every silhouette is."""
        self._check(name)
        return True

    def digest(self, name: str, aspect: Aspect, material: str) -> str:
        """Hash of the outline and of the code's version."""
        self._check(name)
        return hashlib.sha256(repr((_VERSION, _SILHOUETTES[name])).encode()).hexdigest()[:16]

    def sprite(self, name: str, aspect: Aspect, material: str) -> Sprite:
        """A silhouette as a sprite.

        Raises:
            AssetError: there is no such silhouette, aspect or material.
        """
        self._check(name)
        if aspect != Aspect(0):
            raise AssetError(f"flat {name} is only to be seen from the front, not at {aspect}")
        if material not in MATERIALS:
            raise AssetError(f'no material "{material}"{did_you_mean(material, MATERIALS)}')
        return _drawn(name)

    def _check(self, name: str) -> None:
        if name not in _SILHOUETTES:
            hint = did_you_mean(name, _SILHOUETTES)
            raise AssetError(f'no flat silhouette "{name}"{hint}')
