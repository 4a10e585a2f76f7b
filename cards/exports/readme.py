"""The README of an export: where it comes from, its licence, and how `datasets` finds its files."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml

from benchwright.cards.exports.exporter import Exporter
from benchwright.cards.exports.samples import Place
from benchwright.dataset import CARD, Dataset, write_text
from benchwright.errors import DatasetError

KEPT = ("license", "license_name", "license_link", "pretty_name", "language")
"""Fields of the dataset's front matter that hold for a copy of it: the licence has to travel."""


def write_readme(
    dataset: Dataset, format: str, exporter: Exporter, places: list[Place], out: Path
) -> None:
    """Write README.md; ``load_dataset(out, config, split=split)`` follows its front matter.

    Raises:
        DatasetError: the dataset's own card cannot be read.
    """
    front = front_matter(dataset)
    kept = {name: front[name] for name in KEPT if name in front}
    title = kept.get("pretty_name", dataset.folder.resolve().name)
    if exporter.files:
        kept["configs"] = _configs(exporter.files, places)
    head = yaml.safe_dump(kept, sort_keys=False, allow_unicode=True)
    write_text(
        out / CARD,
        f"---\n{head}---\n\n# {title}, as {format}\n\nA view made by `benchwright export` of the "
        f"dataset with digest `{dataset.digest[:16]}`; that dataset's card holds for it.\n",
    )


def front_matter(dataset: Dataset) -> dict[str, Any]:
    """The YAML of a dataset's card.

    Raises:
        DatasetError: there is no card, or no front matter in it.
    """
    from huggingface_hub import metadata_load

    card = dataset.folder / CARD
    try:
        return metadata_load(card) or {}
    except (OSError, ValueError, yaml.YAMLError) as error:
        raise DatasetError(
            f"{card}: not readable, and it holds the licence and the features: {error}"
        ) from error


def _configs(files: str, places: list[Place]) -> list[dict[str, Any]]:
    found: dict[str, list[dict[str, str]]] = {}
    for config, split in places:
        path = files.format(config=config, split=split)
        found.setdefault(config, []).append({"split": split, "path": path})
    return [{"config_name": config, "data_files": paths} for config, paths in found.items()]
