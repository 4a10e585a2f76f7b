"""Sprites of equal area: each asset scaled until its front covers as much as every other's."""

from __future__ import annotations

import hashlib
import math
from dataclasses import replace
from functools import cache

from benchwright.builders.sprites import Aspect, Sprite, SpriteSource

AREA = 1.5
"""Square world units that the front of every asset covers at scale 1: in between a cube's 4 and a
fork's half. Constant, so that an asset added to a set changes no other."""


class EqualAreas:
    """Another source's sprites, scaled by the measured area of each asset's front.

    An asset has one scale for all its yaws: turning it doesn't make it grow.
    """

    def __init__(self, source: SpriteSource) -> None:
        self._source = source
        self.names, self.asset, self.light = source.names, source.asset, source.light
        self.yaws, self.is_tintable = source.yaws, source.is_tintable
        self._factor = cache(self._measured)

    def digest(self, name: str, aspect: Aspect, material: str) -> str:
        """16 hex digits that change whenever the pixels of this sprite would."""
        front = self._source.digest(name, self._front(name), material)
        parts = (self._source.digest(name, aspect, material), front, AREA)
        return hashlib.sha256(repr(parts).encode()).hexdigest()[:16]

    def sprite(self, name: str, aspect: Aspect, material: str) -> Sprite:
        """One sprite, scaled.

        Raises:
            AssetError: there is no such asset, aspect or material.
        """
        sprite = self._source.sprite(name, aspect, material)
        factor = self._factor(name, material)
        return replace(
            sprite,
            pixels_per_unit=sprite.pixels_per_unit / factor,
            shadow_pixels_per_unit=sprite.shadow_pixels_per_unit / factor,
        )

    def _front(self, name: str) -> Aspect:
        yaws = self._source.yaws(name)
        return Aspect(0 if 0 in yaws else yaws[0])

    def _measured(self, name: str, material: str) -> float:
        front = self._source.sprite(name, self._front(name), material)
        covered = int(front.alpha.sum(dtype=int)) / 255 / front.pixels_per_unit**2
        return math.sqrt(AREA / covered)
