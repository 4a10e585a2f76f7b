"""How fast embedding could be at best here, and how fast it is: measured side by side.

Readers alone give the data ceiling d, the encoder alone the encoder ceiling e, in images a second.
On a CPU both share the cores, so the best that any arrangement can reach is 1 / (1/d + 1/e); with
an accelerator it is the smaller of the two.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import torch

from benchwright.curation.embed.embedder import Embedder, one_thread
from benchwright.curation.embed.encoding import Encoder
from benchwright.curation.embed.sources import Shard
from benchwright.curation.models.identity import Model, ModelIdentity
from benchwright.curation.models.preprocess import Mode, Preprocess

BATCHES = 4
"""Batches that each lane encodes for one measurement of the encoder."""


@dataclass(frozen=True, slots=True)
class Round:
    """One measurement of each, in images a second.

    Attributes:
        data: of readers alone.
        encoder: of the encoder alone.
        reached: of both together.
        shared: whether both use the same cores.
    """

    data: float
    encoder: float
    reached: float
    shared: bool

    @property
    def ceiling(self) -> float:
        """The best that could be reached, images a second."""
        if self.shared:
            return 1 / (1 / self.data + 1 / self.encoder)
        return min(self.data, self.encoder)

    @property
    def ratio(self) -> float:
        """Reached over the best."""
        return self.reached / self.ceiling


class _NoModel:
    """A model that costs nothing: what is left is the data's."""

    def __init__(self, like: Model) -> None:
        self.identity: ModelIdentity = like.identity
        self.preprocess: Preprocess = like.preprocess
        self.device = like.device

    def encode_images(self, pixels: torch.Tensor) -> torch.Tensor:
        """Zeros, float32 [B, width]."""
        return torch.zeros((len(pixels), self.identity.width), device=pixels.device)


def measure(
    shards: tuple[Shard, ...],
    model: Model,
    mode: Mode = "exact",
    batch: int | None = None,
    workers: int | None = None,
    rounds: int = 3,
) -> Iterator[Round]:
    """Measure in rounds, so that whatever else a machine does disturbs all three alike.

    Readers are started, and libraries warmed up, before the clock runs.

    Args:
        shards: enough for some seconds; they come from the page cache, so storage is not measured.
        model: loaded.
        mode: of the preprocess.
        batch: as for ``embed``.
        workers: as for ``embed``.
        rounds: how many.
    """
    idle: Model = _NoModel(model)  # type: ignore[assignment]
    with (
        Embedder([idle], mode, batch, workers) as readers,
        Embedder([model], mode, batch, workers) as both,
    ):
        for embedder in (readers, both):
            _rate(embedder, shards)
        encoder = Encoder([model], [0])
        for _ in range(rounds):
            data = _rate(readers, shards)
            encoded = _encoder_rate(encoder, both.lanes, both.batch, model.preprocess.size)
            yield Round(data, encoded, _rate(both, shards), model.device.type == "cpu")


def median(rounds: list[Round]) -> Round:
    """The round with the median ratio."""
    return sorted(rounds, key=lambda found: found.ratio)[(len(rounds) - 1) // 2]


def spread(rounds: list[Round]) -> float:
    """Standard deviation of the ratios; 0 of a single round."""
    return statistics.stdev(found.ratio for found in rounds) if len(rounds) > 1 else 0.0


def _rate(embedder: Embedder, shards: tuple[Shard, ...]) -> float:
    began = time.perf_counter()
    samples = sum(embedder.embed(shards, lambda embedded: embedded.rows.num_rows))
    return samples / (time.perf_counter() - began)


def _encoder_rate(encoder: Encoder, lanes: int, batch: int, edge: int) -> float:
    buffers = [encoder.buffer(batch, [edge]) for _ in range(lanes)]

    def work(lane: int) -> None:
        for _ in range(BATCHES):
            encoder.encode(buffers[lane], batch)

    threads = torch.get_num_threads()
    with ThreadPoolExecutor(lanes, initializer=one_thread) as pool:
        began = time.perf_counter()
        list(pool.map(work, range(lanes)))
        elapsed = time.perf_counter() - began
    torch.set_num_threads(threads)
    return lanes * BATCHES * batch / elapsed
