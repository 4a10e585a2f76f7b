"""A shard of a text set against its row of the table, and each caption against its own names."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np

from benchwright.builders.text.balance import Places, places
from benchwright.builders.text.families import Family
from benchwright.builders.text.rows import columns
from benchwright.builders.text.shards import read
from benchwright.dataset import SHARDS, Shard
from benchwright.errors import DatasetError
from benchwright.shards import file_sha256
from benchwright.verification import Problem

MOST_ROWS = 100
"""Wrong rows named a shard: one wrong word in a template makes all of them wrong."""

Rows = dict[str, list[Any]]


@dataclass(frozen=True, slots=True)
class Task:
    """One shard to look at, and what its captions may be.

    Attributes:
        folder: the dataset.
        shard: its row of the table.
        family: the subset it belongs to.
        sizes: real-world size of each of the recipe's objects.
    """

    folder: Path
    shard: Shard
    family: Family
    sizes: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Checked:
    """What a shard was found to hold.

    Attributes:
        shard: which.
        problems: every one, of its rows the first hundred.
        captions: rows that could be read.
        keys: of those that are sound, as packed 64-bit numbers.
        places: of those that are sound, by object and mention position.
    """

    shard: Shard
    problems: tuple[Problem, ...]
    captions: int
    keys: bytes
    places: Places


def check_shard(task: Task) -> Checked:
    """The stage: every problem of one shard, and what it holds."""
    shard, path = task.shard, task.folder / task.shard.shard
    if not path.is_file():
        return Checked(shard, (Problem(shard.shard, "the shard is missing"),), 0, b"", Counter())
    whole, of_rows = list(_whole_problems(path, shard)), list[Problem]()
    captions, keys, found = 0, list[int](), Places()
    try:
        for rows in read(path):
            faults = list(_faults(task, rows))
            new = [Problem(f"{shard.shard}#{rows['key'][i]}", what) for i, what in faults]
            of_rows += islice(new, MOST_ROWS - len(of_rows))
            wrong = {i for i, _ in faults}
            sound = [i for i in range(len(rows["key"])) if i not in wrong]
            captions += len(rows["key"])
            keys += [int(rows["key"][i], 16) for i in sound]
            found.update(places(_at(rows["names"], sound), _at(rows["absent"], sound)))
    except DatasetError as error:
        whole.append(str(error))
    if captions != shard.samples:
        whole.append(f"{captions:,} captions can be read, {SHARDS} says {shard.samples:,}")
    problems = (*(Problem(shard.shard, what) for what in whole), *of_rows)
    return Checked(shard, problems, captions, np.array(keys, np.uint64).tobytes(), found)


def _whole_problems(path: Path, shard: Shard) -> Iterator[str]:
    if (size := path.stat().st_size) != shard.bytes:
        yield f"{size:,} bytes, {SHARDS} says {shard.bytes:,}"
    elif file_sha256(path) != shard.sha256:
        yield "its sha256 is not the recorded one"


def _faults(task: Task, rows: Rows) -> Iterator[tuple[int, str]]:
    """(row, what) of every row that is not what its own names give."""
    sound = []
    for i, (names, absent) in enumerate(zip(rows["names"], rows["absent"], strict=True)):
        if fault := _names_fault(task, names, absent):
            yield i, fault
        else:
            sound.append(i)
    mentioned = [tuple(names) for names in _at(rows["names"], sound)]
    absent = _at(rows["absent"], sound)
    expected = columns(mentioned, absent, task.sizes, task.shard.split)
    for name, wanted in expected.items():
        held = _at(rows[name], sound)
        if held != wanted:
            for i, is_there, should in zip(sound, held, wanted, strict=True):
                if is_there != should:
                    yield i, f"{name} is {is_there!r}, its names give {should!r}"


def _names_fault(task: Task, names: Sequence[str] | None, absent: str | None) -> str:
    """What is wrong with the objects a row names; the rest of it cannot be judged then."""
    subset = task.family.subset
    if names is None or absent is None:
        return "it names nothing"
    if (len(names), bool(absent)) != (subset.objects, subset.contrasts):
        missing = f' and the absent "{absent}"' if absent else ""
        return f"names {len(names)} objects{missing}, the recipe gives {subset.objects}" + (
            " and an absent one" if subset.contrasts else ""
        )
    held = [*names, absent] if absent else names
    if odd := [n for n in held if subset.among not in (None, task.sizes.get(n))]:
        return f'names "{odd[0]}", which is not {subset.among}'
    if odd := [name for name in held if name not in task.sizes]:
        return f'names "{odd[0]}", which the recipe does not list'
    return "names an object twice" if len(set(held)) < len(held) else ""


def _at(values: Sequence[Any], where: Sequence[int]) -> list[Any]:
    return [values[i] for i in where]
