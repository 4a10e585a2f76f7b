"""Memory that readers and the encoder share."""

from __future__ import annotations

import ctypes
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class Slots:
    """Places for the crops of a block, one block a slot.

    Arrays of ``multiprocessing`` back them: no name that could be left behind when a process is
    killed, and a plain temporary file where ``/dev/shm`` is too small, as in containers.

    Attributes:
        memory: one array a slot.
        samples: that a slot has room for.
        edges: of the crops, one for each way of preprocessing, in pixels.
    """

    memory: tuple[Any, ...]
    samples: int
    edges: tuple[int, ...]

    @classmethod
    def allocate(cls, context: Any, count: int, samples: int, edges: tuple[int, ...]) -> Slots:
        """Memory for so many slots, to be handed to processes of a ``multiprocessing`` context."""
        size = sum(samples * 3 * edge * edge for edge in edges)
        memory = tuple(context.RawArray(ctypes.c_uint8, size) for _ in range(count))
        return cls(memory, samples, edges)

    def crops(self, slot: int) -> list[NDArray[np.uint8]]:
        """uint8 [samples, S, S, 3] for each way of preprocessing: the slot itself, no copy."""
        flat = np.frombuffer(self.memory[slot], dtype=np.uint8)
        views, start = [], 0
        for edge in self.edges:
            end = start + self.samples * 3 * edge * edge
            views.append(flat[start:end].reshape(self.samples, edge, edge, 3))
            start = end
        return views
