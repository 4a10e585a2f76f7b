"""Which sprites a recipe's objects are drawn from, whose they are, whether they may be shown."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from functools import cache
from typing import Literal

from benchwright.builders.assets.equal_areas import EqualAreas
from benchwright.builders.assets.licences import conflict
from benchwright.builders.assets.opened import label_of, opened
from benchwright.builders.assets.shelves import BUILTIN, CutoutSprites, Shelves, split_id
from benchwright.builders.assets.source import CutoutSource
from benchwright.builders.blender.view import AREA_LAMPS
from benchwright.builders.scenes import pose, yaws
from benchwright.builders.sprites import OWN, Aspect, SpriteSource
from benchwright.caches import cache_folder
from benchwright.errors import RecipeError
from benchwright.ledger import Source as Credit
from benchwright.recipe import Objects, Recipe

CREATOR, LICENCE = "The Benchwright developers", "apache-2.0"
"""Of everything built in."""


def sprite_source(objects: Objects) -> SpriteSource:
    """The sprites that a recipe's objects are drawn from, one source a process.

    Args:
        objects: of the recipe: ``assets`` in order of preference, the look of the built-in ones,
            whether all are to be of equal area.

    Raises:
        AssetError: a source is unknown, not installed, or cannot be read.
        RecipeError: two sources have one label.
    """
    return _sprite_source(objects.look, tuple(objects.assets), objects.equal_areas)


def source_of(recipe: Recipe) -> SpriteSource:
    """What a recipe's scenes are made of: sprites, or the same assets as meshes for Blender.

    Raises:
        AssetError, RecipeError: as for ``sprite_source``.
    """
    sprites = sprite_source(recipe.objects)
    if recipe.render == "composed":
        return sprites
    from benchwright.builders.blender.meshes import Meshes

    return Meshes(sprites, recipe.objects.assets)


@cache
def _sprite_source(look: str, assets: tuple[str, ...], equal_areas: bool) -> SpriteSource:
    labels = [label_of(name) for name in assets]
    if twice := [label for label in labels if labels.count(label) > 1]:
        raise RecipeError(f"objects.assets: two sources are called {twice[0]}; rename one")
    sprites = {label_of(name): _shelf(look, name) for name in assets}
    return EqualAreas(Shelves(sprites)) if equal_areas else Shelves(sprites)


def _shelf(look: str, name: str) -> SpriteSource:
    from benchwright.builders.baked import BakedSprites, MeshSprites
    from benchwright.builders.flat import FlatSprites

    kept = cache_folder() / "sprites"
    if name == BUILTIN:
        return FlatSprites() if look == "flat" else BakedSprites(kept)
    source = opened(name)
    return CutoutSprites(source) if isinstance(source, CutoutSource) else MeshSprites(source, kept)


def credit(objects: Objects, name: str) -> Credit:
    """Whose an object's asset is, on what terms; without a digest where it is built in.

    Raises:
        AssetError: no source has it, or its files are missing.
    """
    label, asset = split_id(sprite_source(objects).asset(name))
    if label == BUILTIN:
        return Credit(name, "Benchwright built-in assets", CREATOR, LICENCE, "", "")
    place = next(place for place in objects.assets if label_of(place) == label)
    return opened(place).credit(asset)


def check_assets(recipe: Recipe) -> None:
    """Refuse assets that a recipe may not show, before anything is made.

    Raises:
        RecipeError: a licence is unknown or forbids it, or rendered and cut-out looks meet.
        AssetError: an asset cannot be had.
    """
    objects, source = recipe.objects, sprite_source(recipe.objects)
    lights: dict[str, list[str]] = defaultdict(list)
    for name in objects.names:
        asset = source.asset(name)
        lights[source.light(asset)].append(name)
        given = credit(objects, name)
        if given.licence in ("", "unknown") and not objects.allow_unknown_licences:
            raise RecipeError(
                f"objects.names: the licence of {asset} is unknown: state it in assets.yaml, or "
                "say allow_unknown_licences: true"
            )
        if why := conflict(given.licence, recipe.licence):
            raise RecipeError(f"objects.names: {asset} is under {given.licence}, {why}")
    if len(lights) > 1 and not objects.mixed_looks:
        (one, some), (other, more), *_ = lights.items()
        raise RecipeError(
            f"objects.assets: {some[0]} ({one}) and {more[0]} ({other}) look too different for one "
            "set: a model tells them by their look. Keep to one, or say mixed_looks: true"
        )


def asset_digests(recipe: Recipe) -> dict[str, str]:
    """Object name to one digest of all its sprites that the recipe may show.

    Raises:
        AssetError: a sprite is not to be had here.
    """
    source = source_of(recipe)
    digests = {}
    for name in recipe.objects.names:
        asset = source.asset(name)
        materials = sorted(recipe.objects.materials) if source.is_tintable(asset) else [OWN]
        resting = pose(recipe, name)
        shown = [
            source.digest(asset, Aspect(y, tilt, resting, recipe.camera), material)
            for y in yaws(recipe, source, asset)
            for tilt in recipe.objects.tilt
            for material in materials
        ]
        digests[name] = hashlib.sha256("".join(shown).encode()).hexdigest()[:16]
    return digests


def source_of_record(lighting: str, assets: list[str]) -> Objects:
    """What a record alone says about its sources: enough to draw it anew, where it is.

    Args:
        lighting: of the record.
        assets: ids of its objects' assets.

    Raises:
        RecipeError: an asset lay in somebody's own folder, which only the recipe names; or the
            scene was rendered whole.
    """
    if lighting == AREA_LAMPS:
        raise RecipeError("rendered by Blender, not composed: its masks cannot be recomposed")
    labels = sorted({split_id(asset)[0] for asset in assets})
    if own := [label for label in labels if ":" in label]:
        raise RecipeError(f"{own[0]} is somebody's own folder: give the recipe, which names it")
    look: Literal["flat", "baked"] = "flat" if "flat" in lighting.split("+") else "baked"
    names = list(dict.fromkeys(split_id(asset)[1] for asset in assets))
    return Objects(names=names, look=look, assets=labels)
