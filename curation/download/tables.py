"""Reading tables of addresses as they are published: Parquet, CSV, TSV; any place fsspec knows."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import fsspec
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pa_csv
import pyarrow.parquet as pq

from benchwright.curation.download.columns import CAPTION, URL, detect, type_of
from benchwright.errors import DatasetError
from benchwright.mirror import is_url

BATCH_ROWS = 65_536
"""Rows held at a time: about 15 MB of addresses and captions."""

DELIMITERS = {".csv": ",", ".tsv": "\t"}
ENDINGS = (".parquet", *DELIMITERS)


@dataclass(frozen=True, slots=True)
class AddressTable:
    """One file of rows with addresses.

    Attributes:
        path: local path or fsspec URL.
        columns: our column name to the file's.
    """

    path: str
    columns: Mapping[str, str] = field(default_factory=dict)

    def batches(self) -> Iterator[pa.RecordBatch]:
        """The rows, in order, with the columns of ``PUBLISHED`` that the file has, in our types.

        Raises:
            DatasetError: the file is broken.
        """
        try:
            for batch in _read(self.path, list(self.columns.values())):
                yield pa.RecordBatch.from_pydict(
                    {ours: _typed(batch.column(name), type_of(ours))
                     for ours, name in self.columns.items()}
                )  # fmt: skip
        except (OSError, pa.ArrowException, KeyError) as error:
            reason = " ".join(str(error).split())
            raise DatasetError(f"{self.path}: not readable as a table: {reason}") from error


def open_tables(paths: Sequence[str], given: Mapping[str, str]) -> tuple[AddressTable, ...]:
    """The files that paths, folders and globs stand for, their columns detected.

    Args:
        paths: files, folders that hold them, or glob patterns; local or fsspec URLs.
        given: our column name to the table's, where the user says so.

    Raises:
        DatasetError: nothing is there, of another kind, or the columns are not known.
    """
    tables: list[AddressTable] = []
    for path in _expanded(paths):
        names = _column_names(path)
        tables.append(AddressTable(path, detect(path, names, given)))
    first = set(tables[0].columns)
    for table in tables[1:]:
        if set(table.columns) != first:
            raise DatasetError(
                f"{table.path}: its columns are not those of {tables[0].path}; "
                "download tables of different sources into folders of their own"
            )
    return tuple(tables)


def digest(tables: Iterable[AddressTable]) -> str:
    """A sha256 of all addresses and captions in their order, however they are cut into files."""
    hashes = {name: hashlib.sha256() for name in (URL, CAPTION)}
    for table in tables:
        for batch in table.batches():
            for name, total in hashes.items():
                if name in batch.schema.names:
                    values = batch.column(name).to_pylist()
                    # A character that no address or caption holds ends each value.
                    text = "".join(f"{'' if v is None else v}{chr(31)}" for v in values)
                    total.update(text.encode("utf-8", "replace"))
    return hashlib.sha256(b"".join(total.digest() for total in hashes.values())).hexdigest()


def _expanded(paths: Sequence[str]) -> list[str]:
    found: list[str] = []
    for path in paths:
        try:
            system, inner = fsspec.core.url_to_fs(path)
            if system.isdir(inner):
                inner = inner.rstrip("/") + "/**"
            if "*" in inner or "?" in inner or "[" in inner:
                names = sorted(n for n in system.glob(inner) if _ending(n))
            else:
                names = [inner] if system.exists(inner) else []
        except (OSError, ValueError, ImportError) as error:
            raise DatasetError(f"{path}: cannot be reached: {error}") from error
        if not names:
            raise DatasetError(f"{path}: there is no table here ({', '.join(ENDINGS)})")
        found += [str(system.unstrip_protocol(name)) for name in names]
    return [name.removeprefix("file://") for name in found]


def _ending(path: str) -> str:
    plain = path.lower().removesuffix(".gz")
    return next((ending for ending in ENDINGS if plain.endswith(ending)), "")


def _column_names(path: str) -> list[str]:
    if not _ending(path):
        raise DatasetError(f"{path}: not one of {', '.join(ENDINGS)} (.gz too)")
    try:
        if _ending(path) == ".parquet":
            with fsspec.open(path, "rb") as file:
                return list(pq.read_schema(file).names)
        return list(next(_read(path, None)).schema.names)
    except StopIteration:
        return []
    except (OSError, pa.ArrowException) as error:
        reason = " ".join(str(error).split())
        raise DatasetError(f"{path}: not readable as a table: {reason}") from error


def _read(path: str, columns: list[str] | None) -> Iterator[pa.RecordBatch]:
    ending = _ending(path)
    if ending == ".parquet":
        with fsspec.open(path, "rb") as file:
            yield from pq.ParquetFile(file).iter_batches(BATCH_ROWS, columns=columns)
        return
    tabs = ending == ".tsv"  # where quotes are plain characters
    with _text(path) as file:
        names = pa_csv.open_csv(
            file, parse_options=pa_csv.ParseOptions(delimiter=DELIMITERS[ending])
        ).schema.names if columns is None else columns  # fmt: skip
    with _text(path) as file:
        yield from pa_csv.open_csv(
            file,
            parse_options=pa_csv.ParseOptions(
                delimiter=DELIMITERS[ending],
                quote_char=False if tabs else '"',
                newlines_in_values=not tabs,
            ),
            convert_options=pa_csv.ConvertOptions(
                column_types=dict.fromkeys(names, pa.string()),
                include_columns=columns or [],
                strings_can_be_null=True,
                null_values=[""],
            ),
        )


def _text(path: str) -> pa.NativeFile:
    """A table's bytes, unpacked, read without Python; one on a storage is copied here first.

    Arrow reads text ahead in threads that outlive its reader. One that still holds a file of
    Python's when the interpreter ends aborts the process (apache/arrow#34314), whatever the
    command had done. A copy of this process's own is also read three times, fetched once.
    """
    here = fsspec.open_local(f"simplecache::{path}", mode="rb") if is_url(path) else path
    return pa.input_stream(str(here), compression="gzip" if path.lower().endswith(".gz") else None)


def _typed(values: pa.Array, wanted: pa.DataType) -> pa.Array:
    """Values in our type; a number that is none is missing: scores are beside the point."""
    if pa.types.is_nested(values.type) or pa.types.is_binary(values.type):
        values = pa.array([None if v is None else str(v) for v in values.to_pylist()], pa.string())
    if pa.types.is_string(wanted):
        return pc.cast(values, wanted)
    try:
        numbers = pc.cast(values, pa.float64())
    except pa.ArrowInvalid:
        numbers = pa.array([_number(v) for v in values.to_pylist()], pa.float64())
    numbers = pc.if_else(pc.is_finite(numbers), numbers, pa.scalar(None, pa.float64()))
    return pc.cast(numbers, wanted, safe=False)


def _number(value: Any) -> float | None:
    try:
        return float(value)
    except (TypeError, ValueError):
        return None
