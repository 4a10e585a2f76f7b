"""The groups step: pairs found on the discovery half, tested on the confirmation half."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pyarrow.parquet as pq

from benchwright.curation.filtering.filters import FILTERS, Filter, thresholds
from benchwright.curation.labelling.classes import classes
from benchwright.curation.mining import matched, scored
from benchwright.curation.mining.confirm import Verdict, confirm
from benchwright.curation.mining.groups import GroupTable, tabulate
from benchwright.curation.mining.pairs import Outcome, Rule, find
from benchwright.curation.pipeline.mining import Mining
from benchwright.curation.pipeline.scoring import SAMPLES, SCORED, measured
from benchwright.curation.pipeline.work import Step
from benchwright.mine_recipe import MineRecipe
from benchwright.sensitivity import Trial
from benchwright.shards import replacing

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

GROUPS_FILE = "groups.parquet"

FACTORS: Mapping[str, Sequence[float]] = {
    "min_side": (0.5, 2.0),
    "max_aspect": (0.75, 1.5),
    "class_probability": (0.5, 0.8, 1.2, 1.5),
    "max_crowd": (0.5, 1.5),
    "min_subject": (0.5, 2.0, 4.0),
    "background_probability": (0.5, 0.8, 1.2, 1.5),
    "background_margin": (0.5, 1.5, 2.0),
}
"""Filter's name to the factors its threshold is moved by, to see what moves with it."""


@dataclass(frozen=True, slots=True)
class Groups:
    """What groups and tests came to.

    Attributes:
        table: every class x background x half.
        verdicts: of each class of the recipe, whether or not there is an image of it.
        matched: class to its drop within strata of subject scale and brightness.
    """

    table: GroupTable
    verdicts: tuple[Verdict, ...]
    matched: Mapping[str, matched.MatchedDrop]

    @property
    def confirmed(self) -> dict[str, Verdict]:
        """Class to its verdict, of those whose pair was confirmed."""
        return {of.cls: of for of in self.verdicts if of.confirmed}


def groups(mining: Mining, after: Step) -> tuple[Groups, Step]:
    """Count the groups, find each class's pair, and test it.

    Raises:
        DatasetError: no scored rows, or rows that would make a wrong count.
    """
    folder, recipe = mining.work.folder, mining.recipe
    with mining.begin("grouping") as progress, scored.opened(folder / SCORED) as rows:
        scored.check(rows)
        found = _groups(rows, recipe)
        progress(after.kept, after.kept)
    with replacing(folder / GROUPS_FILE) as file:
        pq.write_table(found.table.to_arrow(), file, compression="zstd")
    facts = {"classes": len(found.verdicts), "confirmed": len(found.confirmed)}
    inputs = [after.inputs, recipe.groups.model_dump(mode="json")]

    def run(digest: str) -> Step:
        return Step("groups", digest, after.kept, after.kept, facts=facts)

    return found, mining.work.step("groups", inputs, run, lambda: True)


def _groups(rows: DuckDBPyConnection, recipe: MineRecipe) -> Groups:
    table, verdicts = _tested(rows, recipe)
    pairs = [of.pair for of in verdicts if of.pair is not None]
    within = matched.matched_drops(rows, pairs, seed=recipe.seed)
    wanted = sorted(set(classes(recipe.classes).names) - {of.cls for of in verdicts})
    absent = (Verdict(name, Outcome.NO_IMAGE, "") for name in wanted)
    return Groups(table, (*verdicts, *absent), {of.pair.cls: of for of in within})


def _tested(rows: DuckDBPyConnection, recipe: MineRecipe) -> tuple[GroupTable, list[Verdict]]:
    table = tabulate(rows)
    pairs = find(table, Rule(recipe.groups.by), recipe.groups.minimum)
    return table, confirm(table, pairs, recipe.groups.rate)


def sensitivity(mining: Mining) -> list[Trial]:
    """What the set would be with each threshold moved, one at a time: groups tested anew.

    Samples that are known duplicates stay out. What a looser threshold lets in was not compared
    with the others for duplicates.
    """
    recipe = mining.recipe
    limits = thresholds(recipe.filters, recipe.label)
    with _every(mining.work.folder / SAMPLES) as rows:
        return [
            _trial(rows, recipe, limits, name, value)
            for name, factors in FACTORS.items()
            for value in _values(limits[name], factors)
        ]


def _values(chosen: float, factors: Sequence[float]) -> Iterable[float]:
    return sorted({chosen, *(round(chosen * factor, 6) for factor in factors)})


@contextmanager
def _every(folder: Path) -> Iterator[DuckDBPyConnection]:
    import duckdb

    with duckdb.connect(config={"memory_limit": "2GB", "threads": 2}) as connection:
        files = [str(file) for file in sorted(folder.glob("*.parquet"))]
        connection.read_parquet(files).create_view("every")
        yield connection


def _trial(
    rows: DuckDBPyConnection,
    recipe: MineRecipe,
    limits: Mapping[str, float],
    name: str,
    value: float,
) -> Trial:
    conditions = [_passes(of, {**limits, name: value}[of.name]) for of in FILTERS]
    rows.execute(
        "CREATE OR REPLACE TEMP VIEW scored AS SELECT * FROM every "
        f"WHERE NOT duplicate AND {' AND '.join(conditions)}"
    )
    table, verdicts = _tested(rows, recipe)
    drops = [of.confirmation.drop for of in verdicts if of.confirmation]
    section = "label" if name in type(recipe.label).model_fields else "filters"
    return Trial(
        setting=f"{section}.{name}",
        value=f"{value:g}",
        chosen=value == limits[name],
        samples=sum(group.n for group in table),
        classes=len(table.classes),
        confirmed=sum(of.confirmed for of in verdicts),
        drop=sum(drops) / len(drops) if drops else None,
    )


def _passes(of: Filter, threshold: float) -> str:
    """A filter as SQL; what was not measured passes."""
    sign = ">=" if of.limit == "least" else "<="
    return f"({measured(of.name)} = -1 OR {measured(of.name)} {sign} CAST({threshold} AS FLOAT))"
