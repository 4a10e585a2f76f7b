"""Verifying a dataset folder by its digests alone: bytes are read and hashed, no sample is opened.

For a copy that was moved or restored: its tables are checked as ever, and every byte of shards and
manifest against the digests that were written with them. Samples have digests, too: they say which
ones are damaged where a shard is, or whether any is where the manifest is. Hashing leaves the
interpreter, so threads share the cores, and nothing has to be started; shards are hashed while
the tables are read.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import astuple
from functools import partial
from hashlib import sha256
from pathlib import Path

import pyarrow as pa

from benchwright import engine
from benchwright.dataset import PARQUET, PLACEMENT, Dataset, Shard
from benchwright.folder_checks import OTHER_MANIFEST, folder_problems, shared_problems
from benchwright.shards import Placement, file_sha256
from benchwright.verification import (
    MISSING,
    OTHER_SAMPLE,
    OTHER_SHARD,
    Problem,
    Report,
    placement_problems,
    size_problem,
)


def verify_digests(
    folder: Path,
    workers: int | None = None,
    progress: Callable[[int, int], None] = lambda done, total: None,
) -> Report:
    """Look at every byte in a dataset folder, and at nothing that they mean.

    Args:
        folder: the dataset, of any kind.
        workers: threads, default all cores.
        progress: called with samples looked at and samples in all.

    Raises:
        DatasetError: there is no dataset here, or its tables cannot be read at all.
    """
    dataset = Dataset.open(folder)
    total, done = sum(shard.samples for shard in dataset.shards), 0
    with ThreadPoolExecutor(workers or engine.cores()) as pool:
        whole = pool.map(partial(_shard_problems, dataset), dataset.shards)
        images = dataset.ending != PARQUET
        tables = dataset.placements() if images else {}
        faults = list((folder_problems if images else shared_problems)(dataset))
        problems = [Problem(where, what) for where, what in faults]
        for shard, found in zip(dataset.shards, whole, strict=True):
            problems += found
            if images and Problem(shard.shard, MISSING) not in found:
                placements = _placements(tables.get(shard.shard))
                where = shard.shard
                problems += [Problem(where, what) for what in placement_problems(shard, placements)]
                if found or OTHER_MANIFEST in faults:
                    problems += _sample_problems(dataset, where, placements)
            done += shard.samples
            progress(done, total)
    size = sum(shard.bytes for shard in dataset.shards)
    ordered = tuple(sorted(problems, key=astuple))
    return Report(total, len(dataset.shards), size, False, ordered, opened=False)


def _shard_problems(dataset: Dataset, shard: Shard) -> list[Problem]:
    path = dataset.folder / shard.shard
    if not path.is_file():
        return [Problem(shard.shard, MISSING)]
    odd = size_problem(path, shard)
    if not odd and file_sha256(path) != shard.sha256:
        odd = OTHER_SHARD
    return [Problem(shard.shard, odd)] if odd else []


def _sample_problems(dataset: Dataset, shard: str, placements: list[Placement]) -> list[Problem]:
    if not (damaged := _damaged(dataset.folder / shard, placements)):
        return []
    keys = {row.offset: row.key for row in dataset.rows(shard)}
    return [Problem(f"{shard}#{keys[at]}", what) for at, what in damaged.items()]


def _placements(table: pa.Table | None) -> list[Placement]:
    if table is None:
        return []
    columns = (table[name].to_pylist() for name in PLACEMENT)
    return [Placement(*place) for place in zip(*columns, strict=True)]


def _damaged(path: Path, placements: list[Placement]) -> dict[int, str]:
    """Offset to what is wrong of the samples, wherever the manifest says that they lie."""
    found = {}
    with path.open("rb") as file:
        for place in placements:
            file.seek(place.offset)
            blocks = file.read(place.bytes)
            if len(blocks) < place.bytes:
                found[place.offset] = f"cut off: {len(blocks):,} of {place.bytes:,} bytes"
            elif sha256(blocks).hexdigest() != place.sha256:
                found[place.offset] = OTHER_SAMPLE
    return found
