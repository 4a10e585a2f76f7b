"""Verifying a dataset folder by its digests alone: bytes are read and hashed, no sample is opened.

For a copy that was moved or restored: its tables are checked as ever, and every
byte against both digests that cover it, the shard's and the sample's. Hashing leaves the
interpreter, so threads share the cores, and nothing has to be started.
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
from benchwright.folder_checks import folder_problems, shared_problems
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

PIECE = 1 << 20
"""Bytes read at once where there are no samples: the end of a shard."""


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
    of_folder = shared_problems if dataset.ending == PARQUET else folder_problems
    problems = [Problem(where, what) for where, what in of_folder(dataset)]
    total, done = sum(shard.samples for shard in dataset.shards), 0
    count = min(workers or engine.cores(), max(1, len(dataset.shards)))
    tables = {} if dataset.ending == PARQUET else dataset.placements()
    with ThreadPoolExecutor(count) as threads:
        check = partial(_check_shard, dataset, tables)
        for shard, found in threads.map(check, dataset.shards):
            problems += found
            done += shard.samples
            progress(done, total)
    size = sum(shard.bytes for shard in dataset.shards)
    ordered = tuple(sorted(problems, key=astuple))
    return Report(total, len(dataset.shards), size, False, ordered, opened=False)


def _check_shard(
    dataset: Dataset, tables: dict[str, pa.Table], shard: Shard
) -> tuple[Shard, list[Problem]]:
    path = dataset.folder / shard.shard
    if not path.is_file():
        return shard, [Problem(shard.shard, MISSING)]
    odd, found = size_problem(path, shard), []
    if dataset.ending == PARQUET:
        digest = file_sha256(path)
    else:
        placements = _placements(tables.get(shard.shard))
        digest, damaged = _digests(path, placements)
        found = [Problem(shard.shard, what) for what in placement_problems(shard, placements)]
        if damaged:  # the keys are only looked up for those
            keys = {row.offset: row.key for row in dataset.rows(shard.shard)}
            found += [Problem(f"{shard.shard}#{keys[at]}", what) for at, what in damaged.items()]
    if not odd and digest != shard.sha256:
        odd = OTHER_SHARD
    return shard, [Problem(shard.shard, odd), *found] if odd else found


def _placements(table: pa.Table | None) -> list[Placement]:
    if table is None:
        return []
    columns = (table[name].to_pylist() for name in PLACEMENT)
    return [Placement(*place) for place in zip(*columns, strict=True)]


def _digests(path: Path, placements: list[Placement]) -> tuple[str, dict[int, str]]:
    """The digest of a shard, read once; offset to what is wrong of the samples in it."""
    whole, at = sha256(), 0
    damaged: dict[int, str] = {}
    with path.open("rb") as file:
        for place in placements:
            if place.offset != at:  # a hole in the manifest, which is a problem of its own
                return file_sha256(path), damaged | _alone(path, placements)
            blocks = file.read(place.bytes)
            whole.update(blocks)
            if odd := _sample_problem(blocks, place):
                damaged[place.offset] = odd
            at += place.bytes
        while piece := file.read(PIECE):
            whole.update(piece)
    return whole.hexdigest(), damaged


def _alone(path: Path, placements: list[Placement]) -> dict[int, str]:
    """Offset to what is wrong of the samples, wherever the manifest says that they lie."""
    found = {}
    with path.open("rb") as file:
        for place in placements:
            file.seek(place.offset)
            if odd := _sample_problem(file.read(place.bytes), place):
                found[place.offset] = odd
    return found


def _sample_problem(blocks: bytes, place: Placement) -> str:
    if len(blocks) < place.bytes:
        return f"cut off: {len(blocks):,} of {place.bytes:,} bytes"
    return "" if sha256(blocks).hexdigest() == place.sha256 else OTHER_SAMPLE
