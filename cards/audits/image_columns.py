"""What an audit of classes learns of each image, gathered batch by batch."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchwright.cards.audits.classed import Classed
from benchwright.seeding import digest


class ImageColumns:
    """A row an image: its key, its class, and columns that an audit names."""

    def __init__(self) -> None:
        """Without rows yet."""
        self.keys: list[str] = []
        self._classes: list[NDArray[np.int32]] = []
        self._columns: defaultdict[str, list[NDArray[Any]]] = defaultdict(list)

    def add(self, batch: Classed) -> None:
        """Begin the rows of a batch; their columns come with ``put``."""
        self.keys += batch.keys
        self._classes.append(batch.classes)

    def put(self, name: str, values: NDArray[Any] | Iterable[str]) -> None:
        """A batch's part of a column; texts become an array of objects."""
        part = values if isinstance(values, np.ndarray) else np.array(list(values), object)
        self._columns[name].append(part)

    @property
    def classes(self) -> NDArray[np.int32]:
        """Int32 [n], index of each image's class."""
        return np.concatenate(self._classes)

    def __getitem__(self, name: str) -> NDArray[Any]:
        """A column, [n]."""
        if name not in self._columns:
            raise KeyError(name)
        return np.concatenate(self._columns[name])


def second_half(keys: Iterable[str], seed: int) -> NDArray[np.bool_]:
    """Bool [n]: which of two halves each image is of, told by its key alone.

    What is chosen for how badly it does is chosen on one half and measured on the other.
    """
    return np.array([digest(seed, "half", key) % 2 == 1 for key in keys], bool)
