"""Building a scene set: recipe -> scenes -> shards, resumable, rebuilding only what changed.

The work is staged under ``.build/`` in the dataset folder, a shard a task, and moved into place
when all of it is done: until then the folder holds the dataset it held before.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from functools import lru_cache
from pathlib import Path

from benchwright import dataset as folder_files
from benchwright import engine
from benchwright.builders.balance import Balance
from benchwright.builders.planning import ShardPlan, plan_shards
from benchwright.builders.provenance import build_facts, licence_ledger
from benchwright.builders.rendering import Rendered, render_shard
from benchwright.builders.scenes import check, splits
from benchwright.builders.sources import check_assets, source_of
from benchwright.dataset import Dataset, Row, Shard
from benchwright.errors import DatasetError
from benchwright.folder_checks import card_holds
from benchwright.front_matter import write_plain_card
from benchwright.ledger import write_ledger
from benchwright.lock import LOCK, locked
from benchwright.recipe import Recipe
from benchwright.recipe_file import dump
from benchwright.shards import file_sha256


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
    before = _before(folder)
    total = sum(plan.samples for plan in plans)
    counts: Counter[str] = Counter()
    missing = []
    for plan in plans:
        if _is_staged(folder, plan) or _is_kept(folder, before, plan):
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
    staged = staged_tar(task.folder, task.plan)
    rendered = render_shard(task.plan, task.recipe, staged, task.folder, task.reuse)
    rows = [asdict(row) for row in rendered.rows]
    folder_files.write_json(_staged_rows(task.folder, task.plan), {
        "shard": asdict(rendered.shard), "rows": rows,
    })  # fmt: skip
    return rendered


def staged_tar(folder: Path, plan: ShardPlan) -> Path:
    """Where a shard waits until the whole set is done; named by its plan, so never mistaken."""
    return folder / folder_files.STAGING / f"{plan.digest}.tar"


def _staged_rows(folder: Path, plan: ShardPlan) -> Path:
    return folder / folder_files.STAGING / f"{plan.digest}.json"


def _read_staged(folder: Path, plan: ShardPlan) -> tuple[Shard, list[Row]]:
    fields = json.loads(_staged_rows(folder, plan).read_text("utf-8"))
    rows = [Row(**{**row, "objects": tuple(row["objects"])}) for row in fields["rows"]]
    return Shard(**fields["shard"]), rows


def _is_staged(folder: Path, plan: ShardPlan) -> bool:
    """Whether an earlier, interrupted run finished this shard; it may be in place already."""
    rows = _staged_rows(folder, plan)
    if not rows.is_file():
        return False
    try:
        shard, _ = _read_staged(folder, plan)
    except (ValueError, KeyError, TypeError):  # not what we write: the disk's doing
        rows.unlink()
        return False
    places = (staged_tar(folder, plan), folder / plan.path)
    return any(path.is_file() and file_sha256(path) == shard.sha256 for path in places)


def _before(folder: Path) -> Dataset | None:
    """What the folder holds, if its tables can be read; else all of it is made anew."""
    try:
        before = Dataset.open(folder)
        before.rows("")  # the manifest too
    except DatasetError:
        return None
    return before


def _is_kept(folder: Path, before: Dataset | None, plan: ShardPlan) -> bool:
    """Whether the folder holds exactly this shard, every byte as it was written."""
    path = folder / plan.path
    return any(
        shard.shard == plan.path
        and shard.plan == plan.digest
        and path.is_file()
        and file_sha256(path) == shard.sha256
        for shard in (before.shards if before else ())
    )


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
    for plan in plans:
        staged = staged_tar(folder, plan)
        if staged.is_file():
            move_into_place(staged, folder / plan.path)
    folder_files.write_text(folder / folder_files.RECIPE, dump(recipe))
    folder_files.write_tables(folder, _parts(folder, plans, before))
    finished = Dataset.open(folder)
    folder_files.write_info(finished)
    write_ledger(folder, licence_ledger(recipe))
    facts = build_facts(recipe, finished, balance)
    if facts != folder_files.read_json(folder / folder_files.BUILD) or not card_holds(finished):
        write_plain_card(finished, recipe.licence, recipe.title)
    folder_files.write_json(folder / folder_files.BUILD, facts)
    _drop_stale(folder, {plan.path for plan in plans})
    return finished


def move_into_place(staged: Path, path: Path) -> None:
    """Move a staged shard to where readers look for it.

    Raises:
        DatasetError: the folder cannot be written.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        staged.replace(path)
    except OSError as error:
        raise DatasetError(f"{path}: cannot be written: {error.strerror}") from error


def _parts(
    folder: Path, plans: list[ShardPlan], before: Dataset | None
) -> Iterator[tuple[Shard, list[Row]]]:
    """Each shard with its rows: as just staged, or as the tables had it before."""
    known = {shard.shard: shard for shard in (before.shards if before else ())}
    for plan in plans:
        if _staged_rows(folder, plan).is_file():
            yield _read_staged(folder, plan)
        elif before:
            yield known[plan.path], before.rows(plan.path)


def _drop_stale(folder: Path, wanted: set[str]) -> None:
    """Remove shards of ours that no plan names, whichever run left them, and what was staged."""
    for info in folder.glob(f"*/{folder_files.INFO}"):
        tars = list(info.parent.glob("*.tar"))
        kept = [tar for tar in tars if tar.relative_to(folder).as_posix() in wanted]
        for stale in set(tars) - set(kept):
            stale.unlink()
        if not kept:
            info.unlink()
            info.parent.rmdir()
    for staged in (folder / folder_files.STAGING).iterdir():
        if staged.name != LOCK:  # whose holder we are until the end
            staged.unlink()
