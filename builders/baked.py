"""The path-traced look: sprites of the shipped atlas, and others baked when first asked for."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from benchwright.builders.assets.source import MESH_YAWS, MeshSource
from benchwright.builders.atlas import AtlasSprites
from benchwright.builders.sprites import OWN, Aspect, Sprite
from benchwright.errors import AssetError

if TYPE_CHECKING:
    from benchwright.builders.render.sprite_cache import SpriteCache


class BakedSprites:
    """Sprites of the atlas, and of its assets in any other aspect; a ``SpriteSource``.

    An aspect that the atlas lacks is baked with the extra ``render`` and kept in a cache folder.
    """

    def __init__(self, cache: Path) -> None:
        self._atlas = AtlasSprites()
        self._cache = cache

    def names(self) -> tuple[str, ...]:
        """Asset names, in catalogue order."""
        return self._atlas.names()

    def asset(self, name: str) -> str:
        """The asset of that name."""
        return name

    def light(self, asset: str) -> str:
        """That of the baking."""
        return self._atlas.light(asset)

    def yaws(self, name: str) -> tuple[int, ...]:
        """The atlas's yaws of an asset, degrees: what ``yaw: any`` draws from."""
        return self._atlas.yaws(name)

    def is_tintable(self, name: str) -> bool:
        """Whether an asset takes any colour and material."""
        return self._atlas.is_tintable(name)

    def digest(self, name: str, aspect: Aspect, material: str) -> str:
        """16 hex digits that change whenever the pixels of this sprite would.

        Raises:
            AssetError: the sprite has to be baked and cannot be here.
        """
        if self._atlas.holds(name, aspect):
            return self._atlas.digest(name, aspect, material)
        return self._bakery(name, aspect).digest(name, aspect, material)

    def sprite(self, name: str, aspect: Aspect, material: str) -> Sprite:
        """One sprite.

        Raises:
            AssetError: as for ``digest``, or the atlas's files are damaged.
        """
        if self._atlas.holds(name, aspect):
            return self._atlas.sprite(name, aspect, material)
        return self._bakery(name, aspect).layered(name, aspect, material)[0]

    def _bakery(self, name: str, aspect: Aspect) -> SpriteCache:
        def instead() -> str:
            shipped = ", ".join(map(str, self._atlas.yaws(name)))
            return f", or use yaws of the atlas ({shipped})"

        need_renderer(f"{name} at {aspect}", instead)
        from benchwright.builders.render.sprite_cache import SpriteCache

        return SpriteCache(self._cache)


class MeshSprites:
    """Sprites of the models of a ``MeshSource``, baked when first shown; a ``SpriteSource``."""

    def __init__(self, source: MeshSource, cache: Path) -> None:
        self._source = source
        self._cache = cache
        self._kept: SpriteCache | None = None

    def names(self) -> tuple[str, ...]:
        """The source's objects."""
        return self._source.names()

    def asset(self, name: str) -> str:
        """The asset of that name."""
        return name

    def light(self, asset: str) -> str:
        """That of the baking."""
        return "softboxes"

    def yaws(self, name: str) -> tuple[int, ...]:
        """What ``yaw: any`` draws from, degrees; others can be asked for."""
        return MESH_YAWS

    def is_tintable(self, name: str) -> bool:
        """None is: models come in colours of their own."""
        return False

    def digest(self, name: str, aspect: Aspect, material: str) -> str:
        """16 hex digits that change whenever the pixels of this sprite would.

        Raises:
            AssetError: its files are refused, or it cannot be baked here.
        """
        return self._bakery(name).digest(name, aspect, material)

    def sprite(self, name: str, aspect: Aspect, material: str) -> Sprite:
        """One sprite.

        Raises:
            AssetError: as for ``digest``.
        """
        if material != OWN:
            raise AssetError(f'{name} has colours of its own, so its material is "{OWN}"')
        return self._bakery(name).layered(name, aspect, material)[0]

    def _bakery(self, name: str) -> SpriteCache:
        if self._kept is None:
            need_renderer(f"{self._source.label}/{name}", lambda: "")
            from benchwright.builders.render.sprite_cache import SpriteCache
            from benchwright.builders.render.subjects import MeshSubjects

            self._kept = SpriteCache(self._cache, MeshSubjects(self._source))
        return self._kept


def need_renderer(what: str, instead: Callable[[], str]) -> None:
    """Fail where nothing can be baked.

    Raises:
        AssetError: the extra ``render`` is not installed.
    """
    from importlib.util import find_spec

    if not (find_spec("mitsuba") and find_spec("trimesh")):
        raise AssetError(f"{what} has to be baked: pip install 'benchwright[render]'{instead()}")
