"""References: what is published of a set whose images are withheld, one table a split.

A row names a sample and its digest, so that whoever builds the recipe can tell that each is the
very sample that was meant. Where the images were found, no recipe draws them again: a row then also
holds the image's address and the whole record.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from benchwright import record_schema
from benchwright.dataset import MANIFEST, Dataset, read_table
from benchwright.errors import DatasetError
from benchwright.sample_kinds import SampleKind, kind_of
from benchwright.samples import record_of
from benchwright.shards import replacing

FOLDER = "references"
PATTERN = f"{FOLDER}/{{}}/{{}}-*.parquet"
"""Takes config and split."""

COLUMNS = ("key", "objects", "twin_of", "factor", "shard", "offset", "bytes", "sha256")
"""Of the manifest: labels, and where and as what the sample lies in a rebuilt set."""

SCHEMA = pa.schema([record_schema.MANIFEST.field(name) for name in COLUMNS])


def schema(kind: SampleKind) -> pa.Schema:
    """The columns of the tables of a set."""
    if not kind.collected:
        return SCHEMA
    return SCHEMA.append(pa.field("url", pa.string())).append(pa.field("json", kind.record))


def features(kind: SampleKind) -> list[dict[str, Any]]:
    """The columns as the card's front matter declares them."""
    return [{"name": field.name, **record_schema.feature(field.type)} for field in schema(kind)]


def path(folder: Path, config: str, split: str) -> Path:
    """The table of a split."""
    return folder / FOLDER / config / f"{split}-00000.parquet"


def size(folder: Path, config: str, split: str) -> int:
    """Bytes of a split's table; 0 while it is missing, which the folder's checks name."""
    table = path(folder, config, split)
    return table.stat().st_size if table.is_file() else 0


def write(dataset: Dataset) -> tuple[str, ...]:
    """Write the tables and return their names.

    Raises:
        DatasetError: the folder cannot be read or written.
    """
    names = []
    for (config, split), table in _tables(dataset, kind_of(dataset)):
        target = path(dataset.folder, config, split)
        with replacing(target) as file:
            pq.write_table(table, file, compression="zstd")
        names.append(target.relative_to(dataset.folder).as_posix())
    return tuple(names)


def drop(folder: Path, keep: tuple[str, ...] = ()) -> None:
    """Remove tables, but those named."""
    for table in (folder / FOLDER).glob("*/*.parquet"):
        if table.relative_to(folder).as_posix() not in keep:
            table.unlink()


def problems(dataset: Dataset) -> Iterator[tuple[str, str]]:
    """(where, what) of every table that is not what the manifest gives."""
    kind = kind_of(dataset)
    for (config, split), expected in _tables(dataset, kind):
        where = path(dataset.folder, config, split)
        name = where.relative_to(dataset.folder).as_posix()
        try:
            if not read_table(where, schema(kind)).select(expected.column_names).equals(expected):
                yield name, f"not what {MANIFEST} says; benchwright card writes it again"
        except DatasetError:
            yield name, "missing, or not a table of references; benchwright card writes it again"


def _tables(dataset: Dataset, kind: SampleKind) -> Iterator[tuple[tuple[str, str], pa.Table]]:
    """Each split's table; without the records where they are not here to be read."""
    manifest = read_table(dataset.folder / MANIFEST, record_schema.MANIFEST)
    for place in dict.fromkeys((s.config, s.split) for s in (*dataset.shards, *dataset.absent)):
        of_split = pc.and_(
            pc.equal(manifest["config"], place[0]), pc.equal(manifest["split"], place[1])
        )
        table = manifest.filter(of_split).select(COLUMNS).combine_chunks()
        if kind.collected and not dataset.absent:
            table = _with_records(dataset, place, table, kind)
        yield place, table


def _with_records(
    dataset: Dataset, place: tuple[str, str], table: pa.Table, kind: SampleKind
) -> pa.Table:
    names = [s.shard for s in dataset.shards if (s.config, s.split) == place]
    records = {
        row.key: record_of(dataset, row, kind) for name in names for row in dataset.rows(name)
    }
    ordered = [records[key] for key in table["key"].to_pylist()]
    urls = pa.array([record["source"]["url"] for record in ordered], pa.string())
    return table.append_column("url", urls).append_column(
        pa.field("json", kind.record), pa.array(ordered, kind.record)
    )
