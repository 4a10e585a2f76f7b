"""What a run has done, and why samples were left out."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from benchwright.curation.embed.timing import Seconds
from benchwright.curation.embeddings import EmbeddingSet
from benchwright.rejection import Reason


@dataclass(frozen=True, slots=True)
class Report:
    """What a run has done.

    Attributes:
        sets: one a model, all parts of each.
        shards: that were embedded now.
        kept: that had their parts already.
        samples: of the shards that were embedded now, used or not.
        reasons: reason to number of rejects, of the first set, all parts.
        broken: names of shards that could not be read to their end, with what is wrong.
        unfinished: names of shards that their downloader has not finished, left out.
        workers: reader processes.
        lanes: of the encoder.
        seconds: where the time went.
    """

    sets: tuple[EmbeddingSet, ...]
    shards: int
    kept: int
    samples: int
    reasons: dict[str, int]
    broken: dict[str, str]
    unfinished: tuple[str, ...]
    workers: int
    lanes: int
    seconds: Seconds


def reasons_of(embeddings: EmbeddingSet) -> dict[str, int]:
    """Reason to number of rejects, the most frequent first."""
    counts: Counter[str] = Counter()
    for part in embeddings.parts:
        if part.rejects:
            counts.update(embeddings.rejects(part)["reason"].to_pylist())
    return dict(counts.most_common())


def broken_shards(embeddings: EmbeddingSet) -> dict[str, str]:
    """Name of each broken shard to what is wrong with it."""
    return {
        row["shard"]: row["detail"]
        for part in embeddings.parts
        if part.rejects
        for row in embeddings.rejects(part).to_pylist()
        if row["reason"] == Reason.BROKEN_SHARD
    }
