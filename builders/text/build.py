"""Building a text set: recipe -> plans -> Parquet shards, streamed, resumable.

As with scenes the work is staged under ``.build/`` and moved into place when all of it is done.
A staged shard is named by its plan and appears whole, so an interrupted run goes on from there.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

from benchwright import dataset as folder_files
from benchwright import engine
from benchwright.builders.build import Report
from benchwright.builders.text.balance import TextBalance
from benchwright.builders.text.families import families
from benchwright.builders.text.planning import ShardPlan, plan_shards
from benchwright.builders.text.provenance import build_facts, licence_ledger
from benchwright.builders.text.shards import Task, make_shard, staged
from benchwright.dataset import PARQUET, Dataset, Shard
from benchwright.dataset_tables import write_shard_table
from benchwright.errors import DatasetError
from benchwright.folder_checks import card_holds
from benchwright.front_matter import write_plain_card
from benchwright.ledger import write_ledger
from benchwright.lock import locked
from benchwright.recipe_file import dump
from benchwright.shards import LOCK, file_sha256, move, remove
from benchwright.text_recipe import TextRecipe

Progress = Callable[[int, int], None]


def build(
    recipe: TextRecipe,
    folder: Path,
    workers: int | None = None,
    progress: Progress = lambda done, total: None,
) -> Report:
    """Build a text set into a folder, or bring the folder up to the recipe.

    Args:
        recipe: what to build.
        folder: the dataset folder; made if missing.
        workers: processes, default all cores; the bytes don't depend on it.
        progress: called with captions done and in all.

    Raises:
        RecipeError: the recipe asks for what cannot be; nothing has been written.
        DatasetError: the folder cannot be written, or holds something else.
    """
    designed = families(recipe)
    total = sum(family.captions * len(family.templates) for family in designed)
    splits = [(family.subset.name, split) for family in designed for split in family.templates]
    count = min(workers or engine.default_workers(), -(-total // recipe.shard_size))
    folder_files.check_ending(folder, PARQUET)
    with locked(folder):
        run = _Run(recipe, folder, total, progress)
        for shard in engine.run(make_shard, run.missing(), count):
            run.finished(shard)
        ordered = sorted(
            run.done, key=lambda shard: (splits.index((shard.config, shard.split)), shard.shard)
        )
        finished = _finish(recipe, folder, ordered, run.balance)
        return Report(finished, run.kept, 0, run.written, run.balance, ())


class _Run:
    """A build under way.

    Attributes:
        done: shards there are by now.
        kept, written: captions in those that were there before, and in those that were not.
        balance: of all that were planned.
    """

    def __init__(self, recipe: TextRecipe, folder: Path, total: int, progress: Progress) -> None:
        self._recipe, self._folder = recipe, folder
        self._total, self._progress = total, progress
        self._before = {shard.shard: shard for shard in _before(folder)}
        self.done: list[Shard] = []
        self.kept = self.written = 0
        self.balance = TextBalance()

    def missing(self) -> Iterator[Task]:
        """The shards that the folder does not hold yet, planned as workers come free."""
        for plan in plan_shards(self._recipe):
            self.balance.add_captions(
                plan.config, plan.split, plan.samples, plan.places(), plan.sizes
            )
            kept = self._before.get(plan.path)
            if kept and _is_whole(self._folder, kept, plan):
                self.kept += plan.samples
                self._add(kept)
            else:
                yield Task(plan, self._folder)

    def finished(self, shard: Shard) -> None:
        """Take down a shard that was written."""
        self.written += shard.samples
        self._add(shard)

    def _add(self, shard: Shard) -> None:
        self.done.append(shard)
        self._progress(self.kept + self.written, self._total)


def _before(folder: Path) -> tuple[Shard, ...]:
    """The shards the folder holds, if its table can be read; else all of it is made anew."""
    try:
        return Dataset.open(folder).shards
    except DatasetError:
        return ()


def _is_whole(folder: Path, shard: Shard, plan: ShardPlan) -> bool:
    """Whether the folder holds exactly the planned shard, every byte as it was written."""
    path = folder / shard.shard
    return shard.plan == plan.digest and path.is_file() and file_sha256(path) == shard.sha256


def _finish(recipe: TextRecipe, folder: Path, shards: list[Shard], balance: TextBalance) -> Dataset:
    """Move staged shards into place, write the tables, drop what no plan names."""
    for shard in shards:
        waiting = staged(folder, shard.plan)
        if waiting.is_file():
            move(waiting, folder / shard.shard)
    folder_files.write_text(folder / folder_files.RECIPE, dump(recipe))
    write_shard_table(folder, shards)
    finished = Dataset.open(folder)
    write_ledger(folder, licence_ledger(recipe))
    facts = build_facts(recipe, finished, balance)
    if facts != folder_files.read_json(folder / folder_files.BUILD) or not card_holds(finished):
        write_plain_card(finished, recipe.licence, recipe.title)
    folder_files.write_json(folder / folder_files.BUILD, facts)
    _drop_stale(folder, {shard.shard for shard in shards})
    return finished


def _drop_stale(folder: Path, wanted: set[str]) -> None:
    """Remove shards that no plan names, whichever run left them, and what was staged."""
    for path in [*folder.glob(f"*/*{PARQUET}")]:
        if path.relative_to(folder).as_posix() not in wanted:
            remove(path)
    for left in (folder / folder_files.STAGING).iterdir():
        if left.name != LOCK:  # whose holder we are until the end
            remove(left)
    for config in folder.iterdir():
        if config.is_dir() and not any(config.iterdir()):
            config.rmdir()
