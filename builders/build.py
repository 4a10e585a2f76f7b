"""Building a scene set: recipe -> scenes -> shards, resumable, rebuilding only what changed.

The work is staged under ``.build/`` in the dataset folder, a shard a task, and moved into place
when all of it is done: until then the folder holds the dataset it held before.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from benchwright import dataset as folder_files
from benchwright import engine, staging
from benchwright.builders.balance import Balance
from benchwright.builders.planning import ShardPlan, plan_shards
from benchwright.builders.provenance import build_facts, licence_ledger
from benchwright.builders.rendering import Rendered, render_shard
from benchwright.builders.scenes import check, splits
from benchwright.builders.sources import check_assets, source_of
from benchwright.dataset import Dataset, Row
from benchwright.folder_checks import card_holds
from benchwright.front_matter import write_plain_card
from benchwright.ledger import write_ledger
from benchwright.lock import locked
from benchwright.recipe import Recipe
from benchwright.recipe_file import dump


@dataclass(frozen=True, slots=True)
class Task:
    """One shard to make: its plan, the recipe, the folder, and the shards to copy samples from."""

    plan: ShardPlan
    recipe: Recipe
    folder: Path
    reuse: tuple[Row, ...]


@dataclass(frozen=True, slots=True)
class Report:
    """What a build did.

    Attributes:
        dataset: the finished folder.
        kept: samples in shards that were already there, unchanged.
        copied: samples taken over from the earlier build of a shard that changed.
        rendered: samples made anew.
        balance: the balance table of the design.
        empty: splits of the recipe that got no scene and are left out.
    """

    dataset: Dataset
    kept: int
    copied: int
    rendered: int
    balance: Balance
    empty: tuple[str, ...]


def build(
    recipe: Recipe,
    folder: Path,
    workers: int | None = None,
    progress: Callable[[int, int], None] = lambda done, total: None,
) -> Report:
    """Build a scene set into a folder, or bring the folder up to the recipe.

    Args:
        recipe: what to build.
        folder: the dataset folder; made if missing.
        workers: processes, default all cores; the bytes don't depend on it.
        progress: called with samples done and samples in all.

    Raises:
        RecipeError: the recipe asks for what cannot be; nothing has been written then.
        DatasetError: the folder cannot be written, or another build is at work in it.
    """
    balance = Balance()
    source = source_of(recipe)
    check(recipe, source.names())
    check_assets(recipe)
    plans = list(plan_shards(recipe, source, balance))
    folder_files.check_ending(folder, folder_files.TAR)
    with locked(folder):
        return _build(recipe, folder, plans, balance, workers or engine.default_workers(), progress)


def _build(
    recipe: Recipe,
    folder: Path,
    plans: list[ShardPlan],
    balance: Balance,
    workers: int,
    progress: Callable[[int, int], None],
) -> Report:
    before = staging.earlier(folder)
    total = sum(plan.samples for plan in plans)
    counts: Counter[str] = Counter()
    missing = []
    for plan in plans:
        if staging.is_finished(folder, before, plan):
            counts["kept"] += plan.samples
        else:
            missing.append(plan)
    progress(counts["kept"], total)
    tasks = (Task(plan, recipe, folder, _reusable(before, plan)) for plan in missing)
    for done in engine.run(make_shard, tasks, min(workers, max(1, len(missing)))):
        counts["copied"] += done.copied
        counts["rendered"] += done.rendered
        progress(counts.total(), total)
    finished = _finish(recipe, folder, plans, before, balance)
    built = finished.splits()
    empty = tuple(
        f"{split.config}/{split.split}"
        for split in splits(recipe)
        if (split.config, split.split) not in built
    )
    return Report(finished, counts["kept"], counts["copied"], counts["rendered"], balance, empty)


def make_shard(task: Task) -> Rendered:
    """The stage: draw one shard into the staging folder and leave its rows beside it."""
    staged = staging.staged_tar(task.folder, task.plan)
    rendered = render_shard(task.plan, task.recipe, staged, task.folder, task.reuse)
    staging.write_rows(task.folder, task.plan, rendered.shard, rendered.rows)
    return rendered


def _reusable(before: Dataset | None, plan: ShardPlan) -> tuple[Row, ...]:
    """Rows of earlier shards of the same split whose samples this shard holds unchanged."""
    if before is None:
        return ()
    known = _split_rows(before, plan.config, plan.split)
    rows = (known.get(key) for key, _ in plan.sample_plans())
    wanted = dict(plan.sample_plans())
    return tuple(row for row in rows if row and wanted[row.key] == row.plan)


@lru_cache(maxsize=1)  # plans come split by split
def _split_rows(before: Dataset, config: str, split: str) -> dict[str, Row]:
    shards = [s.shard for s in before.shards if (s.config, s.split) == (config, split)]
    return {row.key: row for shard in shards for row in before.rows(shard)}


def _finish(
    recipe: Recipe,
    folder: Path,
    plans: list[ShardPlan],
    before: Dataset | None,
    balance: Balance,
) -> Dataset:
    """Move staged shards into place, write the tables, drop what no plan names."""
    folder_files.write_text(folder / folder_files.RECIPE, dump(recipe))
    finished = staging.place_all(folder, plans, before)
    write_ledger(folder, licence_ledger(recipe))
    facts = build_facts(recipe, finished, balance)
    if facts != folder_files.read_json(folder / folder_files.BUILD) or not card_holds(finished):
        write_plain_card(finished, recipe.licence, recipe.title)
    folder_files.write_json(folder / folder_files.BUILD, facts)
    staging.drop_stale(folder, {plan.path for plan in plans})
    return finished
