"""A background's pixels, from its name in a scene.

``#cdcdcd`` is a colour; ``grass@17`` window 17 of the texture ``grass``; ``photos/meadow`` a
photograph of the folder ``photos``, and ``photos/meadow@8`` the same one out of focus.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import lru_cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from benchwright.builders.backgrounds.photographs import Photograph, photographs
from benchwright.builders.backgrounds.scaling import shrunk
from benchwright.builders.backgrounds.textures import (
    DEPTH,
    WIDTH,
    digest,
    textures,
    tile,
)
from benchwright.builders.camera import TILTED
from benchwright.errors import AssetError, RecipeError
from benchwright.seeding import digest as number

WINDOWS = 64
"""Windows of a texture that scenes draw from: objects don't always stand on the same stones."""

_HELD = 24
"""Tiles kept a process: 19 MB of them at 512 px."""


def is_colour(background: str) -> bool:
    """Whether a background is plain."""
    return background.startswith("#")


class Photos:
    """The photographs of a recipe's folders, as they are at each moment."""

    def __init__(self, folders: Iterable[str]) -> None:
        """Of folders, by whose own names their photographs' names begin.

        Raises:
            AssetError: two have one name.
        """
        self._folders: dict[str, Path] = {}
        for folder in folders:
            name = Path(folder).resolve().name
            if name in self._folders:
                raise AssetError(f"{folder}: another folder is called {name}; rename one")
            self._folders[name] = Path(folder)

    def __iter__(self) -> Iterator[Photograph]:
        """All of them, folder by folder."""
        for folder in self._folders.values():
            yield from photographs(folder).values()

    def named(self, name: str) -> Photograph:
        """The photograph of a name.

        Raises:
            AssetError: no folder holds it.
        """
        folder = self._folders.get(name.partition("/")[0])
        found = photographs(folder).get(name) if folder else None
        if found is None:
            raise AssetError(f'there is no background "{name}": name its folder in the recipe')
        return found


def identity(background: str, photos: Photos) -> str:
    """What decides a background's pixels besides its name; nothing where that is a colour.

    Raises:
        AssetError: there is no such background.
    """
    name = background.partition("@")[0]
    if is_colour(background):
        return ""
    return digest(name) if name in textures() else photos.named(name).digest


def pixels(background: str, size: int, camera: str, photos: Photos) -> NDArray[np.uint8]:
    """uint8 [size, size, 3] sRGB of a texture or photograph, not to be written to.

    Args:
        background: its name in the scene.
        size: pixels, at most ``WIDTH``.
        camera: textures lie on the ground and are foreshortened; photographs are as they are.
        photos: where photographs are.

    Raises:
        AssetError: there is no such background, or its file is refused.
        RecipeError: what follows the ``@`` is no number.
    """
    name, _, view = background.partition("@")
    if view and not view.isdecimal():
        raise RecipeError(f'background "{background}": a number follows the "@"')
    if name not in textures():
        return photos.named(name).pixels(size, int(view or 0))
    ground = _ground(name, size, camera)
    down, right = _window(int(view or 0), size, stands=textures()[name].stands)
    return np.roll(ground, (-down, -right), axis=(0, 1))[:size]


def _window(view: int, size: int, *, stands: bool) -> tuple[int, int]:
    """Rows and columns a tile is shifted by: the same share of it at every size."""
    drawn = number("window", view)
    down, right = (drawn >> 32 & 0xFFFF) * size >> 16, (drawn & 0xFFFF) * size >> 16
    return (0, right) if stands else (down, right)


@lru_cache(maxsize=_HELD)
def _ground(name: str, size: int, camera: str) -> NDArray[np.uint8]:
    """A tile as the camera sees it: foreshortened to the picture's height, or from above."""
    is_whole = camera == TILTED or textures()[name].stands
    return shrunk(tile(name), size if is_whole else size * DEPTH // WIDTH, size)
