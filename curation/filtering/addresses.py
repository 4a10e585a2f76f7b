"""How many addresses gave one file: hosts answer with a placeholder for what is gone.

A file is known by the sha256 of its bytes as they were fetched, which downloaders of img2dataset's
kind leave in each sample's JSON, and only without that by the bytes as they are stored: so the
count is the one that ``download`` tells of, whatever was resized or encoded anew since.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from benchwright.curation.embeddings import EmbeddingSet

if TYPE_CHECKING:
    import duckdb
    import pyarrow as pa

DIGEST = "sha256"
"""Field of a sample's JSON, and column of the metadata."""

DIGITS = 64
"""Of a sha256 in hex; what is longer or shorter in a stranger's JSON is something else."""

_FETCHED = f"CASE WHEN json_valid(json) THEN json_extract_string(json, '$.{DIGEST}') END"


def addresses(images: EmbeddingSet) -> Mapping[str, int]:
    """Digest of each file that came from several addresses, to how many they are.

    Args:
        images: an embedding set; samples without an address or a digest count for nothing.
    """
    import duckdb

    with duckdb.connect() as connection:
        connection.execute("CREATE TABLE found(digest VARCHAR, url VARCHAR)")
        for part in images.parts:
            _add(connection, images.metadata(part, [DIGEST, "url", "json"]))
        rows = connection.sql(
            "SELECT digest, count(DISTINCT url) FROM found GROUP BY digest "
            "HAVING count(DISTINCT url) > 1"
        ).fetchall()
    return {str(digest): int(count) for digest, count in rows}


def digest_of(facts: Mapping[str, Any], stored: str) -> str:
    """What a sample's file is known by.

    Args:
        facts: the sample's JSON.
        stored: sha256 of the bytes as they are stored.
    """
    fetched = facts.get(DIGEST)
    return fetched if isinstance(fetched, str) and len(fetched) == DIGITS else stored


def _add(connection: duckdb.DuckDBPyConnection, rows: pa.Table) -> None:
    connection.register("rows", rows)
    connection.execute(
        f"INSERT INTO found SELECT * FROM (SELECT CASE WHEN length({_FETCHED}) = {DIGITS} "
        f"THEN {_FETCHED} ELSE {DIGEST} END AS digest, url FROM rows) "
        "WHERE digest <> '' AND url <> ''"
    )
    connection.unregister("rows")
