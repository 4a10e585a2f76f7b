"""What several sections count of found images: by split, class, background, source."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

import pyarrow as pa
import pyarrow.compute as pc

from benchwright.cards.facts import Facts


@dataclass(frozen=True, slots=True)
class SplitCount:
    """What the tables say of a split.

    Attributes:
        config, split: its place.
        samples: images.
        bytes: of its shards.
        labels: classes, or lists of objects, that differ.
    """

    config: str
    split: str
    samples: int
    bytes: int
    labels: int


def split_counts(facts: Facts) -> list[SplitCount]:
    """Every split, in the order of the tables."""
    joined = pc.binary_join(facts.manifest["objects"].combine_chunks(), "_")
    table = facts.manifest.select(["config", "split"]).append_column("labels", joined)
    grouped = table.group_by(["config", "split"]).aggregate([("labels", "count_distinct")])
    labels = {(r["config"], r["split"]): r["labels_count_distinct"] for r in grouped.to_pylist()}
    return [
        SplitCount(
            config, split, samples,
            sum(s.bytes for s in facts.dataset.shards if (s.config, s.split) == (config, split)),
            labels[config, split],
        )
        for (config, split), samples in facts.dataset.splits().items()
    ]  # fmt: skip


def per_class(facts: Facts) -> dict[tuple[str, str], int]:
    """(class, split) to images, by the manifest."""
    names = pc.list_element(facts.manifest["objects"].combine_chunks(), 0)
    table = pa.table({"class": names, "split": facts.manifest["split"]})
    grouped = table.group_by(["class", "split"]).aggregate([([], "count_all")])
    return {(row["class"], row["split"]): row["count_all"] for row in grouped.to_pylist()}


def backgrounds(facts: Facts) -> dict[tuple[str, str], Counter[str]]:
    """(class, split) to images by background, by the records."""
    grouped = facts.records.group_by(["class", "split", "background"]).aggregate(
        [([], "count_all")]
    )
    found: dict[tuple[str, str], Counter[str]] = {}
    for row in grouped.to_pylist():
        place = found.setdefault((row["class"], row["split"]), Counter())
        place[row["background"]] += row["count_all"]
    return found


def named(counts: Counter[str]) -> list[str]:
    """The values that say something, the commonest first."""
    ordered = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    return [value for value, _ in ordered if value]
