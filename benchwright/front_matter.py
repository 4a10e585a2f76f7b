"""The front matter of a card: what the Hub and `datasets` read before any shard.

`datasets` would infer features from five samples, so they are always declared, with the splits'
sizes.
"""

from __future__ import annotations

from collections.abc import Iterable
from copy import deepcopy
from dataclasses import dataclass
from itertools import groupby
from typing import Any

import yaml

from benchwright import references
from benchwright.dataset import CARD, RECIPE, Dataset, Shard, write_text
from benchwright.errors import DatasetError
from benchwright.sample_kinds import kind_of

FENCE = "---\n"


def declared(dataset: Dataset) -> dict[str, Any]:
    """``configs`` and ``dataset_info`` of the samples in the folder. The first config is default.

    Returns:
        Plain values, as YAML gives them back.
    """
    pattern = f"{{}}/{{}}-*{dataset.ending}"
    splits = [
        Split(config, split, pattern, sum(s.bytes for s in of), sum(s.samples for s in of))
        for (config, split), of in _by_split(dataset.shards)
    ]
    return _declared(splits, kind_of(dataset).features())


def declared_references(dataset: Dataset) -> dict[str, Any]:
    """The same where the images are withheld: what the tables in ``references/`` hold."""
    splits = [
        Split(config, split, references.PATTERN, references.size(dataset.folder, config, split),
              sum(s.samples for s in of))
        for (config, split), of in _by_split((*dataset.shards, *dataset.absent))
    ]  # fmt: skip
    return _declared(splits, references.features(kind_of(dataset)))


@dataclass(frozen=True, slots=True)
class Split:
    """What is declared of a split; ``pattern`` takes config and split."""

    config: str
    name: str
    pattern: str
    bytes: int
    samples: int


def _by_split(shards: Iterable[Shard]) -> list[tuple[tuple[str, str], list[Shard]]]:
    grouped: dict[tuple[str, str], list[Shard]] = {}
    for shard in shards:
        grouped.setdefault((shard.config, shard.split), []).append(shard)
    return list(grouped.items())


def _declared(splits: list[Split], features: list[dict[str, Any]]) -> dict[str, Any]:
    configs: list[dict[str, Any]] = []
    info: list[dict[str, Any]] = []
    for config, group in groupby(splits, key=lambda split: split.config):
        of_config = list(group)
        size = sum(split.bytes for split in of_config)
        configs.append({
            "config_name": config,
            "data_files": [
                {"split": split.name, "path": split.pattern.format(config, split.name)}
                for split in of_config
            ],
        })  # fmt: skip
        info.append({
            "config_name": config,
            "features": deepcopy(features),  # shared, it would be an alias in the YAML
            "splits": [
                {"name": s.name, "num_bytes": s.bytes, "num_examples": s.samples}
                for s in of_config
            ],
            "download_size": size, "dataset_size": size,
        })  # fmt: skip
    if configs:
        configs[0]["default"] = True
    return {"configs": configs, "dataset_info": info}


def split_card(text: str) -> tuple[dict[str, Any], str]:
    """The front matter and the body of a card.

    Raises:
        DatasetError: there is no front matter, or it is not plain YAML.
    """
    _, opening, rest = text.partition(FENCE)
    front, closing, body = rest.partition(f"\n{FENCE}")
    try:
        fields = yaml.safe_load(front) if opening and closing else None
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        kind = type(error).__name__
        raise DatasetError(f"{CARD}: its front matter is not plain YAML ({kind})") from error
    if not text.startswith(FENCE) or not isinstance(fields, dict):
        raise DatasetError(f"{CARD}: no front matter between two lines of ---")
    return fields, body


def join_card(front: dict[str, Any], body: str) -> str:
    """A card's text from its two parts."""
    text = yaml.safe_dump(front, sort_keys=False, allow_unicode=True, width=100)
    return f"{FENCE}{text}{FENCE}{body}"


def write_plain_card(dataset: Dataset, licence: str, title: str) -> None:
    """Write the card that a build leaves: the front matter, and how to load the set."""
    config, split = next(iter(dataset.splits()))
    front = {"license": licence, "pretty_name": title, **declared(dataset)}
    write_text(dataset.folder / CARD, join_card(
        front,
        f"\n# {title}\n\nBuilt by Benchwright from `{RECIPE}`; digest "
        f"`{dataset.digest[:16]}`.\n\n```python\nfrom datasets import load_dataset\n\n"
        f'samples = load_dataset("path/to/this/folder", "{config}", split="{split}")\n```\n',
    ))  # fmt: skip
