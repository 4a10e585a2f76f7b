"""Pictures that another set holds already: a benchmark that shares them has leaked."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from benchwright.curation.embeddings import MODEL, EmbeddingSet, Part
from benchwright.errors import DatasetError

if TYPE_CHECKING:
    from numpy.typing import NDArray

COLUMNS = ("sha256", "phash")
BLOCK = 4096
"""Vectors of the other set compared at a time: a product of 4,096 x a part's rows."""


@dataclass(frozen=True, slots=True)
class Known:
    """Pictures that must not be in the set.

    Attributes:
        name: of the other set, as it was given.
        sha256: hex digests of its files.
        phash: uint64, sorted: their perceptual hashes, to be met to the bit.
        images: an embedding set of it by the same model, or None.
    """

    name: str
    sha256: frozenset[str]
    phash: NDArray[np.uint64]
    images: EmbeddingSet | None = None

    @classmethod
    def read(cls, path: Path) -> Known:
        """A Parquet file with a column ``sha256`` or ``phash`` (or both), or an embedding set.

        Raises:
            DatasetError: neither.
        """
        if (path / MODEL).is_file():
            images = EmbeddingSet.open(path)
            parts = [images.metadata(part, list(COLUMNS)) for part in images.parts]
            return cls._of(str(path), pa.concat_tables(parts), images)
        try:
            columns = [name for name in COLUMNS if name in pq.read_schema(path).names]
            table = pq.read_table(path, columns=columns)
        except (OSError, pa.ArrowException) as error:
            raise DatasetError(
                f"{path}: neither an embedding set nor a Parquet file of hashes"
            ) from error
        if not columns:
            raise DatasetError(f"{path}: has no column sha256 or phash to compare with")
        return cls._of(str(path), table, None)

    @classmethod
    def _of(cls, name: str, table: pa.Table, images: EmbeddingSet | None) -> Known:
        digests = table.column("sha256").to_pylist() if "sha256" in table.column_names else []
        hashes = (
            table.column("phash") if "phash" in table.column_names else pa.array([], pa.uint64())
        )
        try:
            sorted_hashes = np.unique(np.asarray(hashes.cast(pa.uint64()).to_numpy()))
        except pa.ArrowException as error:
            raise DatasetError(f"{name}: phash must be whole numbers of 64 bits") from error
        known = frozenset(str(digest).lower() for digest in digests if digest)
        return cls(name, known, sorted_hashes[sorted_hashes != 0], images)

    @property
    def digest(self) -> str:
        """Equal where what it holds is."""
        found = hashlib.sha256("\n".join(sorted(self.sha256)).encode())
        found.update(self.phash.tobytes())
        for part in self.images.parts if self.images else ():
            found.update(f"{part.shard} {part.sha256}".encode())
        return found.hexdigest()

    def holds(self, images: EmbeddingSet, part: Part, cosine: float) -> NDArray[np.bool_]:
        """Bool [n]: which samples of a part the other set holds.

        Args:
            images: the set that is checked.
            part: of it.
            cosine: least cosine at which two embeddings are of the same picture.

        Raises:
            DatasetError: the other set's embeddings are of another model.
        """
        table = images.metadata(part, list(COLUMNS))
        same = np.array([sha in self.sha256 for sha in table.column("sha256").to_pylist()], bool)
        same |= np.isin(table.column("phash").to_numpy(), self.phash)
        return same | self._near(images, part, cosine) if self.images else same

    def _near(self, images: EmbeddingSet, part: Part, cosine: float) -> NDArray[np.bool_]:
        """Which samples have a vector of the other set beside them."""
        other = self.images
        if other is None or other.identity.sha256 != images.identity.sha256:
            raise DatasetError(f"{self.name}: its embeddings are of another model; embed it again")
        mine = _unit(images.vectors(part))
        near = np.zeros(len(mine), bool)
        for theirs in other.parts:
            vectors = other.vectors(theirs)
            for start in range(0, len(vectors), BLOCK):
                near |= (mine @ _unit(vectors[start : start + BLOCK]).T >= cosine).any(axis=1)
        return near


def _unit(vectors: NDArray[np.float16]) -> NDArray[np.float32]:
    found = vectors.astype(np.float32)
    length = np.linalg.norm(found, axis=1, keepdims=True)
    found /= np.where(length > 0, length, np.float32(1))
    return found
