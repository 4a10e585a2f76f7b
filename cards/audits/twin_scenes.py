"""The same object composed on two backgrounds: nothing else in the picture differs."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from benchwright.builders.backgrounds.textures import textures
from benchwright.builders.backgrounds.views import WINDOWS
from benchwright.builders.compose import Composer
from benchwright.builders.rendering import composer
from benchwright.builders.sources import sprite_source
from benchwright.builders.sprites import OWN, SpriteSource
from benchwright.cards.audits.composed_vectors import BUILT_IN, composed_vectors
from benchwright.curation.models.identity import Model
from benchwright.errors import AssetError
from benchwright.images import JPEG_QUALITY
from benchwright.recipe import Objects
from benchwright.record import Placed, Scene
from benchwright.seeding import generator

SIZE = 384
"""Pixels: above what most models look at, below what takes long."""

SCALES = (2.6, 3.4, 4.4)
"""Of the object, to draw from: a fifth to a half of the picture's width."""

COLOURS = ("#2a4bd7", "#ad2323", "#1d6914", "#ffcc33", "#8126c0", "#575757")
"""Of objects that have no colour of their own."""

Pair = tuple[Scene, Scene]


class Twins:
    """Composes an object on the backgrounds of a pair."""

    def __init__(self, names: Sequence[str], photos: str = "") -> None:
        """With the built-in objects.

        Args:
            names: of the objects.
            photos: folder of photographs called as backgrounds are (``sand.jpg``), to stand for
                those that no texture is called; "" for textures alone.
        """
        self._source: SpriteSource = sprite_source(Objects(names=list(names)))
        folders = (photos,) if photos else ()
        self._composer: Composer = composer(Objects(names=list(names)), folders)
        self._photos = photos

    def has(self, name: str) -> bool:
        """Whether there is an object of a name."""
        try:
            self._source.yaws(self._source.asset(name))
        except AssetError:
            return False
        return True

    def shows(self, background: str) -> bool:
        """Whether there is a background of a name."""
        return background in textures() or self._is_photograph(background)

    def _is_photograph(self, background: str) -> bool:
        return bool(self._photos) and any(Path(self._photos).glob(f"{background}.*"))

    def pair(self, name: str, backgrounds: tuple[str, str], seed: int, number: int) -> Pair:
        """The object somewhere, on each background; the same window of both textures."""
        chance = generator(seed, "twins", name, number)
        window = chance.randrange(WINDOWS)
        first, second = (self._background(background, window) for background in backgrounds)
        asset = self._source.asset(name)
        scene = Scene(SIZE, SIZE, first, "tilted", self._source.light(asset) or "none",
                      (self._stand(chance, name, asset),))  # fmt: skip
        return scene, replace(scene, background=second)

    def _background(self, name: str, window: int) -> str:
        if name in textures():
            return f"{name}@{window}"
        return f"{Path(self._photos).resolve().name}/{name}"

    def _stand(self, chance: random.Random, name: str, asset: str) -> Placed:
        scale = chance.choice(SCALES)
        reach = max(0.6, 3.4 - scale / 2)  # large ones nearer to the middle: most are whole
        tintable = self._source.is_tintable(asset)
        return Placed(
            name=name, asset=asset, slot=-1,
            x=round(chance.uniform(-reach, reach), 3), y=round(chance.uniform(-2.5, 0.5), 3),
            yaw=chance.choice(self._source.yaws(asset)), tilt=0, pose="standing",
            scale=scale, size="same",
            colour=chance.choice(COLOURS) if tintable else OWN,
            material="rubber" if tintable else OWN,
        )  # fmt: skip

    def encoded(self, model: Model, scenes: Sequence[Scene]) -> NDArray[np.float32]:
        """A model's vectors of scenes, float32 [n, width]; kept, unless photographs are shown."""
        assets = "" if self._photos else BUILT_IN
        return composed_vectors(model, self._composer, scenes, JPEG_QUALITY, assets)
