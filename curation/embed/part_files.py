"""The files of one part: written so that a part is there whole, or is not there."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from benchwright import mirror
from benchwright.curation.embed.reading import Reject
from benchwright.curation.embed.work import Embedded
from benchwright.curation.embeddings import METADATA, REJECTS, Part
from benchwright.curation.models.identity import ModelIdentity
from benchwright.curation.models.preprocess import Mode
from benchwright.mirrored_folder import AT_ONCE
from benchwright.rejection import Reason
from benchwright.shards import replacing

_FACTS = b"benchwright"
"""Key of the metadata file's footer under which a part says what it is of."""


@dataclass(frozen=True, slots=True)
class Finished:
    """A part that is there, and its shard as it was then.

    Attributes:
        part: with its number and counts.
        bytes: of the shard.
        stamp: of the shard, see ``sources.Shard``.
        made_by: digest of the model and the mode: with the shard's sha256, what a part is keyed by.
    """

    part: Part
    bytes: int
    stamp: str
    made_by: str


def made_by(identity: ModelIdentity, mode: Mode) -> str:
    """Digest of all that vectors depend on besides their shard; the model's id is only a name."""
    facts = {**identity.to_dict(), "id": "", "mode": mode}
    return hashlib.sha256(json.dumps(facts, sort_keys=True).encode()).hexdigest()


def write_part(folder: Path, number: int, embedded: Embedded, model: int, made_by: str) -> Part:
    """Write one model's part of a shard; its metadata last, which is what makes it finished.

    Samples without a finite vector are rejected here, so that no reader ever meets one.

    Args:
        folder: of the set.
        number: of the part.
        embedded: the shard.
        model: which of its vectors.
        made_by: digest of that model and the mode, as the function of that name gives it.

    Raises:
        DatasetError: the disk refused.
    """
    vectors, rows, rejects = _finite(embedded, model)
    part = Part(number, embedded.shard.name, embedded.sha256, rows.num_rows, len(rejects))
    with replacing(part.vectors_file(folder)) as file:
        np.save(file, vectors, allow_pickle=False)
    refused = [
        {"key": key, "shard": embedded.shard.name, "reason": str(reason), "detail": detail}
        for key, reason, detail in rejects
    ]
    with replacing(part.rejects_file(folder)) as file:
        pq.write_table(pa.Table.from_pylist(refused, REJECTS), file, compression="zstd")
    finished = Finished(part, embedded.shard.bytes, embedded.shard.stamp, made_by)
    footer = {_FACTS: json.dumps(asdict(finished)).encode()}
    with replacing(part.metadata_file(folder)) as file:
        pq.write_table(rows.replace_schema_metadata(footer), file, compression="zstd")
    return part


def _finite(
    embedded: Embedded, model: int
) -> tuple[NDArray[np.float16], pa.Table, Sequence[Reject]]:
    vectors = embedded.vectors[model]
    finite = np.isfinite(vectors).all(axis=1)
    if finite.all():
        return vectors, embedded.rows, embedded.rejects
    lost = embedded.rows.filter(pa.array(~finite))["key"].to_pylist()
    detail = "the model gives it infinite or undefined numbers"
    refused = [(key, Reason.NOT_FINITE, detail) for key in lost]
    return (
        vectors[finite],
        embedded.rows.filter(pa.array(finite)),
        (*embedded.rejects, *refused),
    )


def finished_parts(folder: Path) -> dict[str, Finished]:
    """Shard's name to its finished part, of all parts in a set's folder.

    Read from the footers of the metadata files, each written with its part: unlike a shared list,
    they are true whenever a run was killed.
    """
    found = {}
    vectors = set(mirror.names(folder / "img_emb"))
    names = mirror.names(folder / "metadata")
    with ThreadPoolExecutor(AT_ONCE) as pool:
        for finished in pool.map(_read_footer, filter(_is_metadata, names)):
            if finished and finished.part.vectors_file(folder) in vectors:
                found[finished.part.shard] = finished
    return found


def _is_metadata(path: Path) -> bool:
    return path.match("metadata_*.parquet")


def _read_footer(path: Path) -> Finished | None:
    """What a metadata file says of itself; None if it is broken or somebody else's."""
    try:
        with mirror.reading(path) as file:
            schema = pq.read_schema(file)
        facts = json.loads((schema.metadata or {})[_FACTS])
        part = Part(**facts["part"])
        made = str(facts.get("made_by", ""))  # earlier versions did not say
        finished = Finished(part, int(facts["bytes"]), str(facts["stamp"]), made)
    except (OSError, pa.ArrowException, KeyError, ValueError, TypeError):
        return None
    return finished if schema.equals(METADATA) and path.stem.endswith(part.name) else None
