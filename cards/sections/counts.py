"""What several sections count: samples, bytes and objects of each split."""

from __future__ import annotations

from dataclasses import dataclass

import pyarrow.compute as pc

from benchwright.cards.facts import Facts

TWINS = "twins"
"""Config that holds the twins of the others' scenes."""


@dataclass(frozen=True, slots=True)
class SplitCount:
    """What the tables say of a split.

    Attributes:
        config, split: its place.
        samples: scenes.
        bytes: of its shards.
        shards: how many.
        fewest, most: objects a scene.
    """

    config: str
    split: str
    samples: int
    bytes: int
    shards: int
    fewest: int
    most: int

    @property
    def objects(self) -> str:
        """Objects a scene, as shown."""
        return span(self.fewest, self.most)


def split_counts(facts: Facts) -> list[SplitCount]:
    """Every split, in the order of the tables."""
    lengths = pc.list_value_length(facts.manifest["objects"])
    table = facts.manifest.select(["config", "split"]).append_column("objects", lengths)
    grouped = table.group_by(["config", "split"]).aggregate([("objects", "min_max")])
    objects = {(row["config"], row["split"]): row["objects_min_max"] for row in grouped.to_pylist()}
    return [
        SplitCount(
            config, split, samples, sum(s.bytes for s in of), len(of),
            objects[config, split]["min"], objects[config, split]["max"],
        )
        for (config, split), samples in facts.dataset.splits().items()
        for of in [[s for s in facts.dataset.shards if (s.config, s.split) == (config, split)]]
    ]  # fmt: skip


def megabytes(size: int) -> str:
    """Bytes as MB, a decimal below 100."""
    return f"{size / 1e6:,.1f}" if size < 1e8 else f"{size / 1e6:,.0f}"


def span(least: int, greatest: int) -> str:
    """``4``, or ``3-5``."""
    return f"{least:,}" if least == greatest else f"{least:,}-{greatest:,}"
