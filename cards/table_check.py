"""The tables of a dataset folder that somebody else wrote: looked at before they are unpacked."""

from __future__ import annotations

import re
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from benchwright import record_schema
from benchwright.cards.safety import shown
from benchwright.dataset import SHARDS, Dataset, Shard, read_table
from benchwright.errors import DatasetError

MAX_ROWS = 10_000_000
"""Rows of a table: fifty times the largest set we know of."""

MAX_UNPACKED = 4 * 2**30
"""Bytes of a table unpacked: a manifest of ten million rows takes 3 GB."""

MAX_TEXT = 4096
"""Bytes of one text of a table: keys, names, paths, digests."""

CONFIG, SPLIT = re.compile(r"[A-Za-z0-9][\w-]*", re.ASCII), re.compile(r"\w+", re.ASCII)
NUMBERED = re.compile(r"\d{5,9}\.tar", re.ASCII)
"""What follows ``<config>/<split>-`` in the name of a shard."""

BATCH = 4096
"""Rows looked at together."""

MAX_FOOTER = 64 * 2**20
"""Bytes that one part of a Parquet footer may claim."""


def is_ours(path: Path, name: str, declared: pa.Schema) -> bool:
    """Whether a Parquet file has the declared columns; its values can then be read in safety.

    Args:
        path: where it is.
        name: what it is called where it comes from.
        declared: the columns.

    Raises:
        DatasetError: no Parquet, or what it unpacks to has no bound or holds nulls.
    """
    try:
        with _opened(path) as file:
            if not file.schema_arrow.equals(declared):
                return False
            _check_size(name, file.metadata)
        # A text that a dictionary repeats is then unpacked once.
        texts = [field.name for field in declared if pa.types.is_string(field.type)]
        with _opened(path, texts) as file:
            for batch in file.iter_batches(BATCH):
                _check_values(name, batch)
    except (OSError, pa.ArrowException) as error:
        raise DatasetError(f"{name}: not readable as Parquet") from error
    return True


def _opened(path: Path, texts: list[str] | None = None) -> pq.ParquetFile:
    limits = {"thrift_string_size_limit": MAX_FOOTER, "thrift_container_size_limit": MAX_ROWS}
    return pq.ParquetFile(path, read_dictionary=texts, **limits)


def _check_size(name: str, footer: pq.FileMetaData) -> None:
    groups = [footer.row_group(index) for index in range(footer.num_row_groups)]
    size = sum(group.total_byte_size for group in groups)
    values = sum(
        group.column(index).num_values for group in groups for index in range(group.num_columns)
    )
    if footer.num_rows > MAX_ROWS or size > MAX_UNPACKED or values > 20 * MAX_ROWS:
        raise DatasetError(f"{name}: {footer.num_rows:,} rows, {size:,} bytes are no table of ours")


def _check_values(name: str, batch: pa.RecordBatch) -> None:
    for column in batch.columns:
        values = column.flatten() if pa.types.is_list(column.type) else column
        if column.null_count or values.null_count:
            raise DatasetError(f"{name}: holds nulls")
        texts = values.dictionary if isinstance(values, pa.DictionaryArray) else values
        if pa.types.is_string(texts.type):
            longest = pc.max(pc.binary_length(texts)).as_py() or 0
            if longest > MAX_TEXT:
                raise DatasetError(f"{name}: a text of {longest:,} bytes")


def listed_shards(table: Path, folder: Path) -> Dataset:
    """The dataset that a table of shards describes, every name in it harmless; none of it here yet.

    Args:
        table: looked at before.
        folder: where the dataset will lie.

    Raises:
        DatasetError: a shard that is not named after its config and split, or is there twice.
    """
    rows = read_table(table, record_schema.SHARDS).to_pylist()
    shards = tuple(Shard(**row) for row in rows)
    for shard in shards:
        numbered = shard.shard.removeprefix(f"{shard.config}/{shard.split}-")
        words = CONFIG.fullmatch(shard.config), SPLIT.fullmatch(shard.split)
        if not all(words) or not NUMBERED.fullmatch(numbered):
            raise DatasetError(f'{SHARDS}: "{shown(shard.shard)}" is no name of a shard')
    if len({shard.shard for shard in shards}) < len(shards):
        raise DatasetError(f"{SHARDS}: lists a shard twice")
    return Dataset(folder, (), shards)
