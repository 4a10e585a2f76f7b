"""Scored rows drawn from known accuracies, and small ones written by hand."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from duckdb import DuckDBPyConnection

from benchwright import seeding
from benchwright.curation.mining.halves import half_of
from benchwright.curation.mining.scored import SCHEMA, opened

BACKGROUNDS = ("earth", "grass", "rock", "sand", "sky", "snow", "tree", "water")


def table_of(rows: list[dict]) -> pa.Table:
    """Rows with what they leave out filled in; keys are counted unless given."""
    plain = {
        "cls": "ostrich", "background": "grass", "half": "discovery", "cluster": "",
        "correct": True, "prediction": "ostrich", "score": 0.3, "background_probability": 0.9,
        "background_margin": 0.5, "subject_scale": 0.3, "brightness": 0.5,
    }  # fmt: skip
    filled = [{"key": f"{i:016x}", **plain, **row} for i, row in enumerate(rows)]
    return pa.Table.from_pylist(filled, SCHEMA)


def group_rows_of(cls: str, background: str, half: str, right: int, wrong: int) -> list[dict]:
    """Images of one group, so many of them right."""
    row = {"cls": cls, "background": background, "half": half}
    return [{**row, "correct": i < right} for i in range(right + wrong)]


@contextmanager
def scored(folder: Path, table: pa.Table) -> Iterator[DuckDBPyConnection]:
    """The rows as they are read from a file."""
    pq.write_table(table, folder / "scored.parquet")
    with opened(folder / "scored.parquet") as connection:
        yield connection


def simulated(
    seed: int,
    truth: Mapping[tuple[str, str], float],
    sizes: Mapping[tuple[str, str], int],
    *,
    cluster_size: int = 1,
    correlation: float = 0.0,
) -> pa.Table:
    """Rows whose probe is right with the true accuracy.

    Images of a cluster lie on one background and are right together with the given intraclass
    correlation (beta-binomial), so that the mean accuracy stays the truth.
    """
    generator = np.random.default_rng(seeding.digest(seed, "simulated rows"))
    columns: dict[str, list] = {name: [] for name in ("cls", "background", "cluster", "correct")}
    for (cls, background), accuracy in truth.items():
        n = sizes[cls, background]
        of = np.arange(n) // cluster_size
        chance = np.full(int(of.max()) + 1 if n else 0, accuracy)
        if correlation and 0 < accuracy < 1:
            strength = 1 / correlation - 1
            chance = generator.beta(accuracy * strength, (1 - accuracy) * strength, len(chance))
        columns["correct"] += (generator.random(n) < chance[of]).tolist()
        columns["cls"] += [cls] * n
        columns["background"] += [background] * n
        columns["cluster"] += [f"{cls}/{background}/{seed}/{i}" for i in of]
    n = len(columns["cls"])
    halves = {name: half_of(seed, name).value for name in set(columns["cluster"])}
    return pa.table(
        {
            "key": [f"{i:016x}" for i in range(n)],
            **columns,
            "half": [halves[name] for name in columns["cluster"]],
            "prediction": columns["cls"],
            **{name: np.full(n, 0.5, np.float32) for name in SCHEMA.names[7:]},
        }
    ).select(SCHEMA.names).cast(SCHEMA)  # fmt: skip


def planted(
    seed: int, strong: int = 15, weak: int = 10, none: int = 20, n: int = 100
) -> tuple[dict[tuple[str, str], float], dict[tuple[str, str], int], dict[str, str]]:
    """True accuracies and sizes of 45 classes on four backgrounds each, and the strong homes.

    Strong: 30 points better at home. Weak: 8 points. None: one accuracy everywhere.
    """
    generator = np.random.default_rng(seeding.digest(seed, "planted"))
    truth, sizes, homes = {}, {}, {}
    for number in range(strong + weak + none):
        cls = f"class {number:02d}"
        names = list(generator.choice(BACKGROUNDS, 4, replace=False))
        level = generator.uniform(0.35, 0.6)
        gain = 0.3 if number < strong else 0.08 if number < strong + weak else 0.0
        if number < strong:
            homes[cls] = str(names[0])
        for name in names:
            truth[cls, str(name)] = level + (gain if name == names[0] else 0.0)
            sizes[cls, str(name)] = int(n * (3 if name == names[0] else 1))
    return truth, sizes, homes
