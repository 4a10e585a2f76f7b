"""What a card is written from: a dataset folder, read once. A card says nothing else."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import pyarrow as pa

from benchwright import record_schema
from benchwright.cards.release import Release
from benchwright.dataset import BUILD, MANIFEST, RECIPE, Dataset, read_json, read_table
from benchwright.errors import DatasetError
from benchwright.ledger import Source, read_ledger
from benchwright.recipe import Recipe
from benchwright.recipe_file import load


@dataclass(frozen=True)
class Facts:
    """A dataset folder's own statements.

    Attributes:
        dataset: its tables.
        recipe: what was built.
        build: ``build.json``: versions, digests, balance.
        sources: the licence ledger.
        release: the published version the folder holds, if it holds one.
    """

    dataset: Dataset
    recipe: Recipe
    build: dict[str, Any]
    sources: list[Source]
    release: Release | None

    @classmethod
    def read(cls, folder: Path) -> Facts:
        """Read a folder.

        Raises:
            DatasetError: no dataset, or one of its files cannot be used.
            RecipeError: its recipe cannot be used.
        """
        dataset = Dataset.open(folder)
        build = read_json(folder / BUILD)
        if not isinstance(build, dict):
            raise DatasetError(f"{folder / BUILD}: missing or not JSON; build again")
        recipe, sources = load(folder / RECIPE), read_ledger(folder)
        return cls(dataset, recipe, build, sources, Release.of(dataset))

    @property
    def folder(self) -> Path:
        """Where the dataset lies."""
        return self.dataset.folder

    @cached_property
    def manifest(self) -> pa.Table:
        """One row a sample, columns as ``record_schema.MANIFEST`` declares them."""
        return read_table(self.folder / MANIFEST, record_schema.MANIFEST)
