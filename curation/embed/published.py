"""What clip-retrieval writes and LAION publishes, read as an embedding set.

LAION's ``metadata_0000.parquet`` has ``image_path``, ``caption``, ``NSFW``, ``similarity``,
``LICENSE``, ``url``, ``key``, ``status``, ``error_message``, ``width``, ``height``,
``original_width``, ``original_height``, ``exif``, ``md5``, more or fewer of them; clip-retrieval
itself only ``image_path`` and, where there are some, ``caption`` and the JSON's fields.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from benchwright.curation.embeddings import METADATA, UNKNOWN, Part, open_vectors
from benchwright.errors import DatasetError

ALIASES: dict[str, tuple[str, ...]] = {
    "key": ("key", "image_path", "SAMPLE_ID", "uid", "hash"),
    "caption": ("caption", "TEXT", "text"),
    "url": ("url", "URL"),
    # Of the stored image first: what was there before it was resized comes second.
    "width": ("width", "WIDTH", "original_width"),
    "height": ("height", "HEIGHT", "original_height"),
    "sha256": ("sha256",),
}
"""Our column to the names that others give it, the most telling first."""

UNKNOWN_VALUES = {
    "key": "", "caption": "", "url": "", "width": 0, "height": 0, "sha256": "", "phash": 0,
    "brightness": UNKNOWN, "saliency": UNKNOWN, "json": "",
}  # fmt: skip
"""What stands in a column where nobody knows."""

_VECTORS = re.compile(r"img_emb_(\d+)\.npy")


def published_parts(folder: Path, width: int) -> tuple[Part, ...]:
    """The parts of a published folder, in the order of their numbers.

    Args:
        folder: holds ``img_emb`` and ``metadata``.
        width: that the vectors must have.

    Raises:
        DatasetError: there are none, one lacks its other half, or they do not fit each other.
    """
    parts = []
    for path in sorted((folder / "img_emb").glob("*.npy")):
        if not (named := _VECTORS.fullmatch(path.name)):
            continue
        name, vectors = named[1], open_vectors(path)
        part = Part(int(name), f"metadata_{name}.parquet", "", len(vectors), name=name)
        rows = _rows(part.metadata_file(folder))
        if rows != len(vectors) or vectors.shape[1] != width:
            raise DatasetError(
                f"{path}: {len(vectors):,} vectors of {vectors.shape[1]} for {rows:,} rows of "
                f"metadata and a model of {width}; fetch both files again"
            )
        parts.append(part)
    if not parts:
        raise DatasetError(
            f"{folder}: no embeddings here; clip-retrieval's are in img_emb/img_emb_0000.npy"
        )
    return tuple(sorted(parts, key=lambda part: part.number))


def _rows(path: Path) -> int:
    try:
        return int(pq.read_metadata(path).num_rows)
    except (OSError, pa.ArrowException) as error:
        raise DatasetError(f"{path}: missing or not Parquet; fetch it again") from error


def published_metadata(path: Path, columns: Sequence[str]) -> pa.Table:
    """A part's metadata with our columns.

    What we have no column for (similarity, NSFW, licence, ...) is in ``json``, so nothing is lost;
    ``shard`` is the metadata file's name. Nulls become what ``UNKNOWN_VALUES`` says.

    Args:
        path: ``metadata_0000.parquet``.
        columns: of ``METADATA``, in the order wanted.

    Raises:
        DatasetError: missing or not Parquet, or a column of a type that does not fit.
    """
    try:
        file = pq.ParquetFile(path)
        there = {name: _alias(name, file.schema_arrow.names) for name in ALIASES}
        rest = [name for name in file.schema_arrow.names if name not in there.values()]
        wanted = [there[name] for name in columns if there.get(name)]
        table = file.read(columns=[*wanted, *(rest if "json" in columns else [])])
        found = [_column(name, table, there, rest, path) for name in columns]
    except (OSError, pa.ArrowException) as error:
        raise DatasetError(f"{path}: not readable as metadata: {error}") from error
    return pa.table(found, schema=pa.schema([METADATA.field(name) for name in columns]))


def _alias(name: str, known: Sequence[str]) -> str:
    return next((alias for alias in ALIASES[name] if alias in known), "")


def _column(
    name: str, table: pa.Table, there: dict[str, str], rest: Sequence[str], path: Path
) -> pa.Array:
    kind = METADATA.field(name).type
    if name == "shard":
        return pa.repeat(pa.scalar(path.name, kind), table.num_rows)
    if name == "json" and rest:
        rows = table.select(rest).to_pylist()
        return pa.array([json.dumps(row, default=str) for row in rows], kind)
    unknown = pa.scalar(UNKNOWN_VALUES[name], kind)
    if not there.get(name):
        return pa.repeat(unknown, table.num_rows)
    values = table[there[name]].combine_chunks()
    if pa.types.is_floating(values.type) and pa.types.is_integer(kind):
        values = pc.if_else(pc.is_finite(values), values, None)  # pandas' way of a missing number
    return pc.fill_null(values.cast(kind), unknown)
