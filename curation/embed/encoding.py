"""Batches of crops through models, on whatever device they sit.

Work is done in *lanes*: threads that each take one batch at a time. On a CPU there is a lane a
core, each computing on one thread, so that no core waits for another and readers fill what is left
over. On CUDA two lanes share one compute stream: while one batch is computed, the next is copied
from pinned memory on a stream of its own.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray

from benchwright.curation.models.identity import Model

CUDA_LANES = 2
"""One batch is computed while another is copied; more would only hold memory."""

CPU_BATCH, DEVICE_BATCH = 32, 256
"""Images a batch. Cores are busy with few, and many cost memory; accelerators need more."""


@dataclass(frozen=True, slots=True)
class Encoded:
    """What a batch gave.

    Attributes:
        vectors: float16 [count, width] for each model.
        copy: seconds that bringing it to the device took.
        encode: seconds that the models took, results brought back.
    """

    vectors: tuple[NDArray[np.float16], ...]
    copy: float
    encode: float


def default_lanes(device: str | torch.device, workers: int) -> int:
    """Batches at once on a device: on a CPU as many as cores are to be used."""
    kind = torch.device(device).type
    if kind == "cpu":
        return workers
    return CUDA_LANES if kind == "cuda" else 1


def default_batch(device: torch.device) -> int:
    """Images a batch on a device."""
    return CPU_BATCH if device.type == "cpu" else DEVICE_BATCH


class Encoder:
    """Several models on one device, fed with batches of a fixed size."""

    def __init__(self, models: Sequence[Model], crops: Sequence[int]) -> None:
        """Prepare.

        Args:
            models: all on the same device.
            crops: for each model, which of a batch's crops it takes.
        """
        self.device = models[0].device
        self._models = tuple(zip(models, crops, strict=True))
        self._turn = threading.Lock()
        self._streams = threading.local()
        self._compute = _stream(self.device) if self.device.type == "cuda" else None

    def buffer(self, batch: int, edges: Sequence[int]) -> tuple[torch.Tensor, ...]:
        """uint8 [batch, S, S, 3] for each edge S, in memory that the device copies from fast."""
        pinned = self.device.type == "cuda"
        return tuple(
            torch.zeros((batch, edge, edge, 3), dtype=torch.uint8, pin_memory=pinned)
            for edge in edges
        )

    def encode(self, crops: Sequence[torch.Tensor], count: int) -> Encoded:
        """Encode the first ``count`` images of a batch; called by several lanes at once.

        Args:
            crops: uint8 [batch, S, S, 3] each; always the whole buffer, so that shapes never
                change: what lies beyond ``count`` is encoded too and left out.
            count: how many are meant.
        """
        with torch.inference_mode():
            found = self._on_cuda(crops) if self._compute else self._directly(crops)
        vectors = tuple(vectors[:count].numpy().copy() for vectors in found[0])
        return Encoded(vectors, found[1], found[2])

    def _directly(self, crops: Sequence[torch.Tensor]) -> tuple[list[torch.Tensor], float, float]:
        began = time.perf_counter()
        pixels = [_channels_first(crop.to(self.device)) for crop in crops]
        copied = time.perf_counter()
        found = [model.encode_images(pixels[crop]).half().cpu() for model, crop in self._models]
        return found, copied - began, time.perf_counter() - copied

    def _on_cuda(self, crops: Sequence[torch.Tensor]) -> tuple[list[torch.Tensor], float, float]:
        compute, copies = self._compute, self._copy_stream()
        assert compute is not None
        marks = [_event() for _ in range(4)]
        with torch.cuda.stream(copies):
            marks[0].record()
            bytes_ = [crop.to(self.device, non_blocking=True) for crop in crops]
            marks[1].record()
        # One batch's kernels at a time: lanes that interleave theirs would both finish late.
        with self._turn, torch.cuda.stream(compute):
            compute.wait_stream(copies)
            marks[2].record()
            found = []
            for there in bytes_:
                there.record_stream(compute)  # its memory is not reused before it was read
            pixels = [_channels_first(there) for there in bytes_]
            for model, crop in self._models:
                vectors = model.encode_images(pixels[crop]).half()
                host = torch.empty(vectors.shape, dtype=torch.float16, pin_memory=True)
                found.append(host.copy_(vectors, non_blocking=True))
            marks[3].record()
        marks[3].synchronize()
        seconds = marks[0].elapsed_time(marks[1]) / 1e3, marks[2].elapsed_time(marks[3]) / 1e3
        return found, *seconds

    def _copy_stream(self) -> torch.cuda.Stream:
        """This lane's own."""
        if not hasattr(self._streams, "copies"):
            self._streams.copies = _stream(self.device)
        stream: torch.cuda.Stream = self._streams.copies
        return stream


def _channels_first(pixels: torch.Tensor) -> torch.Tensor:
    """uint8 [B, 3, S, S] of [B, S, S, 3]; turned here, since readers have more to do."""
    return pixels.permute(0, 3, 1, 2).contiguous()


def _stream(device: torch.device) -> torch.cuda.Stream:
    return torch.cuda.Stream(device)  # type: ignore[no-untyped-call]


def _event() -> torch.cuda.Event:
    return torch.cuda.Event(enable_timing=True)  # type: ignore[no-untyped-call]
