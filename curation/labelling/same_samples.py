"""Two models' vectors of the same samples, row by row: the judge's part and the probe's."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from benchwright.curation.embeddings import EmbeddingSet, Part
from benchwright.curation.labelling.verdicts import Floats, Indices
from benchwright.errors import DatasetError, ModelError
from benchwright.rejection import Reason

NONE = -1
"""In the place of a row that there is not."""

CHUNK = 4096
"""Rows at work at a time: 16 MB of logits over 1,000 labels."""


def check_apart(judge: EmbeddingSet, probe: EmbeddingSet) -> None:
    """Refuse a judge that is the probe: it would vouch for its own mistakes (SCIENCE 2.3.3).

    Raises:
        ModelError: the same id, or the same weights under another.
    """
    if judge.identity.id == probe.identity.id or judge.identity.sha256 == probe.identity.sha256:
        raise ModelError(
            f"probe and judge are one model ({probe.identity.id}, {judge.identity.id}): it would "
            "vouch for its own mistakes; choose another judge"
        )


def other_part(judge: EmbeddingSet, part: Part, other: EmbeddingSet) -> Part:
    """The part of another model's set that is of the same shard.

    Raises:
        DatasetError: there is none, or the shard has changed in between.
    """
    named = [candidate for candidate in other.parts if candidate.shard == part.shard]
    found = [c for c in named if c.sha256 == part.sha256] or [
        c for c in other.parts if part.sha256 and c.sha256 == part.sha256
    ]
    if found:
        return found[0]
    model = other.identity.id
    if named:
        raise DatasetError(
            f"{other.folder}: {model} and {judge.identity.id} saw different contents of the shard "
            f"{part.shard}; run benchwright embed for both again"
        )
    raise DatasetError(
        f"{other.folder}: no embeddings of the shard {part.shard}; run benchwright embed on the "
        f"same shards with --model {model}"
    )


def rows_in(
    judge: EmbeddingSet, part: Part, other: EmbeddingSet, its_part: Part
) -> Indices | slice:
    """Rows of another set's part, in the order of the judge's.

    A model may have had no finite vector for an image that the judge has one for. Such a sample is
    no fault of the set: nothing can be asked of it.

    Returns:
        int64 [samples], ``NONE`` where the other model has no finite vector; or a slice where the
        order is the same.

    Raises:
        DatasetError: a key twice in a part, or in one part and not in the other.
    """
    keys = judge.metadata(part, ["key"])["key"].to_pylist()
    others = other.metadata(its_part, ["key"])["key"].to_pylist()
    at = {key: row for row, key in enumerate(others)}
    if len(set(keys)) < len(keys) or len(at) < len(others):
        twice = len(keys) - len(set(keys)) or len(others) - len(at)
        raise DatasetError(
            f"{judge.folder}: {twice} keys of the shard {part.shard} are there twice; give each "
            "sample a key of its own and embed again"
        )
    if keys == others:
        return slice(None)
    if its_part.rejects:
        at = {**dict.fromkeys(_not_finite(other, its_part), NONE), **at}
    if missing := [key for key in keys if key not in at]:
        raise DatasetError(
            f"{other.folder}: {len(missing)} of {len(keys)} samples of the shard {part.shard} are "
            f'missing (first: "{missing[0]}"); run benchwright embed with --model '
            f"{other.identity.id} again"
        )
    return np.array([at[key] for key in keys], np.int64)


def _not_finite(images: EmbeddingSet, part: Part) -> list[str]:
    """Keys of the samples that were rejected for their vectors alone."""
    rows = images.rejects(part).select(["key", "reason"]).to_pylist()
    return [row["key"] for row in rows if row["reason"] == Reason.NOT_FINITE]


def chunks(
    vectors: NDArray[np.float16], rows: Indices | slice, unit: bool, where: str
) -> Iterator[tuple[slice, Floats]]:
    """(place, float32 [k, width]) of consecutive rows, ``CHUNK`` at a time.

    Args:
        vectors: float16 [n, width], mapped; only a chunk of it is in memory at a time.
        rows: which, in which order; ``NONE`` gives a vector of zeros, as no image has one.
        unit: make each row's length 1 again, which float16 has not kept to more than 3 digits.
        where: the file, for errors.

    Raises:
        DatasetError: a NaN, an infinity, or a vector of zeros that has no direction.
    """
    count = len(vectors) if isinstance(rows, slice) else len(rows)
    for start in range(0, count, CHUNK):
        place = slice(start, min(start + CHUNK, count))
        at = place if isinstance(rows, slice) else rows[place]
        chunk = np.asarray(vectors[at], np.float32)
        lengths = np.linalg.norm(chunk, axis=1)
        if not isinstance(at, slice):
            chunk[at == NONE], lengths[at == NONE] = 0, 1
        if not np.isfinite(lengths).all() or (unit and not lengths.all()):
            bad = np.flatnonzero(~(np.isfinite(lengths) & ((lengths > 0) | (not unit))))
            raise DatasetError(
                f"{where}: {len(bad)} of {count} vectors are NaN, infinite or zero (first: row "
                f"{start + int(bad[0])}); the model overflowed or the file is damaged: embed again "
                "in float32"
            )
        yield place, chunk / lengths[:, None] if unit else chunk


def has_vector(chunk: Floats) -> NDArray[np.bool_]:
    """Bool [k]: which rows of a chunk are an image's, and not ``NONE``'s zeros."""
    return np.asarray(chunk.any(axis=1), np.bool_)
