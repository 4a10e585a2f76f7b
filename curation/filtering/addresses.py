"""How many addresses gave one file: hosts answer with a placeholder for what is gone."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from benchwright.curation.embeddings import EmbeddingSet

if TYPE_CHECKING:
    import duckdb
    import pyarrow as pa


def addresses(images: EmbeddingSet) -> Mapping[str, int]:
    """sha256 of each file that came from several addresses, to how many they are.

    Args:
        images: an embedding set; samples without an address or a digest count for nothing.
    """
    import duckdb

    with duckdb.connect() as connection:
        connection.execute("CREATE TABLE found(sha256 VARCHAR, url VARCHAR)")
        for part in images.parts:
            _add(connection, images.metadata(part, ["sha256", "url"]))
        rows = connection.sql(
            "SELECT sha256, count(DISTINCT url) FROM found GROUP BY sha256 "
            "HAVING count(DISTINCT url) > 1"
        ).fetchall()
    return {str(sha256): int(count) for sha256, count in rows}


def _add(connection: duckdb.DuckDBPyConnection, rows: pa.Table) -> None:
    connection.register("rows", rows)
    connection.execute("INSERT INTO found SELECT * FROM rows WHERE sha256 <> '' AND url <> ''")
    connection.unregister("rows")
