"""What a card is written from: a dataset folder, read once. A card says nothing else."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from benchwright import record_schema
from benchwright.cards.release import Release
from benchwright.collected_recipe import CollectedRecipe
from benchwright.dataset import BUILD, MANIFEST, RECIPE, Dataset, read_json, read_table
from benchwright.errors import DatasetError
from benchwright.ledger import Source, read_ledger
from benchwright.recipe import Recipe
from benchwright.recipe_file import load_pictures
from benchwright.sample_kinds import SampleKind, kind_of
from benchwright.samples import records


@dataclass(frozen=True)
class Facts:
    """A dataset folder's own statements.

    Attributes:
        dataset: its tables.
        kind: what its samples are.
        recipe: what was built.
        build: ``build.json``: versions, digests, balance.
        sources: the licence ledger.
        release: the published version the folder holds, if it holds one.
    """

    dataset: Dataset
    kind: SampleKind
    recipe: Recipe | CollectedRecipe
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
        kind, recipe = kind_of(dataset), load_pictures(folder / RECIPE)
        if kind.collected == isinstance(recipe, Recipe):
            raise DatasetError(
                f"{folder / RECIPE}: not a recipe of the {kind.name} samples that {BUILD} names"
            )
        return cls(dataset, kind, recipe, build, read_ledger(folder), Release.of(dataset))

    @property
    def folder(self) -> Path:
        """Where the dataset lies."""
        return self.dataset.folder

    @property
    def scenes(self) -> Recipe:
        """The recipe of a set of scenes.

        Raises:
            DatasetError: the samples were found, not composed.
        """
        if not isinstance(self.recipe, Recipe):
            raise DatasetError(f"{self.folder}: holds no scenes")
        return self.recipe

    @property
    def withheld(self) -> bool:
        """Whether the images stay at home: what is published names them."""
        return self.recipe.payload == "references"

    @cached_property
    def records(self) -> pa.Table:
        """One row a sample that is here: config, split, and its record's fields as columns."""
        return records(self.dataset, self.kind)

    def tally(self, column: str) -> Counter[str]:
        """Value to samples of a text column of the records, or of a struct's field, ``a.b``."""
        name, _, field = column.partition(".")
        values = self.records[name].combine_chunks()
        if field:
            values = pc.struct_field(values, field)
        counted = pc.value_counts(values).to_pylist()
        return Counter({str(row["values"]): row["counts"] for row in counted})

    @cached_property
    def manifest(self) -> pa.Table:
        """One row a sample, columns as ``record_schema.MANIFEST`` declares them."""
        return read_table(self.folder / MANIFEST, record_schema.MANIFEST)
