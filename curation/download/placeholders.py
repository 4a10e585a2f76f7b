"""One picture under many addresses: error pages and stand-ins that servers give instead.

The digest is of the bytes as fetched, before any resizing. From ``PLACEHOLDER_ADDRESSES`` different
addresses on a picture counts as a placeholder; below that as a duplicate.
"""

from __future__ import annotations

import duckdb

from benchwright.curation.download.columns import ROW, URL
from benchwright.curation.download.outcomes import DOWNLOADED

PLACEHOLDER_ADDRESSES = 5
"""Different addresses from which one and the same file is no picture of its caption. Pictures of
the press and of products do recur, but a benchmark needs none of their copies either."""


def count_copies(database: duckdb.DuckDBPyConnection, queue: str) -> None:
    """Make the table ``copies``: a digest, and the different addresses that it was found under.

    Args:
        database: with ``summary``.
        queue: the queued rows, as SQL.
    """
    database.execute(
        f"CREATE TEMP TABLE copies AS SELECT sha256, count(*) AS copies, min({URL}) AS example "
        f"FROM summary JOIN {queue} USING ({ROW}) "
        f"WHERE status = '{DOWNLOADED}' AND sha256 <> '' GROUP BY sha256"
    )
