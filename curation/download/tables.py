"""Reading tables of addresses as they are published: Parquet, CSV, TSV; any place fsspec knows."""

from __future__ import annotations

import csv
import hashlib
import zlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from typing import Any

import fsspec
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pa_csv
import pyarrow.parquet as pq

from benchwright.curation.download.columns import CAPTION, URL, detect, type_of
from benchwright.curation.scratch import copied, scratch
from benchwright.errors import DatasetError
from benchwright.mirror import is_url
from benchwright.retry import failures

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
        except _failures() as error:
            raise _unreadable(self.path, error) from error


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
        if not (names := _column_names(path)):
            raise DatasetError(f"{path}: is empty: a table's first line names its columns")
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
            if system.isfile(inner):  # first: over HTTP, to ask for a folder is to fetch it all
                names = [inner]
            else:
                held = system.find(inner) if system.isdir(inner) else system.glob(inner)
                names = sorted(name for name in held if _ending(name))
        except _failures() as error:
            raise DatasetError(f"{path}: cannot be reached: {error}") from error
        if not names:
            raise DatasetError(f"{path}: there is no table here ({', '.join(ENDINGS)})")
        found += [str(system.unstrip_protocol(name)) for name in names]
    return [name.removeprefix("file://") for name in found]


def _ending(path: str) -> str:
    plain = path.lower().removesuffix(".gz")
    return next((ending for ending in ENDINGS if plain.endswith(ending)), "")


def _column_names(path: str) -> list[str]:
    if not (ending := _ending(path)):
        raise DatasetError(f"{path}: not one of {', '.join(ENDINGS)} (.gz too)")
    try:
        if ending == ".parquet":
            with fsspec.open(path, "rb") as file:
                return list(pq.read_schema(file).names)
        with fsspec.open(path, "rt", encoding="utf-8-sig", newline="", compression="infer") as file:
            rows = csv.reader(
                file, delimiter=DELIMITERS[ending],
                quoting=csv.QUOTE_NONE if ending == ".tsv" else csv.QUOTE_MINIMAL,
            )  # fmt: skip
            return next(filter(None, rows), [])  # as Arrow does, which skips empty lines
    except _failures() as error:
        raise _unreadable(path, error) from error


def _read(path: str, columns: list[str]) -> Iterator[pa.RecordBatch]:
    ending = _ending(path)
    if ending == ".parquet":
        with fsspec.open(path, "rb") as file:
            yield from pq.ParquetFile(file).iter_batches(BATCH_ROWS, columns=columns)
        return
    tabs = ending == ".tsv"  # where quotes are plain characters
    with _text(path) as file:
        yield from pa_csv.open_csv(
            file,
            parse_options=pa_csv.ParseOptions(
                delimiter=DELIMITERS[ending],
                quote_char=False if tabs else '"',
                newlines_in_values=not tabs,
            ),
            convert_options=pa_csv.ConvertOptions(
                column_types=dict.fromkeys(columns, pa.string()),
                include_columns=columns,
                strings_can_be_null=True,
                null_values=[""],
            ),
        )


@contextmanager
def _text(path: str) -> Iterator[pa.NativeFile]:
    """A table's bytes, unpacked, read without Python; one on a storage is copied here meanwhile.

    Arrow reads text ahead in threads that outlive its reader. One that still holds a file of
    Python's when the interpreter ends aborts the process (apache/arrow#34314), whatever the
    command had done.
    """
    packed = "gzip" if path.lower().endswith(".gz") else None
    with ExitStack() as stack:
        here = copied(path, stack.enter_context(scratch())) if is_url(path) else path
        yield stack.enter_context(pa.input_stream(str(here), compression=packed))


def _failures() -> tuple[type[BaseException], ...]:
    """What is raised by a storage, a name or a table's bytes, but not by an error of ours."""
    of_bytes = (ValueError, KeyError, zlib.error, csv.Error, pa.ArrowException)
    return (*failures(), ImportError, *of_bytes)


def _unreadable(path: str, error: BaseException) -> DatasetError:
    return DatasetError(f"{path}: not readable as a table: {' '.join(str(error).split())}")


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
