"""A corpus folder, opened: its table of addresses, the truth, what is served, and the recipe."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from benchwright.builders.corpus import truth
from benchwright.builders.corpus.columns import SCHEMAS
from benchwright.corpus_recipe import CorpusRecipe
from benchwright.dataset import read_table
from benchwright.errors import DatasetError
from benchwright.recipe_file import load_any

TABLE, TRUTH, RECIPE = "corpus.parquet", "truth.parquet", "corpus.yaml"


@dataclass(frozen=True, slots=True)
class Corpus:
    """A corpus on disk.

    Attributes:
        folder: where it lies.
        recipe: what it was built from.
    """

    folder: Path
    recipe: CorpusRecipe

    @classmethod
    def open(cls, folder: Path) -> Corpus:
        """Read a corpus's recipe; tables are read when asked for.

        Raises:
            DatasetError: there is no corpus here, or it was not finished.
            RecipeError: its recipe is broken.
        """
        missing = [name for name in (RECIPE, TABLE, TRUTH) if not (folder / name).is_file()]
        if missing:
            raise DatasetError(f"{folder}: no corpus here ({missing[0]} is missing); build one")
        recipe = load_any(folder / RECIPE)
        if not isinstance(recipe, CorpusRecipe):
            raise DatasetError(f"{folder / RECIPE}: not the recipe of a corpus; build again")
        return cls(folder, recipe)

    @property
    def table_path(self) -> Path:
        """The table of addresses, with LAION's columns."""
        return self.folder / TABLE

    def table(self) -> pa.Table:
        """The table of addresses.

        Raises:
            DatasetError: it cannot be read.
        """
        return read_table(self.table_path, SCHEMAS[self.recipe.columns])

    def truth(self) -> pa.Table:
        """What each row is, as ``truth.SCHEMA`` declares it.

        Raises:
            DatasetError: it cannot be read.
        """
        return read_table(self.folder / TRUTH, truth.SCHEMA)

    def expectations(self) -> dict[tuple[str, str], int]:
        """(stage, expected) to rows, the most frequent first."""
        columns = pq.read_table(self.folder / TRUTH, columns=["stage", "expected"]).to_pydict()
        counts = Counter(zip(columns["stage"], columns["expected"], strict=True))
        return dict(counts.most_common())
