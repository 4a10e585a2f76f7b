"""The path-traced look: sprites of the shipped atlas, and others baked when first asked for."""

from __future__ import annotations

from pathlib import Path

from benchwright.builders.atlas import AtlasSprites
from benchwright.builders.sprites import Sprite
from benchwright.errors import AssetError


class BakedSprites:
    """Sprites of the atlas, and of its shapes at any other yaw; a ``SpriteSource``.

    A yaw that the atlas lacks is baked with the extra ``render`` and kept in a cache folder.
    """

    def __init__(self, cache: Path) -> None:
        self._atlas = AtlasSprites()
        self._cache = cache

    def names(self) -> tuple[str, ...]:
        """Asset names, in catalogue order."""
        return self._atlas.names()

    def yaws(self, name: str) -> tuple[int, ...]:
        """The atlas's yaws of an asset, degrees: what ``yaw: any`` draws from."""
        return self._atlas.yaws(name)

    def digest(self, name: str, yaw: int, material: str) -> str:
        """16 hex digits that change whenever the pixels of this sprite would.

        Raises:
            AssetError: the sprite has to be baked and cannot be here.
        """
        if yaw in self._atlas.yaws(name):
            return self._atlas.digest(name, yaw, material)
        self._need_renderer(name, yaw)
        from benchwright.builders.render.sprite_cache import sprite_digest

        return sprite_digest(name, yaw, material)

    def sprite(self, name: str, yaw: int, material: str) -> Sprite:
        """One sprite.

        Raises:
            AssetError: as for ``digest``, or the atlas's files are damaged.
        """
        if yaw in self._atlas.yaws(name):
            return self._atlas.sprite(name, yaw, material)
        self._need_renderer(name, yaw)
        from benchwright.builders.render.sprite_cache import SpriteCache

        return SpriteCache(self._cache).layered(name, yaw, material)[0]

    def _need_renderer(self, name: str, yaw: int) -> None:
        from importlib.util import find_spec

        if not (find_spec("mitsuba") and find_spec("trimesh")):
            shipped = ", ".join(map(str, self._atlas.yaws(name)))
            raise AssetError(
                f"{name} at yaw {yaw} has to be baked: pip install 'benchwright[render]', or use "
                f"yaws of the atlas ({shipped})"
            )
