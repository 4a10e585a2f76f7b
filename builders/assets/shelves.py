"""Many sources as one, in an order of preference, class by class; cutouts as a sprite source."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from functools import cache

from benchwright.builders.assets.source import CutoutSource
from benchwright.builders.sprites import OWN, Aspect, Sprite, SpriteSource
from benchwright.errors import AssetError, did_you_mean

BUILTIN = "builtin"
"""Label of the assets that ship with Benchwright, whose ids are their plain names."""


class CutoutSprites:
    """Sprites of a ``CutoutSource``: pictures, seen as they are; a ``SpriteSource``."""

    def __init__(self, source: CutoutSource) -> None:
        self._source = source
        self._identity = cache(source.identity)

    def names(self) -> tuple[str, ...]:
        """The source's objects."""
        return self._source.names()

    def asset(self, name: str) -> str:
        """The asset of that name."""
        return name

    def light(self, asset: str) -> str:
        """Whatever the picture was taken or drawn in."""
        return "cutout"

    def yaws(self, name: str) -> tuple[int, ...]:
        """Only the front: a picture has no other side."""
        return (0,)

    def is_tintable(self, name: str) -> bool:
        """None is: pictures come in colours of their own."""
        return False

    def digest(self, name: str, aspect: Aspect, material: str) -> str:
        """16 hex digits that change whenever the pixels of this sprite would.

        Raises:
            AssetError: there is no such picture or aspect.
        """
        self._check(name, aspect, material)
        return hashlib.sha256(self._identity(name).encode()).hexdigest()[:16]

    def sprite(self, name: str, aspect: Aspect, material: str) -> Sprite:
        """One sprite.

        Raises:
            AssetError: as for ``digest``, or its file is refused.
        """
        self._check(name, aspect, material)
        return self._source.sprite(name)

    def _check(self, name: str, aspect: Aspect, material: str) -> None:
        if aspect != Aspect(0):
            raise AssetError(
                f"{self._source.label}/{name} is a picture, only to be seen from its front, "
                f"standing, not at {aspect}"
            )
        if material != OWN:
            raise AssetError(f'{name} has colours of its own, so its material is "{OWN}"')


class Shelves:
    """Sources by label, the preferred first; a ``SpriteSource`` whose ids name the source."""

    def __init__(self, sources: Mapping[str, SpriteSource]) -> None:
        self._sources = dict(sources)
        self._names = {label: frozenset(source.names()) for label, source in sources.items()}

    def names(self) -> tuple[str, ...]:
        """Objects that any source has."""
        every = (name for source in self._sources.values() for name in source.names())
        return tuple(dict.fromkeys(every))

    def asset(self, name: str) -> str:
        """Id of an object's asset in the first source that has it.

        Raises:
            AssetError: none has.
        """
        for label, names in self._names.items():
            if name in names:
                return name if label == BUILTIN else f"{label}/{name}"
        hint = did_you_mean(name, self.names())
        raise AssetError(f'no "{name}" in {", ".join(self._sources)}{hint}')

    def light(self, asset: str) -> str:
        """The light an asset is seen in."""
        source, name = self._found(asset)
        return source.light(name)

    def yaws(self, asset: str) -> tuple[int, ...]:
        """Yaws at which an asset is to be had."""
        source, name = self._found(asset)
        return source.yaws(name)

    def is_tintable(self, asset: str) -> bool:
        """Whether an asset takes any colour and material."""
        source, name = self._found(asset)
        return source.is_tintable(name)

    def digest(self, asset: str, aspect: Aspect, material: str) -> str:
        """16 hex digits that change whenever the pixels of this sprite would."""
        source, name = self._found(asset)
        return source.digest(name, aspect, material)

    def sprite(self, asset: str, aspect: Aspect, material: str) -> Sprite:
        """One sprite."""
        source, name = self._found(asset)
        return source.sprite(name, aspect, material)

    def _found(self, asset: str) -> tuple[SpriteSource, str]:
        label, name = split_id(asset)
        if label not in self._sources:
            raise AssetError(f'{asset}: no source "{label}" among {", ".join(self._sources)}')
        return self._sources[label], name


def split_id(asset: str) -> tuple[str, str]:
    """Label and name of an asset id."""
    label, slash, name = asset.rpartition("/")
    return (label, name) if slash else (BUILTIN, asset)
