"""The front matter of a card: what the Hub's search, viewer and loaders go by."""

from __future__ import annotations

from functools import cache
from importlib import resources
from typing import Any

import yaml

from benchwright.cards.facts import Facts
from benchwright.front_matter import declared, declared_references

SIZES = (
    (1_000, "n<1K"), (10_000, "1K<n<10K"), (100_000, "10K<n<100K"), (1_000_000, "100K<n<1M"),
    (10_000_000, "1M<n<10M"),
)  # fmt: skip
"""The Hub's size categories by the number of samples that each stays below."""

LARGEST = "10M<n<100M"


@cache
def hub_licences() -> frozenset[str]:
    """The licences that the Hub knows, by its own names."""
    text = (resources.files("benchwright.data") / "hub_licences.yaml").read_text("utf-8")
    return frozenset(yaml.safe_load(text))


def hub_metadata(facts: Facts) -> dict[str, Any]:
    """The front matter as plain values, ``configs`` and ``dataset_info`` last."""
    withheld = facts.recipe.payload == "references"
    return {
        "license": facts.recipe.licence,
        "language": ["en"],
        "pretty_name": facts.recipe.title,
        "tags": _tags(facts),
        "task_categories": ["zero-shot-image-classification", "object-detection",
                            "image-segmentation"],
        "size_categories": [size_category(facts.manifest.num_rows)],
        "annotations_creators": ["machine-generated"],
        "source_datasets": ["original"],
        **(declared_references if withheld else declared)(facts.dataset),
    }  # fmt: skip


def size_category(samples: int) -> str:
    """The Hub's category of so many samples."""
    return next((name for below, name in SIZES if samples < below), LARGEST)


def _tags(facts: Facts) -> list[str]:
    tags = ["benchwright", "benchmark", "clip", "vision-language", "robustness", "synthetic",
            "multi-object", "compositionality"]  # fmt: skip
    if facts.recipe.twins:
        tags.append("counterfactual")
    return [*tags, "references-only" if facts.recipe.payload == "references" else "webdataset"]
