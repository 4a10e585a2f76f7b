"""What all steps of a run share: the recipe, the folders, the machine."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path

from benchwright import engine
from benchwright.curation.embeddings import EmbeddingSet
from benchwright.curation.labelling.plan import LabelPlan
from benchwright.curation.pipeline.work import Work
from benchwright.mine_recipe import MineRecipe

Progress = Callable[[int, int], None]
Begin = Callable[[str], AbstractContextManager[Progress]]
"""Given the name of a step, shows its progress while it runs."""

Tables = Callable[[], AbstractContextManager[Sequence[str]]]
"""Gives the tables of addresses, and keeps them served while they are fetched."""


@dataclass(frozen=True, slots=True)
class Mining:
    """A run of ``benchwright mine``.

    Attributes:
        recipe: what to mine.
        folder: the dataset folder to write.
        work: where steps leave what they made.
        tables: of addresses; asked for only when something is to be fetched.
        device: of the models.
        workers: processes; None for what the engine and this machine have.
        begin: shows a step's progress.
        truth: a table that says what some of the images show; None where nobody knows.
    """

    recipe: MineRecipe
    folder: Path
    work: Work
    tables: Tables
    device: str
    workers: int | None
    begin: Begin
    truth: Path | None = None

    @property
    def at_once(self) -> int:
        """Shards that are worked at at once."""
        return self.workers or engine.default_workers()

    @property
    def here(self) -> int:
        """Processes or threads of what runs on this machine whatever the engine."""
        return self.workers or engine.cores()


@dataclass(frozen=True, slots=True)
class Sets:
    """The embedding sets of a run, all of the same shards.

    Attributes:
        root: folder that the names of shards are relative to, or its URL.
        judge: whose parts and rows everything later follows.
        probe: of the model under test.
        others: of further models.
    """

    root: str
    judge: EmbeddingSet
    probe: EmbeddingSet
    others: tuple[EmbeddingSet, ...]


@dataclass(frozen=True, slots=True)
class Labelled:
    """The sets with their labels.

    Attributes:
        sets: embeddings.
        plan: of the labels, whose files lie in its folder.
        digest: of all that the labels depend on.
    """

    sets: Sets
    plan: LabelPlan
    digest: str
