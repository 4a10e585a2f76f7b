"""The dedup step: one of the same pictures stays, and what belongs together shares a cluster.

A cluster is what a half never splits: a photographer's pictures, joined over near duplicates.
"""

from __future__ import annotations

import shutil
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from benchwright.curation.embeddings import EmbeddingSet
from benchwright.curation.filtering.duplicates import Pairs, exact_pairs, near_pairs
from benchwright.filter_settings import Dedup
from benchwright.rejection import Reason
from benchwright.shards import replacing

if TYPE_CHECKING:
    import duckdb

CLUSTERED: pa.Schema = pa.schema(
    [
        pa.field("key", pa.string(), nullable=False),
        pa.field("shard", pa.string(), nullable=False),
        pa.field("cluster", pa.string(), nullable=False),  # "" of a sample filtered out before
        pa.field("keep", pa.bool_(), nullable=False),  # passed the filters, and is no duplicate
        pa.field("duplicate_of", pa.string(), nullable=False),  # the sample that stays; "" = none
    ]
)
"""Columns of the dedup step, one row a sample; none holds nulls."""

NODE = "CASE WHEN owner = '' THEN 'sample ' || kept.key ELSE 'owner ' || owner END"
"""What a cluster consists of: an owner with all their pictures, or a picture without an owner."""

MEMORY = "2GB"
"""What DuckDB may hold; the rest spills to disk beside the result."""


def dedup(
    images: EmbeddingSet, filtered: Sequence[Path], settings: Dedup, folder: Path, threads: int = 2
) -> Counter[str]:
    """Find duplicates and clusters among the samples that passed the filters.

    Args:
        images: the judge's embedding set.
        filtered: the filter step's file of each of its parts, in the parts' order.
        settings: when two pictures are the same one.
        folder: where a file a part is written, columns as ``CLUSTERED``: ``clusters_0000.parquet``.
        threads: of DuckDB.

    Returns:
        How many samples were kept (""), how many are near or exact duplicates (the reason), of
        those that passed the filters.
    """
    with _database(folder, threads) as connection:
        _load(connection, images, filtered, settings.cluster_field)
        exact = exact_pairs(connection)
        near = near_pairs(connection, images, settings.hamming, settings.cosine)
        _mark_duplicates(connection, exact, near)
        _name_clusters(connection)
        return _write(connection, images, filtered, folder)


@contextmanager
def _database(folder: Path, threads: int) -> Iterator[duckdb.DuckDBPyConnection]:
    """A database on disk beside the result: rows of all parts are never in memory at once."""
    import duckdb

    folder.mkdir(parents=True, exist_ok=True)
    scratch = folder / ".dedup"
    shutil.rmtree(scratch, ignore_errors=True)
    scratch.mkdir()
    settings: dict[str, str | bool | int | float | list[str]] = {
        "memory_limit": MEMORY,
        "threads": threads,
        "temp_directory": str(scratch / "tmp"),
    }
    try:
        with duckdb.connect(str(scratch / "rows.duckdb"), config=settings) as connection:
            yield connection
    finally:
        shutil.rmtree(scratch, ignore_errors=True)


def _load(
    connection: duckdb.DuckDBPyConnection,
    images: EmbeddingSet,
    filtered: Sequence[Path],
    cluster_field: str,
) -> None:
    """Table ``kept``: the samples that passed, numbered in order of part and row."""
    connection.execute(
        "CREATE TABLE kept(id BIGINT, part BIGINT, row BIGINT, key VARCHAR, sha256 VARCHAR, "
        "phash UBIGINT, area BIGINT, owner VARCHAR)"
    )
    start = 0
    for part, path in zip(images.parts, filtered, strict=True):
        columns = ["key", "sha256", "phash", "width", "height", "json"]
        metadata = images.metadata(part, columns)
        passed = pq.read_table(path, columns=["reason"])
        rows = (
            metadata.append_column("passed", pa.array(
                [reason == "" for reason in passed.column("reason").to_pylist()]
            )).append_column("row", pa.array(np.arange(metadata.num_rows)))
        )  # fmt: skip
        connection.register("rows", rows)
        connection.execute(
            "INSERT INTO kept SELECT ? + row, ?, row, key, sha256, phash, "
            "CAST(width AS BIGINT) * height, "
            "CASE WHEN ? <> '' AND json_valid(json) THEN "
            "coalesce(json_extract_string(json, ?), '') ELSE '' END FROM rows WHERE passed",
            [start, part.number, cluster_field, f'$."{cluster_field}"'],
        )
        connection.unregister("rows")
        start += part.samples


def _mark_duplicates(connection: duckdb.DuckDBPyConnection, exact: Pairs, near: Pairs) -> None:
    """Table ``same``: each sample that has duplicates, its group, and the one of it that stays.

    The largest picture stays; of several, the one with the smallest key.
    """
    ids, groups = components(
        np.concatenate([exact.first, near.first]), np.concatenate([exact.second, near.second])
    )
    connection.register("grouped", pa.table({"id": ids, "grp": groups}))
    connection.execute(
        "CREATE TABLE same AS SELECT id, grp, first_value(key) OVER best AS stays, "
        "row_number() OVER best = 1 AS is_it FROM grouped JOIN kept USING (id) "
        "WINDOW best AS (PARTITION BY grp ORDER BY area DESC, key, id)"
    )
    connection.unregister("grouped")


def _name_clusters(connection: duckdb.DuckDBPyConnection) -> None:
    """Table ``named``: cluster of the owners and samples that near duplicates join.

    A node is an owner, or a sample without one; only nodes that a group of duplicates touches
    need a search for components, all others are clusters by themselves.
    """
    connection.execute(
        f"CREATE TABLE nodes AS SELECT id, grp, {NODE} AS node FROM same JOIN kept USING (id)"
    )
    edges = connection.sql(
        "WITH numbered AS (SELECT *, dense_rank() OVER (ORDER BY node) AS n FROM nodes) "
        "SELECT min(n) OVER (PARTITION BY grp) AS a, n AS b FROM numbered"
    ).fetchnumpy()
    ids, groups = components(edges["a"].astype(np.int64), edges["b"].astype(np.int64))
    connection.register("joined", pa.table({"n": ids, "grp": groups}))
    connection.execute(
        "CREATE TABLE named AS WITH numbered AS "
        "(SELECT DISTINCT node, dense_rank() OVER (ORDER BY node) AS n FROM nodes) "
        "SELECT node, first_value(node) OVER (PARTITION BY grp ORDER BY node) AS cluster "
        "FROM numbered JOIN joined USING (n)"
    )
    connection.unregister("joined")


def components(
    first: NDArray[np.int64], second: NDArray[np.int64]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Connected components of a graph by its edges: the transitive closure of "the same picture".

    Args:
        first: int64 [n], one end of each edge.
        second: int64 [n], the other.

    Returns:
        The nodes, sorted, and the number of the component of each.
    """
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    nodes, ends = np.unique(np.concatenate([first, second]), return_inverse=True)
    a, b = ends[: len(first)], ends[len(first) :]
    graph = coo_array((np.ones(len(a), np.int8), (a, b)), shape=(len(nodes), len(nodes)))
    _, groups = connected_components(graph, directed=False) if len(nodes) else (0, nodes)
    return nodes, groups.astype(np.int64)


def _write(
    connection: duckdb.DuckDBPyConnection,
    images: EmbeddingSet,
    filtered: Sequence[Path],
    folder: Path,
) -> Counter[str]:
    """A file a part, row by row with its metadata."""
    counts: Counter[str] = Counter()
    for part, path in zip(images.parts, filtered, strict=True):
        connection.register("rows", _rows(path))
        found = connection.sql(
            "SELECT rows.key, rows.shard, "
            f"CASE WHEN kept.id IS NULL THEN '' ELSE coalesce(cluster, {NODE}) END AS cluster, "
            "kept.id IS NOT NULL AND coalesce(is_it, true) AS keep, "
            "CASE WHEN coalesce(is_it, true) THEN '' ELSE stays END AS duplicate_of "
            "FROM rows LEFT JOIN kept ON kept.part = ? AND kept.row = rows.row "
            "LEFT JOIN same ON same.id = kept.id "
            f"LEFT JOIN named ON named.node = {NODE} ORDER BY rows.row",
            params=[part.number],
        ).to_arrow_table()
        connection.unregister("rows")
        table = pa.table({name: found.column(name) for name in CLUSTERED.names}, CLUSTERED)
        with replacing(folder / f"clusters_{part.name}.parquet") as file:
            pq.write_table(table, file, compression="zstd")
        counts[""] += sum(table.column("keep").to_pylist())
        duplicates = [of for of in table.column("duplicate_of").to_pylist() if of]
        counts[Reason.NEAR_DUPLICATE.value] += len(duplicates)
    return counts


def _rows(path: Path) -> pa.Table:
    table = pq.read_table(path, columns=["key", "shard"])
    return table.append_column("row", pa.array(np.arange(table.num_rows)))
