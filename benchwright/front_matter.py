"""The front matter of a card: what the Hub and `datasets` read before any shard.

`datasets` would infer features from five samples, so they are always declared, with the splits'
sizes.
"""

from __future__ import annotations

from itertools import groupby
from typing import Any

import yaml

from benchwright import record_schema
from benchwright.dataset import CARD, RECIPE, Dataset, Shard, write_text
from benchwright.errors import DatasetError

FENCE = "---\n"


def declared(dataset: Dataset) -> dict[str, Any]:
    """``configs`` and ``dataset_info`` of the samples in the folder. The first config is default.

    Returns:
        Plain values, as YAML gives them back.
    """
    configs: list[dict[str, Any]] = []
    info: list[dict[str, Any]] = []
    for config, group in groupby(dataset.shards, key=lambda shard: shard.config):
        splits = [_split(s, list(of)) for s, of in groupby(group, key=lambda shard: shard.split)]
        size = sum(split["num_bytes"] for split in splits)
        files = [{"split": s["name"], "path": f"{config}/{s['name']}-*.tar"} for s in splits]
        configs.append({"config_name": config, "data_files": files})
        info.append({
            "config_name": config, "features": record_schema.features(), "splits": splits,
            "download_size": size, "dataset_size": size,
        })  # fmt: skip
    if configs:
        configs[0]["default"] = True
    return {"configs": configs, "dataset_info": info}


def _split(name: str, shards: list[Shard]) -> dict[str, Any]:
    return {
        "name": name,
        "num_bytes": sum(shard.bytes for shard in shards),
        "num_examples": sum(shard.samples for shard in shards),
    }


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
        f'scenes = load_dataset("path/to/this/folder", "{config}", split="{split}")\n```\n',
    ))  # fmt: skip
