"""What made a dataset, how its design came out, and whose work it shows. No times, no machine."""

from __future__ import annotations

from dataclasses import replace
from hashlib import sha256
from importlib.metadata import version
from typing import Any

from benchwright import record_schema
from benchwright.builders.backgrounds.textures import digest as texture_digest
from benchwright.builders.backgrounds.textures import textures
from benchwright.builders.backgrounds.views import Photos
from benchwright.builders.balance import Balance
from benchwright.builders.blender.version import rendered_by
from benchwright.builders.planning import DRAWING
from benchwright.builders.sources import CREATOR, LICENCE, asset_digests, credit
from benchwright.dataset import Dataset
from benchwright.images import encoder_versions
from benchwright.ledger import Source
from benchwright.recipe import Recipe
from benchwright.recipe_file import dump


def build_facts(recipe: Recipe, dataset: Dataset, balance: Balance) -> dict[str, Any]:
    """Versions, encoders, seed, digests, counts and balance: a function of recipe and versions."""
    return {
        "name": recipe.name,
        "benchwright": version("benchwright"),
        "schema": record_schema.VERSION,
        "drawing": DRAWING,
        "encoders": encoder_versions(),
        "seed": recipe.seed,
        "recipe_sha256": sha256(dump(recipe).encode()).hexdigest(),
        "dataset_sha256": dataset.digest,
        "look": recipe.objects.look,
        "render": {"by": recipe.render, **rendered_by(recipe)},
        "assets": asset_digests(recipe),
        "samples": {f"{config}/{split}": n for (config, split), n in dataset.splits().items()},
        "balance": balance.to_dict(),
    }


def licence_ledger(recipe: Recipe) -> list[Source]:
    """Whose the objects and backgrounds of a scene set are."""
    return [*_objects(recipe), *_textures(recipe), *_photographs(recipe)]


def _objects(recipe: Recipe) -> list[Source]:
    """A built-in one's digest is that of its sprites."""
    digests = asset_digests(recipe)
    given = [(credit(recipe.objects, name), digest) for name, digest in digests.items()]
    return [replace(source, sha256=source.sha256 or digest) for source, digest in given]


def _textures(recipe: Recipe) -> list[Source]:
    """A texture's digest is that of what it is drawn by."""
    shown = {*recipe.backgrounds, *([recipe.twins.ground] if recipe.twins else [])}
    return [
        Source(name, "Benchwright built-in textures", CREATOR, LICENCE, "", texture_digest(name))
        for name in textures()
        if name in shown
    ]


def _photographs(recipe: Recipe) -> list[Source]:
    return [
        Source(photo.name, "photographs", photo.creator, photo.licence, photo.url, photo.sha256)
        for photo in Photos(recipe.photo_folders)
    ]
