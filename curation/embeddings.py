"""Embedding sets: vectors and what is known of each sample, in clip-retrieval's layout.

    img_emb/img_emb_0000.npy             float16 [n, width], one row a sample
    metadata/metadata_0000.parquet       the same rows: columns of ``METADATA``
    rejects/rejects_0000.parquet         samples without a row, each with its reason
    model.json  parts.json               of which model; which part is of which shard

What clip-retrieval writes and LAION publishes is the first two alone: ``open_published`` reads it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from benchwright import mirror
from benchwright.curation.models.identity import ModelIdentity
from benchwright.curation.models.preprocess import Mode
from benchwright.dataset import read_json, write_json
from benchwright.errors import DatasetError

MODEL, PARTS = "model.json", "parts.json"

UNKNOWN = -1.0
"""Brightness or saliency of a sample whose pixels were never seen here."""


def _columns(**types: pa.DataType) -> pa.Schema:
    return pa.schema([pa.field(name, kind, nullable=False) for name, kind in types.items()])


METADATA: pa.Schema = _columns(
    key=pa.string(),  # of the sample, as its shard has it
    shard=pa.string(),  # path of the shard below the folder that was embedded
    caption=pa.string(),  # "" if there is none
    url=pa.string(),  # "" if there is none
    width=pa.int32(),  # of the stored image, pixels; 0 if unknown
    height=pa.int32(),
    sha256=pa.string(),  # of the image's bytes, hex; "" if unknown
    phash=pa.uint64(),  # perceptual hash (embed.perceptual); 0 if unknown
    brightness=pa.float32(),  # mean luma, 0 black to 1 white; UNKNOWN if unknown
    saliency=pa.float32(),  # share of the area that stands out, 0 to 1; UNKNOWN if unknown
    json=pa.string(),  # the sample's own JSON; "" if there is none
)
"""Columns of a part's metadata; none holds nulls."""

REJECTS: pa.Schema = _columns(
    key=pa.string(),  # "" where what is broken is the shard, not a sample of it
    shard=pa.string(),
    reason=pa.string(),  # a rejection.Reason
    detail=pa.string(),
)
"""Columns of a part's rejects; none holds nulls."""


@dataclass(frozen=True, slots=True)
class Part:
    """One part of a set: the samples of one shard.

    Attributes:
        number: given at first appearance and never changed.
        shard: path below the folder that was embedded; of a published set, the part's own name.
        sha256: of the shard, hex; empty for a published set.
        samples: rows.
        rejects: samples of the shard that have no row.
        name: the digits in its files' names.
    """

    number: int
    shard: str
    sha256: str
    samples: int
    rejects: int = 0
    name: str = ""

    def __post_init__(self) -> None:
        """Settle the default name."""
        object.__setattr__(self, "name", self.name or f"{self.number:04d}")

    def vectors_file(self, folder: Path) -> Path:
        """Where its vectors lie in a set's folder."""
        return folder / "img_emb" / f"img_emb_{self.name}.npy"

    def metadata_file(self, folder: Path) -> Path:
        """Where its metadata lie in a set's folder."""
        return folder / "metadata" / f"metadata_{self.name}.parquet"

    def rejects_file(self, folder: Path) -> Path:
        """Where its rejects lie in a set's folder."""
        return folder / "rejects" / f"rejects_{self.name}.parquet"


@dataclass(frozen=True, slots=True)
class EmbeddingSet:
    """An embedding set, opened: its vectors are mapped and its tables read when asked for.

    Attributes:
        folder: where it lies.
        identity: of the model that made the vectors.
        mode: of the preprocess: ``exact``, or ``fast`` for mining only.
        parts: in order of their numbers; those that are finished.
        published: made by clip-retrieval, without rejects and with columns of its own.
        versions: of the libraries that made it; empty for a published set.
    """

    folder: Path
    identity: ModelIdentity
    mode: Mode
    parts: tuple[Part, ...]
    published: bool = False
    versions: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def open(cls, folder: Path) -> EmbeddingSet:
        """Open a set that ``benchwright embed`` wrote.

        Raises:
            DatasetError: there is none, or its JSON files are broken.
        """
        model, parts = read_json(folder / MODEL), read_json(folder / PARTS)
        if model is None or parts is None:
            missing = MODEL if model is None else PARTS
            raise DatasetError(
                f"{folder}: no embedding set here ({missing} is missing or broken); "
                "make one with benchwright embed"
            )
        try:
            opened = cls(
                folder,
                ModelIdentity(**model["model"]),
                model["mode"],
                tuple(sorted((Part(**part) for part in parts["parts"]), key=lambda p: p.number)),
                versions=dict(model["versions"]),
            )
        except (TypeError, KeyError, ValueError) as error:
            raise DatasetError(
                f"{folder}: {MODEL} or {PARTS} is not what this version writes; embed again"
            ) from error
        return opened

    @classmethod
    def open_published(
        cls, folder: Path, identity: ModelIdentity, mode: Mode = "exact"
    ) -> EmbeddingSet:
        """Open what clip-retrieval wrote, or LAION publishes: ``img_emb`` and ``metadata`` alone.

        Args:
            folder: holds both.
            identity: of the model that made it, which the files do not say.
            mode: clip-retrieval applies the model's own transform.

        Raises:
            DatasetError: the folder holds no such layout, or a part without its other half.
        """
        from benchwright.curation.embed.published import published_parts

        return cls(folder, identity, mode, published_parts(folder, identity.width), published=True)

    @property
    def samples(self) -> int:
        """Rows of all parts."""
        return sum(part.samples for part in self.parts)

    def vectors(self, part: Part) -> NDArray[np.float16]:
        """float16 [n, width] of a part, mapped from its file: rows are read when used.

        Raises:
            DatasetError: the file is missing, broken, or of another shape than declared.
        """
        path = part.vectors_file(self.folder)
        found = open_vectors(path)
        if found.shape != (part.samples, self.identity.width):
            raise DatasetError(
                f"{path}: holds {found.shape}, not {part.samples} vectors of "
                f"{self.identity.width}; embed again"
            )
        return found if found.dtype == np.float16 else found.astype(np.float16)

    def metadata(self, part: Part, columns: Sequence[str] | None = None) -> pa.Table:
        """A part's metadata, row by row with its vectors; columns as ``METADATA`` declares them.

        Args:
            part: of this set.
            columns: only these, in this order; default all.

        Raises:
            DatasetError: the file is missing, broken, or of other columns than declared.
        """
        names = list(columns) if columns is not None else METADATA.names
        if self.published:
            from benchwright.curation.embed.published import published_metadata

            return published_metadata(part.metadata_file(self.folder), names)
        schema = pa.schema([METADATA.field(name) for name in names])
        return _declared(part.metadata_file(self.folder), schema, part.samples)

    def rejects(self, part: Part) -> pa.Table:
        """The samples of a part's shard that have no row; columns of ``REJECTS``.

        Raises:
            DatasetError: the file is missing, broken, or of other columns than declared.
        """
        if self.published:
            return REJECTS.empty_table()
        return _declared(part.rejects_file(self.folder), REJECTS, part.rejects)


def write_model(
    folder: Path, identity: ModelIdentity, mode: Mode, versions: Mapping[str, str]
) -> None:
    """Write ``model.json``."""
    facts = {"model": identity.to_dict(), "mode": mode, "versions": dict(sorted(versions.items()))}
    write_json(folder / MODEL, facts)


def write_parts(folder: Path, parts: Iterable[Part]) -> None:
    """Write ``parts.json``, in order of the numbers."""
    ordered = sorted(parts, key=lambda part: part.number)
    write_json(folder / PARTS, {"parts": [asdict(part) for part in ordered]})


def open_vectors(path: Path) -> NDArray[Any]:
    """The array of a ``.npy`` file, mapped; two dimensions of floating-point numbers.

    Raises:
        DatasetError: missing, or no such array; pickled objects are never loaded.
    """
    try:
        found = np.load(mirror.here(path), mmap_mode="r", allow_pickle=False)
    except (OSError, ValueError, EOFError) as error:
        raise DatasetError(f"{path}: no readable array of vectors; embed again") from error
    if found.ndim != 2 or found.dtype.kind != "f":
        raise DatasetError(f"{path}: holds {found.dtype} {found.shape}, no vectors; embed again")
    return found


def _declared(path: Path, schema: pa.Schema, rows: int) -> pa.Table:
    try:
        table = pq.read_table(mirror.here(path), columns=schema.names)
    except (OSError, pa.ArrowException) as error:
        raise DatasetError(
            f"{path}: not readable, or without its columns {', '.join(schema.names)}; embed again"
        ) from error
    if not table.schema.equals(schema) or table.num_rows != rows:
        raise DatasetError(
            f"{path}: its columns or its number of rows are not as declared; embed again"
        )
    return table.replace_schema_metadata(None)
