"""A text set's shards: Parquet files, a row a caption, the same bytes from the same plan."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from benchwright import mirror
from benchwright.builders.text.planning import ShardPlan
from benchwright.builders.text.rows import columns
from benchwright.dataset import PARQUET, STAGING, Shard
from benchwright.errors import DatasetError
from benchwright.shards import file_sha256, replacing
from benchwright.text_schema import CAPTION

ROWS = 10_000
"""Captions a row group: what is in memory at a time, some 20 MB with contrasts."""

REPEATING = ["template", "names.list.element", "sizes.list.element", *CAPTION.names[6:-1]]
"""Columns worth a dictionary: a few words over and over. Texts and keys never come twice."""


@dataclass(frozen=True, slots=True)
class Task:
    """One shard to make: its plan, and the dataset folder."""

    plan: ShardPlan
    folder: Path


def make_shard(task: Task) -> Shard:
    """The stage: write one shard into the staging folder, unless an earlier run did."""
    plan, path = task.plan, staged(task.folder, task.plan.digest)
    if not mirror.here(path).is_file():
        write(path, plan)
    size, sha256 = path.stat().st_size, file_sha256(path)
    return Shard(plan.path, plan.config, plan.split, plan.samples, size, sha256, plan.digest)


def staged(folder: Path, digest: str) -> Path:
    """Where a shard waits until the whole set is done; named by its plan, so never mistaken."""
    return folder / STAGING / f"{digest}{PARQUET}"


def write(path: Path, plan: ShardPlan) -> None:
    """Write a shard whole or not at all.

    Raises:
        DatasetError: the disk refused.
    """
    with (
        replacing(path) as file,
        pq.ParquetWriter(
            file, CAPTION, compression="zstd", use_dictionary=REPEATING, store_schema=True
        ) as writer,
    ):
        for start in range(0, plan.samples, ROWS):
            mentioned, absent = plan.named(start, start + ROWS)
            table = pa.table(columns(mentioned, absent, plan.sizes, plan.split), CAPTION)
            writer.write_table(table, row_group_size=ROWS)


def read(path: Path) -> Iterator[dict[str, list[Any]]]:
    """A shard's columns, so many rows at a time.

    Raises:
        DatasetError: not Parquet, cut off, or of another schema.
    """
    try:
        with pq.ParquetFile(path) as file:
            if not file.schema_arrow.equals(CAPTION):
                raise DatasetError("its columns are not those of a set of captions")
            for batch in file.iter_batches(ROWS):
                yield batch.to_pydict()
    except (OSError, pa.ArrowException) as error:
        raise DatasetError(f"not readable as Parquet: {str(error).splitlines()[0]}") from error
