"""Verifying a dataset folder: every count, digest, schema, and picture against its record.

Every problem is found and named; none stops the search. ``benchwright.digest_checks`` looks at the
bytes alone, in a fraction of the time.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import astuple, dataclass
from functools import partial
from hashlib import sha256
from pathlib import Path

from benchwright import dataset as folder_files
from benchwright import engine, shards
from benchwright.dataset import Dataset, Row, Shard
from benchwright.errors import DatasetError
from benchwright.folder_checks import folder_problems
from benchwright.shards import Placement

MISSING = "the shard is missing"
OTHER_SHARD = "its sha256 is not the recorded one"
OTHER_SAMPLE = "its bytes are not those recorded (sha256 differs)"

SampleCheck = Callable[[Row, dict[str, bytes]], Iterator[str]]
"""Takes a sample's manifest row and members; yields what is wrong with it, one line each."""


@dataclass(frozen=True, slots=True)
class Problem:
    """Something wrong: where (path, with the sample's key after ``#``) and what."""

    where: str
    what: str


@dataclass(frozen=True, slots=True)
class Report:
    """What was looked at, and every problem found; a dataset is sound when there is none.

    Attributes:
        samples, shards, bytes: how much was looked at.
        recomposed: whether full areas were checked too, which takes the sprites it was made of; of
            captions, which are always written anew from their names, true.
        problems: every one.
        opened: whether samples were looked into, beyond the digests of their bytes.
    """

    samples: int
    shards: int
    bytes: int
    recomposed: bool
    problems: tuple[Problem, ...]
    opened: bool = True


def verify(
    folder: Path,
    check: SampleCheck,
    workers: int | None = None,
    progress: Callable[[int, int], None] = lambda done, total: None,
    look: str | None = None,
) -> Report:
    """Look at everything in a dataset folder.

    Args:
        folder: the dataset.
        check: looks at one sample (module-level, since worker processes import it).
        workers: processes, default all cores.
        progress: called with samples looked at and samples in all.
        look: the sprites that ``check`` recomposes masks with, if it does.

    Raises:
        DatasetError: there is no dataset here, or its tables cannot be read at all.
    """
    dataset = Dataset.open(folder)
    problems = [Problem(where, what) for where, what in folder_problems(dataset)]
    total, done = sum(shard.samples for shard in dataset.shards), 0
    tasks = ((folder, shard, dataset.rows(shard.shard)) for shard in dataset.shards)
    count = min(workers or engine.default_workers(), max(1, len(dataset.shards)))
    for shard, found in engine.run(partial(check_shard, check), tasks, count):
        problems += found
        done += shard.samples
        progress(done, total)
    size = sum(shard.bytes for shard in dataset.shards)
    ordered = tuple(sorted(problems, key=astuple))
    return Report(total, len(dataset.shards), size, look is not None, ordered)


def check_shard(
    check: SampleCheck, task: tuple[Path, Shard, list[Row]]
) -> tuple[Shard, list[Problem]]:
    """The stage: every problem of one shard."""
    folder, shard, rows = task
    path = folder / shard.shard
    if not path.is_file():
        return shard, [Problem(shard.shard, MISSING)]
    problems = [Problem(shard.shard, what) for what in _whole_problems(path, shard, rows)]
    for row in rows:
        where = f"{row.shard}#{row.key}"
        problems += [Problem(where, what) for what in _sample_problems(path, row, check)]
    return shard, problems


def _whole_problems(path: Path, shard: Shard, rows: list[Row]) -> Iterator[str]:
    if odd := size_problem(path, shard):
        yield odd
    elif shards.file_sha256(path) != shard.sha256:
        yield OTHER_SHARD
    yield from placement_problems(shard, [row.placement for row in rows])


def size_problem(path: Path, shard: Shard) -> str:
    """What is wrong with the size of a shard; empty if nothing is."""
    size = path.stat().st_size
    if size < shard.bytes:
        return f"truncated: {size:,} of {shard.bytes:,} bytes"
    if size > shard.bytes:
        return f"{size - shard.bytes:,} bytes longer than recorded"
    return ""


def placement_problems(shard: Shard, placements: list[Placement]) -> Iterator[str]:
    """What is wrong with where the manifest says that a shard's samples lie, a line each."""
    if (count := len(placements)) != shard.samples:
        yield f"{folder_files.MANIFEST} has {count} rows, {folder_files.SHARDS} {shard.samples}"
    end = 0
    for place in placements:
        if place.offset != end:
            yield f"bytes {end:,} to {place.offset:,} belong to no sample of the manifest"
        end = place.offset + place.bytes


def _sample_problems(path: Path, row: Row, check: SampleCheck) -> Iterator[str]:
    blocks = shards.read_segment(path, row.placement)
    if len(blocks) < row.bytes:
        yield f"cut off: {len(blocks):,} of {row.bytes:,} bytes"
        return
    if sha256(blocks).hexdigest() != row.sha256:
        yield OTHER_SAMPLE
    try:
        members = shards.members(blocks)
    except DatasetError as error:
        yield str(error)
        return
    yield from check(row, members)
