"""What is to be fetched: rows that name a wanted class, at an address no earlier row has.

Each input row ends up in the queue or, with its reason, among the decided. The plan is made once a
folder; later runs compare what they are asked for with it.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from benchwright.curation.download.addresses import fetchable
from benchwright.curation.download.captions import Matcher
from benchwright.curation.download.columns import CAPTION, CLASS, CLASSES, ROW, URL, type_of
from benchwright.curation.download.database import connected, quoted, write_parquet
from benchwright.curation.download.folder import DownloadFolder
from benchwright.curation.download.tables import AddressTable, digest
from benchwright.curation.vocabulary import VocabularyClass
from benchwright.dataset import read_json, write_json
from benchwright.errors import DatasetError
from benchwright.rejection import Reason
from benchwright.shards import remove, replacing

ADDRESS, HOST, STATUS = "address", "host", "status"

DECIDED = pa.schema(
    [(ROW, pa.int64()), (URL, pa.string()), (HOST, pa.string()), (STATUS, pa.string()),
     (CLASSES, pa.list_(pa.string()))]
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Plan:
    """What a folder is filled with.

    Attributes:
        digest: of the tables' addresses and captions.
        wanted: what decides which rows are fetched and how they are stored, as text.
        rows: read from the tables.
        queued: to fetch.
        columns: carried into each sample's JSON, besides address and caption.
    """

    digest: str
    wanted: str
    rows: int
    queued: int
    columns: tuple[str, ...]


def wish(classes: Sequence[VocabularyClass], limit: int | None, resize: int) -> str:
    """What decides a plan, as text that two commands can be compared by."""
    named = "; ".join(
        f"{each.name} ({', '.join(each.synonyms)}) not ({', '.join(each.exceptions)})"
        for each in classes
    )
    return f"classes: {named or 'any'}; limit: {limit or 'none'}; resize: {resize or 'no'}"


def kept_plan(folder: DownloadFolder) -> Plan | None:
    """The plan that a folder was begun with, if any."""
    held = read_json(folder.plan)
    if held is None:
        return None
    try:
        return Plan(**{**held, "columns": tuple(held["columns"])})
    except TypeError as error:
        raise DatasetError(
            f"{folder.plan}: not a plan of this version; choose another --out"
        ) from error


def prepared(
    folder: DownloadFolder,
    tables: Sequence[AddressTable],
    classes: Sequence[VocabularyClass],
    limit: int | None,
    resize: int,
    filtered: bool = True,
) -> Plan:
    """The folder's plan: the one it was begun with, if it is for the same, else a new one.

    Args:
        folder: held by its lock.
        tables: in order.
        classes: rows whose caption names none are not fetched; none given: all are.
        limit: stop reading when so many rows are to be fetched.
        resize: how images are stored.
        filtered: false where rows were chosen by something better than their caption.

    Raises:
        DatasetError: the folder was begun for something else, or a table is broken.
    """
    wanted, sought = wish(classes, limit, resize), digest(tables)
    held = kept_plan(folder)
    if held is not None:
        _compare(folder, held, sought, wanted)
        return held
    candidates = folder.work / "candidates.parquet"
    matcher = Matcher(classes) if classes and filtered else None
    rows = _read_through(folder, tables, matcher, limit)
    queued = _without_repetitions(folder, candidates)
    named = [CLASSES] if matcher or CLASS in tables[0].columns else []
    plan = Plan(sought, wanted, rows, queued, (ROW, *named, *_extras(tables[0])))
    remove(candidates)
    write_json(folder.plan, {name: getattr(plan, name) for name in Plan.__slots__})
    return plan


def _compare(folder: DownloadFolder, held: Plan, sought: str, wanted: str) -> None:
    if sought != held.digest:
        raise DatasetError(
            f"{folder.path}: was begun with tables of other rows; give those, or choose another "
            "--out"
        )
    if wanted != held.wanted:
        raise DatasetError(
            f"{folder.path}: was begun with other settings ({held.wanted[:300]}); give those, or "
            "choose another --out"
        )


def _read_through(
    folder: DownloadFolder,
    tables: Sequence[AddressTable],
    matcher: Matcher | None,
    limit: int | None,
) -> int:
    """Write the candidates, and the rows decided at once; returns the rows read."""
    extras = _extras(tables[0])
    schema = pa.schema(
        [*DECIDED, (ADDRESS, pa.string()), (CAPTION, pa.string()),
         *((name, type_of(name)) for name in extras)]
    )  # fmt: skip
    row = candidates = 0
    with (
        replacing(folder.work / "candidates.parquet") as first,
        replacing(folder.decided) as second,
        pq.ParquetWriter(first, schema, compression="zstd") as taken,
        pq.ParquetWriter(second, DECIDED, compression="zstd") as left,
    ):
        for batch in itertools.chain.from_iterable(table.batches() for table in tables):
            judged = _judge(batch, matcher, row)
            kept = [i for i, status in enumerate(judged[STATUS]) if not status]
            if limit is not None and len(kept) >= limit - candidates:
                kept = kept[: limit - candidates]
                count = kept[-1] + 1 if kept else 0
            else:
                count = batch.num_rows
            table = pa.table({**judged, **_carried(batch, extras)}, schema).slice(0, count)
            taken.write_table(table.take(pa.array(kept, pa.int64())))
            out = [i for i, status in enumerate(judged[STATUS][:count]) if status]
            left.write_table(table.take(pa.array(out, pa.int64())).select(DECIDED.names))
            row, candidates = row + count, candidates + len(kept)
            if limit is not None and candidates >= limit:
                break
    return row


def _extras(table: AddressTable) -> list[str]:
    """Columns that are carried along as they are."""
    return [name for name in table.columns if name not in (URL, CAPTION, CLASS)]


def _judge(batch: pa.RecordBatch, matcher: Matcher | None, start: int) -> dict[str, list[Any]]:
    urls = batch.column(URL).to_pylist()
    captions = batch.column(CAPTION).to_pylist() if CAPTION in batch.schema.names else []
    captions = [caption or "" for caption in captions] or [""] * len(urls)
    addresses, hosts = zip(*map(fetchable, urls), strict=True) if urls else ((), ())
    if matcher is None:
        named: list[list[str]] = [[] for _ in urls]
        if CLASS in batch.schema.names:
            named = [[name] if name else [] for name in batch.column(CLASS).to_pylist()]
        found = [True] * len(urls)
    else:
        matches = matcher.find_all(captions)
        named = [[matcher.classes[i].name for i in match] for match in matches]
        found = [bool(match) for match in matches]
    status = [
        Reason.BAD_URL if not address else "" if hit else Reason.NO_CLASS
        for address, hit in zip(addresses, found, strict=True)
    ]
    return {
        ROW: list(range(start, start + len(urls))),
        URL: ["" if url is None else url for url in urls],
        HOST: list(hosts), STATUS: [str(each) for each in status], CLASSES: named,
        ADDRESS: list(addresses), CAPTION: captions,
    }  # fmt: skip


def _carried(batch: pa.RecordBatch, names: Sequence[str]) -> dict[str, pa.Array]:
    return {name: batch.column(name) for name in names}


def _without_repetitions(folder: DownloadFolder, candidates: Path) -> int:
    """Queue the first row of each address, leave the others; returns the queue's length."""
    with connected(folder.temporary) as database:
        source = f"read_parquet({quoted(candidates)})"
        database.execute(
            f"CREATE TEMP TABLE firsts AS SELECT min({ROW}) AS {ROW} FROM {source} "
            f"GROUP BY {ADDRESS}"
        )
        names = ", ".join(DECIDED.names).replace(STATUS, f"'{Reason.DUPLICATE_URL}' AS {STATUS}")
        repeated = f"SELECT {names} FROM {source} ANTI JOIN firsts USING ({ROW})"
        decided = f"SELECT * FROM read_parquet({quoted(folder.decided)})"
        write_parquet(database, f"{decided} UNION ALL {repeated} ORDER BY {ROW}", folder.decided)
        first = f"SELECT * EXCLUDE ({STATUS}) FROM {source} SEMI JOIN firsts USING ({ROW})"
        write_parquet(database, f"{first} ORDER BY {ROW}", folder.queue)
    return int(pq.ParquetFile(folder.queue).metadata.num_rows)
