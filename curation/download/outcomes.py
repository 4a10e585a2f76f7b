"""What became of each row: one small table a finished shard, and from them what is still to do.

A shard's outcomes are written once, when it is first seen finished; rows that nobody was asked for
(the proxy was gone: the run was being killed) have none and stay to be done.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from benchwright.curation.download.columns import CAPTION, ROW, URL
from benchwright.curation.download.database import connected, quoted
from benchwright.curation.download.failures import classify, may_pass, was_not_asked
from benchwright.curation.download.folder import DownloadFolder, FinishedShard, finished_shards
from benchwright.curation.download.planning import ADDRESS, Plan
from benchwright.errors import DatasetError
from benchwright.shards import remove, replacing

DOWNLOADED = "downloaded"
SUCCESS = "success"
"""img2dataset's word for it."""

PART_ROWS = 1_000_000
"""Rows that img2dataset reads at once: it holds a whole file in memory."""

OUTCOME = pa.schema(
    [(ROW, pa.int64()), ("key", pa.string()), ("shard", pa.string()), ("status", pa.string()),
     ("detail", pa.string()), ("passing", pa.bool_()), ("sha256", pa.string())]
)  # fmt: skip


def note_outcomes(folder: DownloadFolder, most_bytes: int) -> None:
    """Write the outcomes of the shards that have been finished since the last call.

    Args:
        folder: with a plan.
        most_bytes: after which the proxy cuts a response.

    Raises:
        DatasetError: a shard holds addresses that the plan does not.
    """
    for shard in finished_shards(folder.path):
        path = folder.outcomes / f"{shard.name}.parquet"
        if not path.is_file():
            table = _outcomes(folder, shard, most_bytes)
            with replacing(path) as file:
                pq.write_table(table, file, compression="zstd")


def _outcomes(folder: DownloadFolder, shard: FinishedShard, most_bytes: int) -> pa.Table:
    path = folder.shard(shard.name)
    try:
        ours = ROW in pq.read_schema(path).names
        names = ["key", "status", "error_message", URL, "sha256", *([ROW] if ours else [])]
        found = pq.read_table(path, columns=names).to_pylist()
    except (OSError, pa.ArrowException, KeyError) as error:
        raise DatasetError(f"{path}: not a table of img2dataset's, with sha256") from error
    rows = {} if ours else _rows_of(folder, path)
    outcomes: list[dict[str, Any]] = []
    for each in found:
        said = each["error_message"] or ""
        if ours and each["status"] != SUCCESS and was_not_asked(said):
            continue
        good = each["status"] == SUCCESS
        status = DOWNLOADED if good else str(classify(each["status"], said, most_bytes))
        outcomes.append({
            ROW: each[ROW] if ours else rows[each[URL]],
            "key": each["key"] if good else "",
            "shard": shard.name, "status": status, "detail": said,
            "passing": not good and may_pass(status, said),
            "sha256": each["sha256"] or "",
        })  # fmt: skip
    return pa.Table.from_pylist(outcomes, OUTCOME)


def _rows_of(folder: DownloadFolder, path: Path) -> dict[str, int]:
    """Address to row, for a shard that img2dataset was given the table itself for."""
    with connected(folder.temporary) as database:
        found = database.execute(
            f"SELECT shard.{URL}, min(queue.{ROW}) FROM read_parquet({quoted(path)}) AS shard "
            f"LEFT JOIN read_parquet({quoted(folder.queue)}) AS queue "
            f"ON shard.{URL} = queue.{URL} OR shard.{URL} = queue.{ADDRESS} GROUP BY ALL"
        ).fetchall()
    for url, row in found:
        if row is None:
            raise DatasetError(
                f'{folder.path}: holds images of other tables ("{str(url)[:80]}" of {path.name} is '
                "not in these); choose another --out"
            )
    return dict(found)


def write_pending(folder: DownloadFolder, plan: Plan, tries: int) -> int:
    """Write img2dataset's input: rows not yet tried, or with up to ``tries`` passing failures.

    Args:
        folder: its outcomes noted.
        plan: of the folder.
        tries: a row gets at most; those whose failure will not pass get one.

    Returns:
        How many rows there are to fetch.
    """
    for path in folder.input.glob("*.parquet"):
        remove(path)
    folder.input.mkdir(exist_ok=True)
    carried = ", ".join(f"queue.{name}" for name in (*plan.columns, CAPTION))
    with connected(folder.temporary) as database:
        summarise(database, folder)
        reader = database.sql(
            f"SELECT {carried}, queue.{ADDRESS} AS {URL} "
            f"FROM read_parquet({quoted(folder.queue)}) AS queue "
            f"LEFT JOIN summary USING ({ROW}) "
            f"WHERE tries IS NULL OR (passing AND tries < {tries}) ORDER BY queue.{ROW}"
        ).to_arrow_reader(PART_ROWS)
        total = 0
        for number, batch in enumerate(reader):
            with replacing(folder.input / f"part-{number:05d}.parquet") as file:
                pq.write_table(pa.Table.from_batches([batch]), file, compression="zstd")
            total += batch.num_rows
    return total


def summarise(database: duckdb.DuckDBPyConnection, folder: DownloadFolder) -> None:
    """Make the table ``summary``: a row's tries, and how the last one, or the good one, ended."""
    columns = json.dumps([name for name in OUTCOME.names if name != ROW])[1:-1]
    files = folder.outcomes / "*.parquet"
    if not any(folder.outcomes.glob("*.parquet")):
        empty = pa.Table.from_pylist([], OUTCOME)
        database.register("noted", empty)
        source = "noted"
    else:
        source = f"read_parquet({quoted(files)})"
    database.execute(
        f"CREATE TEMP TABLE summary AS SELECT {ROW}, {columns}, "
        f"count(*) OVER (PARTITION BY {ROW}) AS tries FROM {source} "
        f"QUALIFY row_number() OVER (PARTITION BY {ROW} "
        f"ORDER BY status = '{DOWNLOADED}' DESC, shard DESC) = 1"
    )


def most_tries(folder: DownloadFolder) -> int:
    """The most tries that a row whose last failure may pass has had."""
    with connected(folder.temporary) as database:
        summarise(database, folder)
        found = database.execute("SELECT max(tries) FROM summary WHERE passing").fetchone()
    return int(found[0] or 0) if found else 0
