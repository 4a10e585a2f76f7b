"""Verifying a text set: every count, digest, row and caption against what the recipe says.

Every problem is found and named; none stops the search. Memory holds eight bytes a caption, to
find keys that come twice.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import astuple
from pathlib import Path
from typing import Any

import numpy as np

from benchwright import engine
from benchwright.builders.text.balance import TextBalance
from benchwright.builders.text.families import Family, families
from benchwright.builders.text.shard_checks import Checked, Task, check_shard
from benchwright.builders.text.vocabulary import sizes
from benchwright.dataset import BUILD, RECIPE, Dataset, read_json
from benchwright.errors import RecipeError
from benchwright.folder_checks import shared_problems
from benchwright.recipe_file import load_any
from benchwright.text_recipe import TextRecipe
from benchwright.verification import Problem, Report

Splits = dict[tuple[str, str], Family]


def verify(
    folder: Path,
    workers: int | None = None,
    progress: Callable[[int, int], None] = lambda done, total: None,
) -> Report:
    """Look at everything in the folder of a text set.

    Raises:
        DatasetError: there is no dataset here, or its table cannot be read at all.
        RecipeError: its recipe says nothing that it could be checked against.
    """
    dataset = Dataset.open(folder)
    problems = [Problem(where, what) for where, what in shared_problems(dataset)]
    recipe = load_any(folder / RECIPE)
    if not isinstance(recipe, TextRecipe):
        raise RecipeError(f"{folder / RECIPE}: not a recipe of captions, though the set holds them")
    splits = {(f.subset.name, split): f for f in families(recipe) for split in f.templates}
    of, tasks = sizes(recipe), []
    for shard in dataset.shards:
        if family := splits.get((shard.config, shard.split)):
            tasks.append(Task(folder, shard, family, of))
        else:
            problems.append(Problem(shard.shard, f"{RECIPE} gives no such config and split"))
    total, done = sum(shard.samples for shard in dataset.shards), 0
    checked = []
    count = min(workers or engine.default_workers(), max(1, len(tasks)))
    for found in engine.run(check_shard, tasks, count):
        checked.append(found)
        done += found.shard.samples
        progress(done, total)
    problems += [problem for found in checked for problem in found.problems]
    problems += _key_problems(checked)
    if not dataset.absent:
        problems += _count_problems(checked, splits)
        facts = read_json(folder / BUILD)
        if isinstance(facts, dict) and facts.get("balance") != _balance(checked, splits, of):
            problems.append(Problem(BUILD, "balance is not what the captions' names give"))
    size = sum(shard.bytes for shard in dataset.shards)
    return Report(total, len(dataset.shards), size, True, tuple(sorted(problems, key=astuple)))


def _key_problems(checked: list[Checked]) -> Iterator[Problem]:
    for split in sorted({(found.shard.config, found.shard.split) for found in checked}):
        packed = [c.keys for c in checked if (c.shard.config, c.shard.split) == split]
        keys = np.sort(np.frombuffer(b"".join(packed), np.uint64))
        for key in np.unique(keys[1:][keys[1:] == keys[:-1]]).tolist():
            yield Problem("/".join(split), f"key {key:016x} is there more than once")


def _count_problems(checked: list[Checked], splits: Splits) -> Iterator[Problem]:
    for split, family in splits.items():
        held = sum(c.captions for c in checked if (c.shard.config, c.shard.split) == split)
        if held != family.captions:
            what = f"{held:,} captions, the recipe gives {family.captions:,}"
            yield Problem("/".join(split), what)


def _balance(checked: list[Checked], splits: Splits, of: dict[str, str]) -> dict[str, Any]:
    """The table of ``build.json``, counted anew from the files."""
    balance = TextBalance()
    for split in splits:
        for found in checked:
            if (found.shard.config, found.shard.split) == split:
                balance.add_captions(*split, found.captions, found.places, of)
    return balance.to_dict()
