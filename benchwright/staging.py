"""Making the shards of a set beside it: staged under ``.build/``, moved into place in the end.

Until then the folder holds the dataset it held before; a run that was interrupted goes on from the
shards it had finished, and a shard that did not change stays as it is.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Protocol

from benchwright import dataset as folder_files
from benchwright import shards
from benchwright.dataset import Dataset, Row, Shard
from benchwright.dataset_tables import write_info, write_tables
from benchwright.errors import DatasetError
from benchwright.shards import LOCK, file_sha256


class Plan(Protocol):
    """A shard before it exists, as far as staging goes."""

    @property
    def path(self) -> str:
        """Name of the shard, relative to the dataset folder."""

    @property
    def digest(self) -> str:
        """Identity of its content: two plans with one digest give the same bytes."""


def staged_tar(folder: Path, plan: Plan) -> Path:
    """Where a shard waits until the whole set is done; named by its plan, so never mistaken."""
    return folder / folder_files.STAGING / f"{plan.digest}.tar"


def _staged_rows(folder: Path, plan: Plan) -> Path:
    return folder / folder_files.STAGING / f"{plan.digest}.json"


def write_rows(folder: Path, plan: Plan, shard: Shard, rows: Iterable[Row]) -> None:
    """Leave a staged shard's rows beside it: it counts as finished from then on."""
    folder_files.write_json(_staged_rows(folder, plan), {
        "shard": asdict(shard), "rows": [asdict(row) for row in rows],
    })  # fmt: skip


def _read_rows(folder: Path, plan: Plan) -> tuple[Shard, list[Row]]:
    fields = json.loads(_staged_rows(folder, plan).read_text("utf-8"))
    rows = [Row(**{**row, "objects": tuple(row["objects"])}) for row in fields["rows"]]
    return Shard(**fields["shard"]), rows


def is_finished(folder: Path, before: Dataset | None, plan: Plan) -> bool:
    """Whether the shard need not be made: an interrupted run did, or the folder holds it."""
    return _is_staged(folder, plan) or _is_kept(folder, before, plan)


def _is_staged(folder: Path, plan: Plan) -> bool:
    """Whether an earlier, interrupted run finished this shard; it may be in place already."""
    rows = _staged_rows(folder, plan)
    if not rows.is_file():
        return False
    try:
        shard, _ = _read_rows(folder, plan)
    except (ValueError, KeyError, TypeError):  # not what we write: the disk's doing
        shards.remove(rows)
        return False
    places = (staged_tar(folder, plan), folder / plan.path)
    return any(path.is_file() and file_sha256(path) == shard.sha256 for path in places)


def _is_kept(folder: Path, before: Dataset | None, plan: Plan) -> bool:
    """Whether the folder holds exactly this shard, every byte as it was written."""
    path = folder / plan.path
    return any(
        shard.shard == plan.path
        and shard.plan == plan.digest
        and path.is_file()
        and file_sha256(path) == shard.sha256
        for shard in (before.shards if before else ())
    )


def earlier(folder: Path) -> Dataset | None:
    """What the folder holds, if its tables are as they were written; else all is made anew.

    Of what did not change the rows are taken over: from a damaged manifest they would get a digest.
    """
    try:
        before = Dataset.open(folder)
        before.rows("")  # as this version writes them
        return before if before.manifest_is_recorded() else None
    except DatasetError:
        return None


def place_all(folder: Path, plans: Iterable[Plan], before: Dataset | None) -> Dataset:
    """Move staged shards into place and write the tables and timm's info.

    Raises:
        DatasetError: the folder cannot be written.
    """
    wanted = list(plans)
    for plan in wanted:
        staged = staged_tar(folder, plan)
        if staged.is_file():
            shards.move(staged, folder / plan.path)
    write_tables(folder, _parts(folder, wanted, before))
    finished = Dataset.open(folder)
    write_info(finished)
    return finished


def _parts(
    folder: Path, plans: Iterable[Plan], before: Dataset | None
) -> Iterator[tuple[Shard, list[Row]]]:
    """Each shard with its rows: as just staged, or as the tables had it before."""
    known = {shard.shard: shard for shard in (before.shards if before else ())}
    for plan in plans:
        if _staged_rows(folder, plan).is_file():
            yield _read_rows(folder, plan)
        elif before:
            yield known[plan.path], before.rows(plan.path)


def drop_stale(folder: Path, wanted: Collection[str]) -> None:
    """Remove shards of ours that no plan names, whichever run left them, and what was staged."""
    for info in folder.glob(f"*/{folder_files.INFO}"):
        tars = list(info.parent.glob("*.tar"))
        kept = [tar for tar in tars if tar.relative_to(folder).as_posix() in wanted]
        for stale in set(tars) - set(kept):
            shards.remove(stale)
        if not kept:
            shards.remove(info)
            info.parent.rmdir()
    for staged in (folder / folder_files.STAGING).iterdir():
        if staged.name != LOCK:  # whose holder we are until the end
            shards.remove(staged)
