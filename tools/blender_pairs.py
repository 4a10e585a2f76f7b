"""Twenty scenes composed, and rendered by Blender: the picture and the table of docs/blender.md.

Needs a Blender (``make blender``). What is rendered is kept, so that an interrupted run goes on.
"""

from __future__ import annotations

import argparse
import json
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from benchwright.builders import scenes as scene_sets
from benchwright.builders.blender.finding import find
from benchwright.builders.blender.meshes import Meshes
from benchwright.builders.blender.process import BlenderProcess
from benchwright.builders.blender.renderer import request
from benchwright.builders.blender.view import AREA_LAMPS
from benchwright.builders.camera import PERSPECTIVE
from benchwright.builders.rendering import composer
from benchwright.builders.shapes import SHAPES
from benchwright.builders.sources import sprite_source
from benchwright.recipe import Recipe
from benchwright.recipe_file import validate
from benchwright.record import Scene

LAYOUTS = ("simco_two", "simco_three", "simco_four", "simco_five")
EACH = 5
"""Scenes a layout."""

SIZE = 256
"""Pixels of a picture; at 512 each takes Blender four times as long."""

SHOWN = 192
"""Pixels of a picture in the figure."""

COLOURS = ["#2a4bd7", "#ad2323", "#1d8a34", "#d9a514", "#8126c0", "#1fa3a3"]


def recipe() -> Recipe:
    """Shapes in any colour, material and yaw, in SIMCO's slots and our variants of them."""
    names = list(SHAPES)
    sample = {"scenes": EACH, "of_objects": len(names)}
    return validate({
        "recipe": 1, "name": "pairs", "title": "Composed and rendered by Blender",
        "image": {"size": SIZE},
        "objects": {"names": names, "colours": COLOURS, "materials": ["rubber", "metal"],
                    "yaw": "any"},
        "subsets": [{"name": layout, "layout": layout, "scenes": sample} for layout in LAYOUTS],
    })  # fmt: skip


def chosen(asked: Recipe) -> list[Scene]:
    """So many scenes a layout, each of the next variant and of other objects."""
    source = sprite_source(asked.objects)
    variants: dict[str, list[list[Scene]]] = {layout: [] for layout in LAYOUTS}
    for split in scene_sets.splits(asked):
        made = scene_sets.scenes(asked, split, source)
        variants[split.config].append([grouped.scene for grouped in made])
    return [of[at % len(of)][at] for of in variants.values() for at in range(EACH)]


def rendered(
    scene: Scene, meshes: Meshes, blender: BlenderProcess, samples: int, cache: Path
) -> tuple[NDArray[np.uint8], dict[str, Any]]:
    """Blender's picture of a scene and what it took."""
    seen = replace(scene, camera=PERSPECTIVE, lighting=AREA_LAMPS)
    picture, taken = cache / f"{seen.key}-{samples}.png", cache / f"{seen.key}-{samples}.json"
    if not taken.exists():
        begun = time.monotonic()
        answer = blender.ask(request(seen, meshes, samples, cache), seconds=3600)
        spent = {"wall": time.monotonic() - begun, "cpu": answer["cpu_seconds"]}
        (cache / answer["image"]).replace(picture)
        taken.write_text(json.dumps(spent), "utf-8")
    with Image.open(picture) as image:
        return np.asarray(image.convert("RGB")), json.loads(taken.read_text("utf-8"))


def small(picture: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """As the figure shows it."""
    return np.asarray(Image.fromarray(picture).resize((SHOWN, SHOWN), Image.Resampling.LANCZOS))


def main() -> None:
    """Render what is missing, print the rows of the table, then write the figure."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--samples", type=int, default=128)
    parser.add_argument("--cache", type=Path, default=Path("build/blender-pairs"))
    parser.add_argument("--figure", type=Path, default=Path("docs/figures/blender-pairs.jpg"))
    options = parser.parse_args()
    options.cache.mkdir(parents=True, exist_ok=True)
    asked, found = recipe(), find()
    meshes = Meshes(sprite_source(asked.objects), asked.objects.assets)
    blender, compose = BlenderProcess(found.command), composer(asked.objects)
    print(f"Blender {found.version}")
    pairs = []
    for number, scene in enumerate(chosen(asked), start=1):
        compose.compose(scene)  # its sprites read and scaled
        begun = time.perf_counter()
        composed = compose.compose(scene).image
        milliseconds = (time.perf_counter() - begun) * 1000
        picture, spent = rendered(scene, meshes, blender, options.samples, options.cache)
        names = ", ".join(placed.name for placed in scene.objects)
        image, index = spent["cpu"]
        print(f"| {number} | {names} | {milliseconds:.1f} ms | {image:.0f} s | {index:.1f} s "
              f"| {spent['wall']:.0f} s |", flush=True)  # fmt: skip
        pairs.append(np.concatenate([small(composed), small(picture)], axis=1))
    blender.close()
    rows = [np.concatenate(pairs[start : start + 4], axis=1) for start in range(0, len(pairs), 4)]
    Image.fromarray(np.concatenate(rows)).save(options.figure, quality=85)


if __name__ == "__main__":
    main()
