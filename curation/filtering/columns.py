"""What is known of a part's samples, as columns that filters measure."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from benchwright.curation.embeddings import UNKNOWN
from benchwright.errors import DatasetError

NSFW = {"UNLIKELY": 0.0, "UNSURE": 0.5, "NSFW": 1.0}
"""LAION-400M's verdicts as probabilities."""


@dataclass(frozen=True, slots=True)
class Seen:
    """What a look at each picture told; float32 [n] each, ``UNKNOWN`` where nobody looked.

    Attributes:
        spelled: probability that it is the class's name in letters.
        known: 1 where another set holds it, which it must not, else 0.
        review: 1 where a person dropped it, 0 where a person kept it.
    """

    spelled: NDArray[np.float32]
    known: NDArray[np.float32]
    review: NDArray[np.float32]

    @classmethod
    def nothing(cls, samples: int) -> Seen:
        """Where nobody looked."""
        unknown = np.full(samples, UNKNOWN, np.float32)
        return cls(unknown, unknown, unknown)


@dataclass(frozen=True, slots=True)
class Columns:
    """The samples of one part, row by row.

    Attributes:
        metadata: columns of ``embeddings.METADATA``.
        labels: columns of the label step, in the same order.
        facts: each sample's JSON; empty where there is none.
        addresses: digest of a file (``addresses.digest_of``) to how many addresses gave it, of all
            parts.
        seen: what only a look at the pictures tells.
    """

    metadata: pa.Table
    labels: pa.Table
    facts: tuple[Mapping[str, Any], ...]
    addresses: Mapping[str, int]
    seen: Seen

    @classmethod
    def of(
        cls,
        metadata: pa.Table,
        labels: pa.Table,
        addresses: Mapping[str, int],
        seen: Seen | None = None,
    ) -> Columns:
        """Columns of a part's two tables.

        Raises:
            DatasetError: the tables are not of the same samples.
        """
        if not metadata.column("key").equals(labels.column("key")):
            raise DatasetError("labels and embeddings are not of the same samples; label again")
        facts = tuple(_facts(text) for text in metadata.column("json").to_pylist())
        return cls(metadata, labels, facts, addresses, seen or Seen.nothing(metadata.num_rows))

    def __len__(self) -> int:
        """Samples."""
        return int(self.metadata.num_rows)

    def number(self, name: str) -> NDArray[np.float32]:
        """float32 [n] of a column of numbers, of whichever table has it."""
        table = self.metadata if name in self.metadata.column_names else self.labels
        return table.column(name).to_numpy().astype(np.float32)

    def text(self, name: str) -> list[str]:
        """A column of texts."""
        table = self.metadata if name in self.metadata.column_names else self.labels
        found: list[str] = table.column(name).to_pylist()
        return found

    def fact(self, of: Callable[[Mapping[str, Any]], float | None]) -> NDArray[np.float32]:
        """float32 [n] of what the samples' JSON says; ``UNKNOWN`` where it says nothing."""
        found = (of(facts) for facts in self.facts)
        return np.array([UNKNOWN if value is None else value for value in found], np.float32)


def probability(facts: Mapping[str, Any], name: str) -> float | None:
    """A probability that the sample's source publishes; None where it doesn't, or none of one."""
    value = facts.get(name)
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return float(value) if 0 <= value <= 1 else None


def unsafe(facts: Mapping[str, Any]) -> float | None:
    """How likely a picture is unsafe, by LAION's ``punsafe`` or ``NSFW``."""
    stated = probability(facts, "punsafe")
    return stated if stated is not None else NSFW.get(str(facts.get("NSFW")))


def subject_share(facts: Mapping[str, Any], name: str) -> float | None:
    """Share of the picture that the objects of a class take, where a record of ours says so."""
    objects, width, height = (facts.get(key) for key in ("objects", "width", "height"))
    if not (isinstance(objects, list) and isinstance(width, int) and isinstance(height, int)):
        return None
    areas = [
        placed["visible_area"]
        for placed in objects
        if isinstance(placed, dict)
        and placed.get("name") == name
        and isinstance(placed.get("visible_area"), int)
    ]
    return sum(areas) / (width * height) if areas and width * height > 0 else None


def _facts(text: str) -> Mapping[str, Any]:
    """A sample's JSON, if it holds an object: whatever a stranger's shard says."""
    try:
        value = json.loads(text) if text else {}
    except (ValueError, RecursionError):
        return {}
    return value if isinstance(value, dict) else {}
