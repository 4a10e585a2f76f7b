"""The front matter of a card: what the Hub's search, viewer and loaders go by."""

from __future__ import annotations

from functools import cache
from importlib import resources
from typing import Any

import yaml

from benchwright.cards.facts import Facts
from benchwright.front_matter import declared, declared_references
from benchwright.sample_kinds import MINED

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


GATE = (
    "These images were found on the web or come from sets that others made. Each keeps its own "
    "terms, which its record states. Whoever asks for access agrees to follow them, to leave the "
    "people who may be shown alone, and to delete what later versions withdraw."
)
"""What the Hub shows before it gives access, once the repository's settings turn that on."""

ANNOTATORS = {"caption": "found", "folder": "found", "metadata": "found",
              "judge": "machine-generated", "person": "expert-generated"}  # fmt: skip
"""Who says what an image shows, in the Hub's words."""


def hub_metadata(facts: Facts) -> dict[str, Any]:
    """The front matter as plain values, ``configs`` and ``dataset_info`` last."""
    return {
        "license": facts.recipe.licence,
        "language": ["en"],
        "pretty_name": facts.recipe.title,
        "tags": _tags(facts),
        "task_categories": _tasks(facts),
        "size_categories": [size_category(facts.manifest.num_rows)],
        "annotations_creators": _annotators(facts),
        "source_datasets": ["extended"] if facts.kind.collected else ["original"],
        **({"extra_gated_prompt": GATE} if facts.kind.collected and not facts.withheld else {}),
        **(declared_references if facts.withheld else declared)(facts.dataset),
    }


def _tasks(facts: Facts) -> list[str]:
    others = ["object-detection", "image-segmentation"]
    if facts.kind.collected:
        others = ["image-classification"] if facts.kind.name == MINED.name else []
    return ["zero-shot-image-classification", *others]


def _annotators(facts: Facts) -> list[str]:
    if facts.kind.name == MINED.name:
        return sorted({ANNOTATORS[source] for source in facts.tally("class_source")})
    return ["found"] if facts.kind.collected else ["machine-generated"]


def size_category(samples: int) -> str:
    """The Hub's category of so many samples."""
    return next((name for below, name in SIZES if samples < below), LARGEST)


def _tags(facts: Facts) -> list[str]:
    tags = ["benchwright", "benchmark", "clip", "vision-language", "robustness"]
    if facts.kind.name == MINED.name:
        tags += ["spurious-correlation", "counteranimal"]
    else:
        tags += ["synthetic", "multi-object", "compositionality"]
    if not facts.kind.collected and facts.scenes.twins:
        tags.append("counterfactual")
    return [*tags, "references-only" if facts.withheld else "webdataset"]
