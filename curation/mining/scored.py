"""Scored rows: what a probe said of every labelled image, as Parquet of any size, read by DuckDB.

No step here or in the modules that read these rows holds all of them: DuckDB streams the columns a
query names, keeps to its memory limit, and spills what it aggregates to disk.
"""

from __future__ import annotations

import glob
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pyarrow as pa

from benchwright.errors import DatasetError, did_you_mean

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

SCHEMA = pa.schema(
    [
        pa.field("key", pa.string(), nullable=False),
        pa.field("cls", pa.string(), nullable=False),
        pa.field("background", pa.string(), nullable=False),  # "" where the labeller abstained
        pa.field("half", pa.string(), nullable=False),  # "discovery" or "confirmation"
        pa.field("cluster", pa.string(), nullable=False),  # "" where the image stands alone
        pa.field("correct", pa.bool_(), nullable=False),  # of the probe, 1 against all
        pa.field("prediction", pa.string(), nullable=False),
        pa.field("score", pa.float32(), nullable=False),
        pa.field("background_probability", pa.float32(), nullable=False),
        pa.field("background_margin", pa.float32(), nullable=False),
        pa.field("subject_scale", pa.float32(), nullable=False),  # NaN where it is not known
        pa.field("brightness", pa.float32(), nullable=False),  # NaN where it is not known
    ]
)
"""One row an image; no nulls."""

TYPES = {pa.string(): {"VARCHAR"}, pa.bool_(): {"BOOLEAN"}, pa.float32(): {"FLOAT", "DOUBLE"}}
"""Arrow type to the DuckDB types that are read as it."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What DuckDB may use.

    Attributes:
        memory: of its buffers, as DuckDB writes it; what does not fit is spilled.
        threads: at work at a time.
        spill: folder for what is spilled; one that lives as long as the connection by default.
    """

    memory: str = "3GB"  # of 4 GB in all: the rest is the process and what DuckDB does not count
    threads: int = 2
    spill: Path | None = None


@contextmanager
def opened(
    source: Path | Sequence[Path], limits: Limits | None = None
) -> Iterator[DuckDBPyConnection]:
    """A connection with the view ``scored`` over Parquet files of the declared schema.

    Args:
        source: files, or a folder that holds them.
        limits: memory, threads and spill folder.

    Raises:
        DatasetError: no files, a file that is no Parquet, or a column that is missing or of
            another type.
    """
    import duckdb

    limits = limits or Limits()
    files = _files(source)
    with tempfile.TemporaryDirectory(dir=limits.spill, prefix="benchwright-spill-") as spill:
        settings: dict[str, str | bool | int | float | list[str]] = {
            "memory_limit": limits.memory,
            "threads": limits.threads,
            "temp_directory": spill,
            "preserve_insertion_order": False,  # nothing here asks for the order of rows
            "autoinstall_known_extensions": False,  # never fetch anything
        }
        with duckdb.connect(config=settings) as connection:
            try:
                # DuckDB expands patterns; a name that looks like one is a name all the same.
                relation = connection.read_parquet([glob.escape(str(file)) for file in files])
            except duckdb.Error as error:
                reason = str(error).splitlines()[0]
                raise DatasetError(f"{files[0]}: cannot be read as Parquet: {reason}") from error
            _check_columns(files[0], dict(zip(relation.columns, relation.types, strict=True)))
            relation.select(*SCHEMA.names).create_view("scored")
            yield connection


def check(rows: DuckDBPyConnection) -> None:
    """Refuse rows that would make a wrong count: run once, when scored rows are made or received.

    Args:
        rows: of ``opened``.

    Raises:
        DatasetError: no rows; an empty class, a NaN score, an unknown half, a null; a key that is
            there twice; a cluster in both halves. One line, with how many and an example.
    """
    # Conditions stand inside aggregates, never in WHERE: DuckDB skips row groups by the statistics
    # of their Parquet columns, and those leave NaN out (seen in 2.0.0: WHERE isnan finds nothing).
    asked = (f"count_if({fault}), min(key) FILTER ({fault})" for _, fault, _ in _FAULTS)
    total, *found = (
        rows.execute(f"SELECT count(*), {', '.join(asked)} FROM scored").fetchone() or ()
    )
    if not total:
        raise DatasetError("scored rows: there are none; label and score some images first")
    for (what, _, remedy), count, key in zip(_FAULTS, found[::2], found[1::2], strict=True):
        if count:
            raise DatasetError(f"scored rows: {count:,} with {what} (key {key!r}): {remedy}")
    _refuse_duplicates(rows)
    _refuse_shared_clusters(rows)


_FAULTS = (
    (
        "a null in some column",
        " OR ".join(f"{name} IS NULL" for name in SCHEMA.names),
        'write "" or NaN where something is not known',
    ),
    ("no class", "cls = ''", "leave out images whose class is not known"),
    ("a NaN score", "isnan(score)", "embed and score these images again"),
    (
        "a half that is neither discovery nor confirmation",
        "half NOT IN ('discovery', 'confirmation')",
        "split the rows into halves by cluster",
    ),
)
"""What is wrong with a row, the condition that finds it, and what to do."""


def _refuse_duplicates(rows: DuckDBPyConnection) -> None:
    """Keys by their 64-bit hash first: a third of the memory of the keys themselves."""
    suspects = """SELECT hashed FROM (SELECT hash(key) AS hashed FROM scored)
        GROUP BY hashed HAVING count(*) > 1"""
    query = f"""SELECT count(*), min(key) FROM (
        SELECT key FROM scored WHERE hash(key) IN ({suspects}) GROUP BY key HAVING count(*) > 1)"""
    count, example = rows.execute(query).fetchone() or (0, "")
    if count:
        raise DatasetError(
            f"scored rows: {count:,} keys are there more than once ({example!r}): an image counts "
            "once; leave the copies out"
        )


def _refuse_shared_clusters(rows: DuckDBPyConnection) -> None:
    query = """SELECT count(*), min(cluster) FROM (
        SELECT cluster FROM scored WHERE cluster <> '' GROUP BY cluster
        HAVING min(half) <> max(half))"""
    count, example = rows.execute(query).fetchone() or (0, "")
    if count:
        raise DatasetError(
            f"scored rows: {count:,} clusters lie in both halves ({example!r}): what confirms a "
            "pair has been seen by its discovery; split by cluster"
        )


def _files(source: Path | Sequence[Path]) -> list[Path]:
    if isinstance(source, Path):
        files = sorted(source.glob("*.parquet")) if source.is_dir() else [source]
    else:
        files = list(source)
    if not files:
        raise DatasetError(f"{source}: holds no Parquet file of scored rows")
    for file in files:
        if not file.is_file():
            raise DatasetError(f"{file}: not found")
    return files


def _check_columns(file: Path, found: dict[str, object]) -> None:
    for field in SCHEMA:
        if field.name not in found:
            hint = did_you_mean(field.name, found)
            raise DatasetError(f'{file}: no column "{field.name}"{hint} in these scored rows')
        if str(found[field.name]) not in TYPES[field.type]:
            raise DatasetError(
                f'{file}: column "{field.name}" is {found[field.name]}; scored rows have '
                f"{field.type} there"
            )
