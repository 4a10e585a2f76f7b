"""What made a dataset, how its design came out, and whose work it shows. No times, no machine."""

from __future__ import annotations

from hashlib import sha256
from importlib.metadata import version
from typing import Any

from benchwright import record_schema
from benchwright.builders.balance import Balance
from benchwright.builders.planning import DRAWING
from benchwright.builders.sources import asset_digests
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
        "assets": asset_digests(recipe),
        "samples": {f"{config}/{split}": n for (config, split), n in dataset.splits().items()},
        "balance": balance.to_dict(),
    }


def licence_ledger(recipe: Recipe) -> list[Source]:
    """Where the objects of a scene set come from: all built in, so far."""
    return [
        Source(name, "Benchwright built-in shapes", "The Benchwright developers", "apache-2.0", "",
               digest)
        for name, digest in asset_digests(recipe).items()
    ]  # fmt: skip
