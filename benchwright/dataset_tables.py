"""Writing what a dataset folder says of its samples: both tables, and timm's info."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict
from itertools import groupby
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from benchwright import record_schema
from benchwright.dataset import (
    INFO,
    MANIFEST,
    MANIFEST_COLUMNS,
    MANIFEST_DIGEST,
    SHARDS,
    Dataset,
    Row,
    Shard,
    write_json,
)
from benchwright.shards import file_sha256, replacing


def write_tables(folder: Path, parts: Iterable[tuple[Shard, list[Row]]]) -> None:
    """Write both tables, one row group of the manifest a shard, so a shard's rows are read alone.

    Args:
        folder: the dataset.
        parts: shards with their rows, in table order.
    """
    shards: list[Shard] = []
    with (
        replacing(folder / MANIFEST) as file,
        pq.ParquetWriter(file, record_schema.MANIFEST, compression="zstd") as writer,
    ):
        for shard, rows in parts:
            shards.append(shard)
            columns = [[getattr(row, name) for row in rows] for name in MANIFEST_COLUMNS]
            table = pa.Table.from_arrays(_typed(columns), schema=record_schema.MANIFEST)
            writer.write_table(table, row_group_size=max(1, len(rows)))
    digest = file_sha256(folder / MANIFEST)
    write_shard_table(folder, shards, {MANIFEST_DIGEST: digest.encode()})


def _typed(columns: list[list[Any]]) -> list[pa.Array]:
    """Values of the manifest's columns, each in its declared type."""
    declared = zip(columns, record_schema.MANIFEST.types, strict=True)
    return [pa.array(values, dtype) for values, dtype in declared]


def write_shard_table(
    folder: Path, shards: Iterable[Shard], said: dict[bytes, bytes] | None = None
) -> None:
    """Write the table of shards, in the order given, and what its metadata are to say."""
    with replacing(folder / SHARDS) as file:
        table = pa.Table.from_pylist([asdict(shard) for shard in shards], record_schema.SHARDS)
        pq.write_table(table.replace_schema_metadata(said), file, compression="zstd")


def write_info(dataset: Dataset) -> None:
    """Write timm's ``_info.json`` beside each config's shards."""
    for config, of_config in groupby(dataset.shards, key=lambda shard: shard.config):
        splits = {}
        for split, group in groupby(of_config, key=lambda shard: shard.split):
            shards = list(group)
            splits[split] = {
                "name": split,
                "num_samples": sum(shard.samples for shard in shards),
                "filenames": [Path(shard.shard).name for shard in shards],
                "shard_lengths": [shard.samples for shard in shards],
            }
        write_json(dataset.folder / config / INFO, {"splits": splits})
