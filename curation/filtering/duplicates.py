"""The same picture twice: candidate pairs by perceptual hash, confirmed by embedding.

Two 64-bit hashes that differ in at most ``h`` bits agree in one of their four 16-bit bands but for
at most ``h // 4`` bits (pigeonhole), so a join on bands, with that many bits flipped on one side,
finds every such pair. It costs n^2 / 16,384 comparisons up to three bits, n^2 / 964 up to seven,
n^2 / 120 up to eleven.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from benchwright.curation.embeddings import EmbeddingSet

if TYPE_CHECKING:
    import duckdb

BANDS, BAND_BITS = 4, 16
CHUNK = 20_000
"""Pairs whose vectors are compared together: 160 MB at a width of 1,024."""


@dataclass(frozen=True, slots=True)
class Pairs:
    """Pairs of the same picture.

    Attributes:
        first, second: int64 [n], row numbers of ``kept``; ``first < second``.
    """

    first: NDArray[np.int64]
    second: NDArray[np.int64]


def flips(radius: int) -> list[int]:
    """The 16-bit masks of at most so many bits, none first."""
    return [
        sum(1 << bit for bit in bits)
        for count in range(radius + 1)
        for bits in combinations(range(BAND_BITS), count)
    ]


def exact_pairs(connection: duckdb.DuckDBPyConnection) -> Pairs:
    """Each picture with the first of the same bytes.

    Args:
        connection: has the table ``kept(id, sha256, ...)``.
    """
    found = connection.sql(
        "SELECT first, id FROM (SELECT id, min(id) OVER (PARTITION BY sha256) AS first FROM kept "
        "WHERE sha256 <> '') WHERE id > first ORDER BY id"
    ).fetchnumpy()
    return Pairs(found["first"].astype(np.int64), found["id"].astype(np.int64))


def near_pairs(
    connection: duckdb.DuckDBPyConnection, images: EmbeddingSet, hamming: int, cosine: float
) -> Pairs:
    """Pairs that hash and embedding both call the same picture.

    Args:
        connection: has the table ``kept(id, part, row, sha256, phash)``, ``part`` a number of
            ``images`` and ``row`` a row of it.
        images: whose vectors confirm.
        hamming: most bits of the hash that differ.
        cosine: least cosine of the vectors.
    """
    vectors = _Vectors(images)
    firsts, seconds = [], []
    for chunk in _candidates(connection, hamming):
        a = vectors.rows(chunk["part_a"], chunk["row_a"])
        b = vectors.rows(chunk["part_b"], chunk["row_b"])
        same = np.einsum("ij,ij->i", a, b) >= cosine
        firsts.append(chunk["a"][same])
        seconds.append(chunk["b"][same])
    none = np.empty(0, np.int64)
    return Pairs(np.concatenate([none, *firsts]), np.concatenate([none, *seconds]))


def _candidates(
    connection: duckdb.DuckDBPyConnection, hamming: int
) -> Iterator[dict[str, NDArray[np.int64]]]:
    """Pairs of different files whose hashes are near; one file of the same bytes stands for all."""
    masks = ", ".join(f"({mask})" for mask in flips(hamming // BANDS))
    bands = ", ".join(f"({band})" for band in range(BANDS))
    result = connection.sql(f"""
        WITH one AS (
            SELECT min(id) AS id, any_value(phash) AS phash FROM kept WHERE phash <> 0
            GROUP BY CASE WHEN sha256 = '' THEN CAST(id AS VARCHAR) ELSE sha256 END
        ), banded AS (
            SELECT id, phash, band, (phash >> ({BAND_BITS} * band)) & 65535 AS value
            FROM one, (VALUES {bands}) AS b(band)
        ), probes AS (
            SELECT id, phash, band, xor(value, mask) AS value
            FROM banded, (VALUES {masks}) AS m(mask)
        ), pairs AS (
            SELECT DISTINCT p.id AS a, b.id AS b FROM probes p JOIN banded b USING (band, value)
            WHERE p.id < b.id AND bit_count(xor(p.phash, b.phash)) <= {int(hamming)}
        )
        SELECT a, b, x.part AS part_a, x.row AS row_a, y.part AS part_b, y.row AS row_b
        FROM pairs JOIN kept x ON x.id = a JOIN kept y ON y.id = b ORDER BY a, b
    """).to_arrow_reader(CHUNK)
    for batch in result:
        names = batch.schema.names
        yield {name: batch.column(name).to_numpy().astype(np.int64) for name in names}


class _Vectors:
    """Rows of an embedding set's parts, of unit length."""

    def __init__(self, images: EmbeddingSet) -> None:
        self._images = images
        self._parts = {part.number: part for part in images.parts}

    def rows(self, parts: NDArray[np.int64], rows: NDArray[np.int64]) -> NDArray[np.float32]:
        """float32 [n, width]: row ``rows[i]`` of part ``parts[i]``."""
        found = np.empty((len(parts), self._images.identity.width), np.float32)
        for number in np.unique(parts):
            at = np.flatnonzero(parts == number)
            found[at] = self._images.vectors(self._parts[int(number)])[rows[at]]
        length = np.linalg.norm(found, axis=1, keepdims=True)
        found /= np.where(length > 0, length, np.float32(1))
        return found
