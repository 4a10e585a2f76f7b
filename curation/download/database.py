"""DuckDB as the download's queries use it: out of core, and without a network."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from benchwright.errors import DatasetError
from benchwright.shards import replacing

MEMORY = "2GB"
"""Held at most; what needs more spills to disk."""

BATCH_ROWS = 100_000
"""Rows of a result held at a time."""


@contextmanager
def connected(temporary: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """A database in memory that spills into a folder.

    Args:
        temporary: the folder; made if need be.

    Raises:
        DatasetError: a query failed for want of disk or memory, or on a broken file.
    """
    temporary.mkdir(parents=True, exist_ok=True)
    settings: dict[str, str | bool | int | float | list[str]] = {
        "memory_limit": MEMORY,
        "temp_directory": str(temporary),
        "threads": str(os.cpu_count() or 1),
        "autoinstall_known_extensions": "false",
        "autoload_known_extensions": "false",
        "preserve_insertion_order": "true",
    }
    try:
        with duckdb.connect(":memory:", config=settings) as database:
            database.execute("SET enable_progress_bar = false")
            yield database
    except (duckdb.IOException, duckdb.OutOfMemoryException, duckdb.InvalidInputException) as error:
        raise DatasetError(f"{temporary.parent}: {' '.join(str(error).split())}") from error


def write_parquet(
    database: duckdb.DuckDBPyConnection, query: str, path: Path, schema: pa.Schema | None = None
) -> None:
    """Write a query's rows to a Parquet file, whole or not at all.

    Args:
        database: open.
        query: SQL.
        path: of the file.
        schema: of the file; default: as the database names the types.
    """
    reader = database.sql(query).to_arrow_reader(BATCH_ROWS)
    wanted = schema or reader.schema
    with replacing(path) as file, pq.ParquetWriter(file, wanted, compression="zstd") as writer:
        for batch in reader:
            writer.write_table(pa.Table.from_batches([batch]).cast(wanted))


def quoted(path: Path | str) -> str:
    """A path as an SQL string."""
    return "'" + str(path).replace("'", "''") + "'"
