"""What made a text set, how its design came out, and whose words it is made of."""

from __future__ import annotations

from hashlib import sha256
from importlib.metadata import version
from typing import Any

from benchwright import text_schema
from benchwright.builders.text.balance import TextBalance
from benchwright.builders.text.planning import WRITING, encoder
from benchwright.builders.text.vocabulary import sizes
from benchwright.dataset import Dataset
from benchwright.ledger import Source
from benchwright.recipe_file import dump
from benchwright.record import canonical_json
from benchwright.text_recipe import TextRecipe


def build_facts(recipe: TextRecipe, dataset: Dataset, balance: TextBalance) -> dict[str, Any]:
    """Versions, seed, digests, counts and balance: a function of recipe and versions."""
    return {
        "name": recipe.name,
        "benchwright": version("benchwright"),
        "schema": text_schema.VERSION,
        "writing": WRITING,
        "encoders": encoder(),
        "seed": recipe.seed,
        "recipe_sha256": sha256(dump(recipe).encode()).hexdigest(),
        "dataset_sha256": dataset.digest,
        "samples": {f"{config}/{split}": n for (config, split), n in dataset.splits().items()},
        "balance": balance.to_dict(),
    }


def licence_ledger(recipe: TextRecipe) -> list[Source]:
    """Where the words come from: all of them are ours."""
    words = sha256(canonical_json(sizes(recipe))).hexdigest()
    return [
        Source(
            "captions", "Benchwright's templates and vocabulary", "The Benchwright developers",
            "apache-2.0", "", words,
        )
    ]  # fmt: skip
