"""Which sprite source a recipe's look names, and what it gave to a recipe."""

from __future__ import annotations

import hashlib
import os
from functools import cache
from pathlib import Path

from benchwright.builders.sprites import SpriteSource
from benchwright.recipe import Recipe


@cache
def sprite_source(look: str) -> SpriteSource:
    """The source of a look, one a process.

    Args:
        look: ``baked`` (path-traced: the shipped atlas, and what is baked for other yaws) or
            ``flat`` (silhouettes).
    """
    if look == "flat":
        from benchwright.builders.flat import FlatSprites

        return FlatSprites()
    from benchwright.builders.baked import BakedSprites

    return BakedSprites(cache_folder() / "sprites")


def cache_folder() -> Path:
    """Where this user's caches lie: ``BENCHWRIGHT_CACHE``, else the system's usual place."""
    if named := os.environ.get("BENCHWRIGHT_CACHE"):
        return Path(named)
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "benchwright"


def asset_digests(recipe: Recipe) -> dict[str, str]:
    """Object name to one digest of all its sprites that the recipe may show.

    Raises:
        AssetError: a sprite is not to be had here.
    """
    source, yaw = sprite_source(recipe.objects.look), recipe.objects.yaw
    digests = {}
    for name in recipe.objects.names:
        yaws = yaw if isinstance(yaw, list) else [0] if yaw == "front" else source.yaws(name)
        shown = [source.digest(name, y, m) for y in yaws for m in sorted(recipe.objects.materials)]
        digests[name] = hashlib.sha256("".join(shown).encode()).hexdigest()[:16]
    return digests
