"""Shards and blocks under way, and what a shard is once it is embedded."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from benchwright.curation.embed.reading import Block, Reject, Survey
from benchwright.curation.embed.sources import Shard
from benchwright.curation.embeddings import METADATA
from benchwright.rejection import Reason


@dataclass(frozen=True, slots=True)
class Embedded:
    """A shard, embedded.

    Attributes:
        shard: which one.
        sha256: of its bytes, hex.
        samples: that it holds, used or not.
        rows: metadata of those that have vectors, in the order they lie in the shard.
        vectors: float16 [rows, width] for each model; a row may not be finite.
        rejects: of the others, and of the shard itself if it is broken.
    """

    shard: Shard
    sha256: str
    samples: int
    rows: pa.Table
    vectors: tuple[NDArray[np.float16], ...]
    rejects: tuple[Reject, ...]


@dataclass(slots=True)
class ShardWork:
    """A shard under way; complete when no block is left."""

    shard: Shard
    survey: Survey
    left: int
    blocks: dict[int, BlockWork] = field(default_factory=dict)


@dataclass(slots=True)
class BlockWork:
    """A block that was read: its samples are packed, then encoded, perhaps in two batches."""

    of: ShardWork
    slot: int
    read: Block
    vectors: list[NDArray[np.float16]]
    packed: int = 0
    encoded: int = 0


def embedded(done: ShardWork, widths: tuple[int, ...]) -> Embedded:
    """A complete shard, its blocks in order."""
    blocks = [done.blocks[number] for number in sorted(done.blocks)]
    rejects = [reject for block in blocks for reject in block.read.rejects]
    if done.survey.index.broken:
        rejects.append(("", Reason.BROKEN_SHARD, done.survey.index.broken))
    vectors = tuple(
        np.concatenate([block.vectors[model] for block in blocks] or [np.empty((0, width), "f2")])
        for model, width in enumerate(widths)
    )
    rows = pa.Table.from_batches([block.read.rows for block in blocks], METADATA)
    samples = len(done.survey.index.entries)
    return Embedded(done.shard, done.survey.sha256, samples, rows, vectors, tuple(rejects))
