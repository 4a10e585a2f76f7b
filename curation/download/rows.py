"""The table of rows: what became of each input row, in its order."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

import pyarrow as pa
import pyarrow.parquet as pq

from benchwright.curation.download.columns import CLASSES, ROW, URL
from benchwright.curation.download.database import connected, quoted, write_parquet
from benchwright.curation.download.folder import DownloadFolder
from benchwright.curation.download.outcomes import DOWNLOADED, summarise
from benchwright.curation.download.placeholders import count_copies
from benchwright.curation.download.planning import HOST, Plan
from benchwright.errors import DatasetError

ROWS = pa.schema(
    [(ROW, pa.int64()), (URL, pa.string()), (HOST, pa.string()), ("key", pa.string()),
     ("shard", pa.string()), ("status", pa.string()), ("detail", pa.string()),
     ("tries", pa.int32()), (CLASSES, pa.list_(pa.string())), ("sha256", pa.string()),
     ("copies", pa.int32()), ("placeholder", pa.bool_())]
)  # fmt: skip
"""``rows.parquet``: ``status`` is ``downloaded`` or a ``Reason``; ``key`` and ``shard`` are empty
for rows without an image; ``sha256`` is of the bytes as fetched, ``copies`` counts the addresses
that gave these very bytes, and ``placeholder`` says that they are too many for one picture."""

HOSTS_SHOWN = 10


@dataclass(frozen=True, slots=True)
class HostFailures:
    """A host whose rows failed, most often for one reason."""

    host: str
    rows: int
    downloaded: int
    reason: str


@dataclass(frozen=True, slots=True)
class Placeholder:
    """A picture under too many addresses: its sha256, how many, and one of them."""

    sha256: str
    addresses: int
    example: str


@dataclass(frozen=True, slots=True)
class Summary:
    """What a download came to.

    Attributes:
        rows: of the input; each is counted once in ``status``.
        status: ``downloaded`` or a reason, to rows; most frequent first.
        hosts: those with the most failures.
        hosts_in_all: different hosts among the queued rows.
        placeholders: most frequent first.
        placeholder_rows: rows that got one.
        duplicate_rows: rows whose picture another row has too, placeholders apart.
        passing: failures that may pass by themselves.
    """

    rows: int
    status: dict[str, int]
    hosts: tuple[HostFailures, ...]
    hosts_in_all: int
    placeholders: tuple[Placeholder, ...]
    placeholder_rows: int
    duplicate_rows: int
    passing: int

    @property
    def downloaded(self) -> int:
        """Rows that have an image."""
        return self.status.get(DOWNLOADED, 0)


def write_rows(folder: DownloadFolder, plan: Plan, placeholder_addresses: int) -> Summary:
    """Write ``rows.parquet`` and sum it up.

    Args:
        folder: everything tried, outcomes noted.
        plan: of the folder.
        placeholder_addresses: see ``placeholders``.

    Raises:
        DatasetError: rows are missing, which no run leaves behind.
    """
    queue = f"read_parquet({quoted(folder.queue)})"
    with connected(folder.temporary) as database:
        summarise(database, folder)
        count_copies(database, queue)
        fetched = (
            f"SELECT q.{ROW}, q.{URL}, q.{HOST}, s.key, s.shard, s.status, s.detail, "
            f"CAST(s.tries AS INTEGER) AS tries, q.{CLASSES}, s.sha256, "
            "CAST(coalesce(c.copies, 0) AS INTEGER) AS copies, "
            f"coalesce(c.copies, 0) >= {placeholder_addresses} AS placeholder "
            f"FROM {queue} AS q JOIN summary AS s USING ({ROW}) "
            f"LEFT JOIN copies AS c ON s.sha256 = c.sha256 AND s.status = '{DOWNLOADED}'"
        )
        decided = (
            f"SELECT {ROW}, {URL}, {HOST}, '', '', status, '', 0, {CLASSES}, '', 0, false "
            f"FROM read_parquet({quoted(folder.decided)})"
        )
        write_parquet(database, f"{fetched} UNION ALL {decided} ORDER BY {ROW}", folder.rows, ROWS)
    written = pq.ParquetFile(folder.rows).metadata.num_rows
    if written != plan.rows:
        raise DatasetError(
            f"{folder.rows}: holds {written:,} of {plan.rows:,} rows; run the same command to go on"
        )
    return summary(folder)


def summary(folder: DownloadFolder) -> Summary:
    """Sum up a folder's ``rows.parquet``."""
    rows = f"read_parquet({quoted(folder.rows)})"
    fetched = f"(SELECT * FROM {rows} WHERE tries > 0)"
    with connected(folder.temporary) as database:
        summarise(database, folder)

        def ask(query: str) -> list[tuple[object, ...]]:
            return database.execute(query).fetchall()

        status = Counter({str(s): int(str(n)) for s, n in ask(
            f"SELECT status, count(*) FROM {rows} GROUP BY ALL")})  # fmt: skip
        hosts = ask(
            f"SELECT {HOST}, count(*) AS n, count(*) FILTER (status = '{DOWNLOADED}') AS good, "
            f"mode(status) FILTER (status <> '{DOWNLOADED}') FROM {fetched} GROUP BY {HOST} "
            f"HAVING n > good ORDER BY n - good DESC, {HOST} LIMIT {HOSTS_SHOWN}"
        )
        placeholders = ask(
            f"SELECT sha256, count(*) AS n, min({URL}) FROM {fetched} WHERE placeholder "
            "GROUP BY sha256 ORDER BY n DESC, sha256"
        )
        counts = ask(
            f"SELECT count(*) FILTER (placeholder), "
            "count(*) FILTER (copies > 1 AND NOT placeholder), "
            f"count(DISTINCT {HOST}) FROM {fetched}"
        )[0]
        passing = ask("SELECT count(*) FROM summary WHERE passing")[0][0]
    return Summary(
        rows=status.total(),
        status=dict(status.most_common()),
        hosts=tuple(HostFailures(str(h), int(str(n)), int(str(g)), str(r)) for h, n, g, r in hosts),
        hosts_in_all=int(str(counts[2])),
        placeholders=tuple(Placeholder(str(d), int(str(n)), str(u)) for d, n, u in placeholders),
        placeholder_rows=int(str(counts[0])),
        duplicate_rows=int(str(counts[1])),
        passing=int(str(passing)),
    )
