"""Small datasets to export: scenes as built, and samples put into a folder by hand."""

import hashlib
import json
from pathlib import Path

import benchwright as bw
from benchwright import shards
from benchwright.dataset import CARD, Dataset, Row, Shard, write_text
from benchwright.dataset_tables import write_tables

SCENES = """
recipe: 1
name: scenes
title: "Scenes to export: few, flat"
licence: cc-by-4.0
image: {size: 96}
objects: {names: [star, cube, mug, sphere, cone, heart], look: flat}
captions: [short, bare]
shard_size: 4
subsets:
  - {name: one, layout: one, scenes: {scenes: 6, of_objects: 6}}
  - {name: two, layout: simco_two, scenes: {scenes: 12, of_objects: 6}}
  - {name: five, layout: five, variants: [middle_big], scenes: {scenes: 6, of_objects: 6}}
twins: {factors: [order, ground], share: 0.5, of: [two]}
"""
NAMES = ["star", "cube", "mug", "sphere", "cone", "heart"]


def scene_set(folder: Path) -> Path:
    """Build a set with one-object and several-object configs, in several shards."""
    recipe = folder / "scenes.yaml"
    recipe.write_text(SCENES)
    bw.build(recipe, folder / "set", workers=1)
    return folder / "set"


def samples_of(folder: Path, config: str, split: str) -> dict[str, dict[str, bytes]]:
    """Key to {extension: bytes}, read without the code under test."""
    dataset = Dataset.open(folder)
    found = {}
    for shard in dataset.shards:
        if (shard.config, shard.split) == (config, split):
            for row in dataset.rows(shard.shard):
                blocks = shards.read_segment(folder / row.shard, row.placement)
                members = shards.members(blocks)
                found[row.key] = {name.partition(".")[2]: body for name, body in members.items()}
    return found


def put(
    folder: Path, samples: dict[str, tuple[tuple[str, ...], dict[str, bytes]]], front: str
) -> Path:
    """Write a dataset folder of config `web`, split `common`: key to (labels, members)."""
    blocks = [shards.segment(key, members) for key, (_, members) in samples.items()]
    name = "web/common-00000.tar"
    written = shards.write(folder / name, blocks)
    rows = [
        Row(key, "web", "common", name, place.offset, place.bytes, place.sha256, "", labels, "", "")
        for (key, (labels, _)), place in zip(samples.items(), written.placements, strict=True)
    ]
    shard = Shard(name, "web", "common", len(rows), written.bytes, written.sha256, "")
    write_tables(folder, [(shard, rows)])
    write_text(folder / CARD, f"---\n{front}---\n")
    return folder


MINED_FRONT = """license: cc-by-4.0
pretty_name: Photographs
dataset_info:
- config_name: web
  features:
  - {name: jpg, dtype: image}
  - name: json
    struct:
    - {name: key, dtype: string}
    - {name: width, dtype: int32}
    - {name: height, dtype: int32}
    - {name: caption, dtype: string}
    - {name: class, dtype: string}
    - {name: score, dtype: float32}
  - {name: __key__, dtype: string}
  - {name: __url__, dtype: string}
"""


def mined_set(folder: Path) -> Path:
    """A set without masks and without a recipe of scenes: jpg and json only."""
    import numpy as np

    from benchwright.images import encode_jpeg

    samples = {}
    for number, label in enumerate(["zebra", "ostrich", "zebra"]):
        image = encode_jpeg(np.full((24, 32, 3), 40 * number, np.uint8))
        key = hashlib.sha256(image).hexdigest()[:16]
        record = {
            "key": key, "width": 32, "height": 24, "caption": f"{label} no {number}",
            "class": label, "score": 0.5 * number,
        }  # fmt: skip
        samples[key] = ((label,), {"jpg": image, "json": json.dumps(record).encode()})
    return put(folder, samples, MINED_FRONT)
