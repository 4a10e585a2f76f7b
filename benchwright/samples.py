"""Reading single samples of a dataset folder: their members and their records."""

from __future__ import annotations

import hashlib
import json
import os
import tarfile
from collections.abc import Iterator
from typing import Any, BinaryIO

import pyarrow as pa

from benchwright import record_schema, shards
from benchwright.dataset import Dataset, Row
from benchwright.errors import BenchwrightError, DatasetError
from benchwright.sample_kinds import SampleKind


def members_of(dataset: Dataset, row: Row) -> dict[str, bytes]:
    """Extension to content of a sample, its digest checked.

    Raises:
        DatasetError: its bytes are not to be had, or not those recorded.
    """
    try:
        blocks = shards.read_segment(dataset.folder / row.shard, row.placement)
        if hashlib.sha256(blocks).hexdigest() != row.sha256:
            raise DatasetError("its sha256 differs")
        return {
            name.removeprefix(f"{row.key}."): content
            for name, content in shards.members(blocks).items()
        }
    except (OSError, DatasetError) as error:
        raise unreadable(dataset, row) from error


def record_of(dataset: Dataset, row: Row, kind: SampleKind) -> dict[str, Any]:
    """A sample's record, of the declared schema.

    Raises:
        DatasetError: it cannot be read.
    """
    try:
        fields: dict[str, Any] = json.loads(members_of(dataset, row)["json"])
        record_schema.check(fields, kind.record)
    except (KeyError, ValueError, RecursionError, BenchwrightError) as error:
        raise unreadable(dataset, row) from error
    return fields


BATCH = 1000
"""Records made a table at once: as Python objects they take ten times the memory."""


def records(dataset: Dataset, kind: SampleKind) -> pa.Table:
    """The records of all samples in the folder; images are not read.

    Returns:
        A row a sample, in the order of the tables: ``config``, ``split``, the record's fields.

    Raises:
        DatasetError: one cannot be read.
    """
    places = [("config", pa.string()), ("split", pa.string())]
    schema = pa.schema([*places, *kind.record])
    batches, rows = [], []
    for record in _records(dataset, kind):
        rows.append(record)
        if len(rows) == BATCH:
            batches.append(pa.RecordBatch.from_pylist(rows, schema))
            rows = []
    batches.append(pa.RecordBatch.from_pylist(rows, schema))
    return pa.Table.from_batches(batches, schema)


def _records(dataset: Dataset, kind: SampleKind) -> Iterator[dict[str, Any]]:
    for shard in dataset.shards:
        rows = dataset.rows(shard.shard)
        try:
            with (dataset.folder / shard.shard).open("rb") as file:
                for row in rows:
                    fields = _json_in(file, row)
                    record_schema.check(fields, kind.record)
                    yield {"config": row.config, "split": row.split, **fields}
        except (OSError, ValueError, RecursionError, BenchwrightError) as error:
            raise DatasetError(
                f"{shard.shard}: not all of its records can be read; "
                f"benchwright verify {dataset.folder} names what is wrong"
            ) from error


def _json_in(file: BinaryIO, row: Row) -> Any:
    """The record of one sample, its other members skipped."""
    file.seek(row.offset)
    while file.tell() < row.offset + row.bytes:
        try:
            member = tarfile.TarInfo.frombuf(file.read(shards.BLOCK), "utf-8", "strict")
        except tarfile.HeaderError as error:
            raise DatasetError(f"broken tar header: {error}") from error
        if member.name == f"{row.key}.json" and 0 <= member.size <= row.bytes:
            return json.loads(file.read(member.size))
        if not 0 <= member.size <= row.bytes:
            break
        file.seek(member.size + -member.size % shards.BLOCK, os.SEEK_CUR)
    raise DatasetError(f"{row.key}: has no record")


def unreadable(dataset: Dataset, row: Row) -> DatasetError:
    """The one line about a sample that cannot be read."""
    return DatasetError(
        f"{row.shard}#{row.key}: not a readable sample; "
        f"benchwright verify {dataset.folder} names what is wrong"
    )
