"""Drawing a shard: scenes to samples, unchanged ones copied as they are."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Protocol

from benchwright import mirror, record_schema, shards
from benchwright.builders.captions import captions
from benchwright.builders.compose import Composer, Composition
from benchwright.builders.planning import ShardPlan
from benchwright.builders.sources import sprite_source
from benchwright.builders.sprites import SpriteSource
from benchwright.dataset import Row, Shard
from benchwright.images import encode_jpeg, encode_png
from benchwright.recipe import Objects, Recipe
from benchwright.record import Scene, SceneRecord


@dataclass(frozen=True, slots=True)
class Rendered:
    """A shard drawn: its row and its samples' rows, and how many were copied or drawn."""

    shard: Shard
    rows: tuple[Row, ...]
    copied: int
    rendered: int


class Renderer(Protocol):
    """What draws scenes: the composer, or Blender."""

    def compose(self, scene: Scene) -> Composition:
        """Draw a scene and measure its objects.

        Raises:
            BenchwrightError: it cannot be drawn here.
        """
        ...


def renderer(recipe: Recipe) -> Renderer:
    """What draws a recipe's scenes.

    Raises:
        BlenderError: it is to be Blender, and there is none.
    """
    if recipe.render == "composed":
        return composer(recipe.objects, recipe.photo_folders)
    from benchwright.builders.blender.renderer import blender_renderer

    return blender_renderer(recipe)


def composer(objects: Objects, photo_folders: tuple[str, ...] = ()) -> Composer:
    """The composer of a recipe's objects, one a source, so that its cache serves every shard.

    Without the folders of the recipe's photographs it draws all but those.
    """
    return _composer(sprite_source(objects), photo_folders)


@cache
def _composer(source: SpriteSource, photo_folders: tuple[str, ...]) -> Composer:
    return Composer(source, photo_folders=photo_folders)


def render_shard(
    plan: ShardPlan, recipe: Recipe, path: Path, folder: Path, reuse: Sequence[Row]
) -> Rendered:
    """Draw a shard.

    Args:
        plan: its scenes.
        recipe: for the look, the captions and the encoder's quality.
        path: where the tar goes.
        folder: dataset folder that ``reuse`` points into.
        reuse: rows of samples that lie there with the same plan.
    """
    old = {row.key: row for row in reuse}
    copied: list[str] = []

    def segments() -> Iterator[bytes]:
        for scene, _ in planned:
            row = old.get(key := scene.key)
            blocks = _copy(folder, row) if row else None
            if blocks is not None:
                copied.append(key)
            yield blocks if blocks is not None else _draw(scene, recipe)

    planned = plan.scenes()
    written = shards.write(path, segments())
    rows = tuple(
        _row(plan, scene, sample_plan, place)
        for (scene, sample_plan), place in zip(planned, written.placements, strict=True)
    )
    shard = Shard(
        plan.path, plan.config, plan.split, len(rows), written.bytes, written.sha256, plan.digest
    )
    return Rendered(shard, rows, len(copied), len(rows) - len(copied))


def _copy(folder: Path, row: Row) -> bytes | None:
    """The sample's blocks as they lie, or None when they are no longer what was recorded."""
    try:
        blocks = shards.read_segment(mirror.here(folder / row.shard), row.placement)
    except OSError:
        return None
    return blocks if sha256(blocks).hexdigest() == row.sha256 else None


def _draw(scene: Scene, recipe: Recipe) -> bytes:
    composition = renderer(recipe).compose(scene)
    record = SceneRecord(
        key=scene.key,
        width=scene.width,
        height=scene.height,
        background=scene.background,
        camera=scene.camera,
        lighting=scene.lighting,
        twin_of=scene.twin_of,
        factor=scene.factor,
        objects=composition.objects,
        captions=captions([placed.name for placed in scene.objects], recipe.captions),
    )
    fields = record.to_dict()
    record_schema.check(fields, where=f"scene {record.key}")
    text = json.dumps(fields, separators=(",", ":"), ensure_ascii=False, allow_nan=False)
    return shards.segment(
        record.key,
        {
            "jpg": encode_jpeg(composition.image, recipe.image.quality),
            "json": text.encode(),
            "mask.png": encode_png(composition.mask),
        },
    )


def _row(plan: ShardPlan, scene: Scene, sample_plan: str, place: shards.Placement) -> Row:
    return Row(
        key=scene.key,
        config=plan.config,
        split=plan.split,
        shard=plan.path,
        offset=place.offset,
        bytes=place.bytes,
        sha256=place.sha256,
        plan=sample_plan,
        objects=tuple(placed.name for placed in scene.objects),
        twin_of=scene.twin_of,
        factor=scene.factor,
    )
