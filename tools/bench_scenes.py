"""Scene building measured in one run, as ratios: `make bench`.

- scenes a CPU second: a whole build (planning, drawing, JPEG, mask, record, shards, tables) of
  5,000 four-object scenes at 512 px in one process, start-up included;
- that rate over the rate of encoding the very same frames and doing nothing else;
- CPU seconds of a full path-traced render of some of those scenes over ours;
- peak memory of a build of 500 and of 5,000 scenes.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from benchwright import console, images
from benchwright.builders import scenes as scene_sets
from benchwright.builders.atlas import AtlasSprites
from benchwright.builders.compose import Composer, Composition
from benchwright.builders.sources import sprite_source
from benchwright.recipe import Recipe
from benchwright.recipe_file import validate
from benchwright.record import Scene

FRAMES = 300
"""Frames encoded for the pure rate: 0.3 GB of pixels, some 100 ms of noise averaged out."""

REPEATS = 3
"""The encode rate is the best of three: the least disturbed."""


def recipe_fields(count: int) -> dict[str, Any]:
    """A recipe of ``count`` four-object SIMCO scenes at 512 px, any yaw."""
    names = list(AtlasSprites().names())
    sample = {"scenes": count, "of_objects": len(names)}
    subset = {"name": "four", "layout": "simco_four", "variants": ["middle_big"], "scenes": sample}
    return {"recipe": 1, "name": "bench", "title": "Benchmark", "subsets": [subset],
            "objects": {"names": names, "yaw": "any"}}  # fmt: skip


def built(fields: dict[str, Any]) -> tuple[float, float]:
    """Build in a process of its own; (CPU seconds, peak memory in MB)."""
    with tempfile.TemporaryDirectory() as folder:
        recipe = Path(folder) / "bench.json"
        recipe.write_text(json.dumps(fields))
        command = [sys.executable, "-m", "benchwright", "build", str(recipe),
                   "--out", f"{folder}/set", "--workers", "1", "--json"]  # fmt: skip
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        _, status, usage = os.wait4(process.pid, 0)
        if status:
            raise SystemExit("the build failed; run it by hand to see why")
        return usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024


def scenes_of(recipe: Recipe, count: int) -> Iterator[Scene]:
    """The first scenes of a recipe."""
    source = sprite_source(recipe.objects)
    split = next(iter(scene_sets.splits(recipe)))
    for grouped, _ in zip(scene_sets.scenes(recipe, split, source), range(count), strict=False):
        yield grouped.scene


def encode_seconds(frames: list[Composition], quality: int) -> float:
    """CPU seconds a frame to encode JPEG and mask alone, the best of ``REPEATS``."""
    best = float("inf")
    for _ in range(REPEATS):
        start = time.process_time()
        for frame in frames:
            images.encode_jpeg(frame.image, quality)
            images.encode_png(frame.mask)
        best = min(best, time.process_time() - start)
    return best / len(frames)


def render_seconds(scenes: list[Scene]) -> float | None:
    """CPU seconds a scene of a full Mitsuba render, 16 samples and denoising; None without it."""
    try:
        from benchwright.builders.render.reference import render_scene
    except ImportError:
        return None
    render_scene(scenes[0], samples=1)  # compiles kernels; the originals paid a start per image
    before = _cpu()
    for scene in scenes:
        render_scene(scene, samples=16)
    return (_cpu() - before) / len(scenes)


def _cpu() -> float:
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--renders", type=int, default=6, help="full renders to time")
    arguments = parser.parse_args()
    recipe = validate(recipe_fields(5000))
    small_seconds, small_memory = built(recipe_fields(500))
    seconds, memory = built(recipe_fields(5000))
    composer = Composer(sprite_source(recipe.objects))
    frames = [composer.compose(scene) for scene in scenes_of(recipe, FRAMES)]
    encode = encode_seconds(frames, recipe.image.quality)
    rows = [
        ("500 scenes", f"{500 / small_seconds:.0f} scenes a CPU s", f"{small_memory:.0f} MB peak"),
        ("5,000 scenes", f"{5000 / seconds:.0f} scenes a CPU s", f"{memory:.0f} MB peak"),
        ("JPEG + PNG of those frames alone", f"{1 / encode:.0f} frames a CPU s", ""),
        (
            "build rate / encode rate",
            f"{encode * 5000 / seconds:.2f}",
            "0.25 required, 0.5 the aim",
        ),
        ("memory at 5,000 / at 500", f"{memory / small_memory:.2f}", "flat is 1"),
    ]
    rendered = render_seconds(list(scenes_of(recipe, arguments.renders)))
    if rendered:
        rows.append(("full render, 16 samples + denoise", f"{rendered:.1f} CPU s", ""))
        rows.append(
            ("CPU of a full render / ours", f"{rendered * 5000 / seconds:,.0f}", "500 required")
        )
    console.table("scenes at 512 px, four objects", ("what", "measured", "note"), rows)


if __name__ == "__main__":
    main()
