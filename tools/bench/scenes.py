"""Building scenes: against encoding alone, against path tracing, on two cores, and in memory.

The scenes are of four objects at 512 px in any yaw. Ours is the whole build: the process,
planning, drawing, JPEG, mask, record, shards, tables.
"""

from __future__ import annotations

import json
import resource
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path
from typing import Any

from benchwright import engine, images
from benchwright.bench.processes import Used, benchwright, clocked
from benchwright.bench.rows import Row, Sizes, at_least, at_most
from benchwright.builders import scenes as scene_sets
from benchwright.builders.camera import PERSPECTIVE
from benchwright.builders.compose import Composer
from benchwright.builders.shapes import SHAPES
from benchwright.builders.sources import sprite_source
from benchwright.errors import BenchwrightError
from benchwright.recipe import Recipe
from benchwright.record import Scene

FRAMES = 300
"""Frames encoded for the pure rate: 0.3 GB of pixels, some 100 ms of noise averaged out."""

CYCLES_SAMPLES = 512
"""Light paths a pixel, at most, of the originals' renders; the pictures are 512 px, too.

The originals took all of them. Here Blender stops where a pixel is clean, which is to its favour.
"""

LARGER = 4
"""Times as many scenes for scaling: each process makes the same sprites ready before it is fast."""

UNDISTURBED = 0.85
"""Share of a core that a build by one process has where nothing else runs; it writes little."""

MITSUBA_SAMPLES = 16
"""Light paths a pixel of the reference renders: as few as the denoiser makes clean."""


def rows(sizes: Sizes) -> Iterator[Row]:
    """Of scenes: rates, renderers, scaling, memory."""
    recipe = Recipe.model_validate(recipe_fields(sizes.scenes))
    small, whole = built(sizes, sizes.scenes // 10), built(sizes, sizes.scenes)
    ours, encode = whole.cpu / sizes.scenes, encode_seconds(recipe, sizes.rounds)
    made = f"{1 / ours:,.0f} scenes a CPU second, {1 / encode:,.0f} frames"
    yield Row("build rate / rate of encoding alone", encode / ours, "", at_least(0.25), made)
    drawn = list(scenes_of(recipe, sizes.renders))
    yield _compared("Blender Cycles as the originals used it", blender_cost, drawn, ours)
    yield _compared("path-traced reference render, denoised", mitsuba_cost, drawn, ours)
    yield _scaling(sizes)
    name = f"peak memory, {sizes.scenes:,} / {sizes.scenes // 10:,} scenes"
    note = f"{whole.peak:,.0f} and {small.peak:,.0f} MB; flat is 1"
    yield Row(name, whole.peak / small.peak, "", at_most(1.1), note)


def recipe_fields(count: int) -> dict[str, Any]:
    """A recipe of ``count`` four-object SIMCO scenes at 512 px, any yaw."""
    names = list(SHAPES)
    sample = {"scenes": count, "of_objects": len(names)}
    subset = {"name": "four", "layout": "simco_four", "variants": ["middle_big"], "scenes": sample}
    return {"recipe": 1, "name": "bench", "title": "Benchmark", "subsets": [subset],
            "objects": {"names": names, "yaw": "any"}}  # fmt: skip


def built(sizes: Sizes, count: int, workers: int = 1) -> Used:
    """Build so many scenes in a process of its own."""
    with tempfile.TemporaryDirectory(prefix="bench-scenes-", dir=sizes.folder) as folder:
        recipe = Path(folder) / "bench.json"
        recipe.write_text(json.dumps(recipe_fields(max(1, count))))
        return benchwright("build", recipe, "--out", f"{folder}/set", "--workers", workers)


def scenes_of(recipe: Recipe, count: int) -> Iterator[Scene]:
    """The first scenes of a recipe."""
    source = sprite_source(recipe.objects)
    split = next(iter(scene_sets.splits(recipe)))
    made = scene_sets.scenes(recipe, split, source)
    return (grouped.scene for grouped in islice(made, count))


def encode_seconds(recipe: Recipe, rounds: int) -> float:
    """CPU seconds a frame to encode JPEG and mask alone: the best round, the least disturbed."""
    composer = Composer(sprite_source(recipe.objects))
    frames = [composer.compose(scene) for scene in scenes_of(recipe, FRAMES)]
    taken = []
    for _ in range(rounds):
        with clocked() as clock:
            for frame in frames:
                images.encode_jpeg(frame.image, recipe.image.quality)
                images.encode_png(frame.mask)
        taken.append(clock.cpu)
    return min(taken) / len(frames)


@dataclass(frozen=True, slots=True)
class Cost:
    """CPU seconds of a scene by another renderer, and which."""

    seconds: float
    renderer: str


def _compared(
    name: str, cost: Callable[[list[Scene]], Cost], drawn: list[Scene], ours: float
) -> Row:
    name, aim = f"CPU of {name} / ours", at_least(500)
    try:
        found = cost(drawn)
    except ImportError as error:
        return Row(name, None, "", aim, f"{error}; pip install 'benchwright[render]'")
    except BenchwrightError as error:
        return Row(name, None, "", aim, str(error))
    note = f"{found.renderer}: {found.seconds:.1f} CPU s a scene; ours {ours * 1e3:.1f} ms"
    return Row(name, found.seconds / ours, "", aim, note)


def blender_cost(drawn: list[Scene]) -> Cost:
    """Blender's picture of each scene, in a new process each, as the originals did.

    The index passes, which the originals had otherwise, are not counted.

    Raises:
        BlenderError: there is no Blender, or it cannot draw them.
        AssetError: the extra ``render``, which makes the meshes, is not installed.
    """
    from benchwright.builders.blender.finding import find
    from benchwright.builders.blender.meshes import Meshes
    from benchwright.builders.blender.process import BlenderProcess
    from benchwright.builders.blender.renderer import MOST_SECONDS, request
    from benchwright.builders.blender.view import AREA_LAMPS

    blender, recipe = find(), Recipe.model_validate(recipe_fields(1))
    meshes, spent = Meshes(sprite_source(recipe.objects), ()), 0.0
    with tempfile.TemporaryDirectory(prefix="bench-blender-") as folder:
        for scene in drawn:
            seen = replace(scene, camera=PERSPECTIVE, lighting=AREA_LAMPS)
            asked = request(seen, meshes, CYCLES_SAMPLES, Path(folder))
            begun = _children()
            process = BlenderProcess(blender.command)
            answer = process.ask(asked, MOST_SECONDS[0] * 10)
            process.close()  # waits for it, which counts it
            _, index_passes = answer["cpu_seconds"]
            spent += _children() - begun - index_passes
    said = (
        f"Blender {blender.version}, a process an image, at most {CYCLES_SAMPLES} samples a pixel"
    )
    return Cost(spent / len(drawn), said)


def _children() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def mitsuba_cost(drawn: list[Scene]) -> Cost:
    """A full Mitsuba render of each scene, denoised, its kernels compiled before."""
    import mitsuba

    from benchwright.builders.render.reference import render_scene

    render_scene(drawn[0], samples=1)
    with clocked() as clock:
        for scene in drawn:
            render_scene(scene, samples=MITSUBA_SAMPLES)
    said = f"Mitsuba {mitsuba.__version__}, one process, {MITSUBA_SAMPLES} samples a pixel"
    return Cost(clock.cpu / len(drawn), said)


def _scaling(sizes: Sizes) -> Row:
    count = LARGER * sizes.scenes
    name, aim = f"time with one process / with two, {count:,} scenes", at_least(1.8)
    if engine.cores() < 2:
        return Row(name, None, "", aim, "this machine has one core; measure on one with two")
    alone, both = (built(sizes, count, workers) for workers in (1, 2))
    if (had := alone.cpu / alone.wall) < UNDISTURBED:
        note = f"one process had {had:.0%} of a core: others were at work; measure again without"
        return Row(name, None, "", aim, note)
    note = f"{alone.wall:.1f} s and {both.wall:.1f} s; start, planning and tables are one process's"
    return Row(name, alone.wall / both.wall, "", aim, note)
