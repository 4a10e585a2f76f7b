"""Bake the sprite atlas that ships with the package: every built-in asset at its yaws.

Run ``python tools/bake_sprites.py --out data/sprites`` with the extra ``render`` installed. Single
sprites are kept in a cache folder under the digest of what decides their pixels, so a run that was
cut short goes on where it was. Afterwards put the printed digest into ``builders/atlas.py``.
"""

from __future__ import annotations

import argparse
import multiprocessing
import os
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from benchwright.builders.atlas_writer import BakedAsset, write_atlas
from benchwright.builders.objects import catalogue
from benchwright.builders.render.sprite_cache import SpriteCache
from benchwright.builders.render.variant import load_mitsuba
from benchwright.builders.shapes import SHAPES
from benchwright.builders.sprites import OWN, Aspect

SOURCE = "Benchwright built-in assets"
SHAPE_MATERIALS = ("rubber", "metal")
LICENCE = "Apache-2.0"
CREATOR = "Benchwright contributors"


class Task(NamedTuple):
    """One sprite to bake, and the cache to keep it in."""

    name: str
    yaw: int
    material: str
    cache: Path


def bake(task: Task) -> float:
    """Bake one sprite into the cache, unless it is there; the processor seconds that took."""
    start = time.process_time()
    SpriteCache(task.cache).layered(task.name, Aspect(task.yaw), task.material)
    return time.process_time() - start


def _prepare(threads: int) -> None:
    """Let a worker render with its share of the processors only."""
    load_mitsuba()
    import drjit

    drjit.set_thread_count(threads)


def _arguments(argv: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, required=True, help="atlas folder")
    parser.add_argument(
        "--cache", type=Path, default=Path("build/sprites"), help="folder of single sprites"
    )
    parser.add_argument("--workers", type=int, default=2, help="processes (default: 2)")
    known = [*SHAPES, *catalogue.names()]
    parser.add_argument("--only", nargs="+", default=known, help="assets (default: all)")
    return parser.parse_args(argv)


def _tasks(name: str, cache: Path) -> list[Task]:
    """The sprites of an asset: a shape's in each material, an object's in its own colours."""
    if name in SHAPES:
        pairs = [(material, yaw) for material in SHAPE_MATERIALS for yaw in SHAPES[name].yaws]
    else:
        pairs = [(OWN, yaw) for yaw in catalogue.entry(name).yaws]
    return [Task(name, yaw, material, cache) for material, yaw in pairs]


def _bake_all(tasks: Sequence[Task], workers: int) -> None:
    """Bake in processes and say how far it is."""
    threads = max(1, (os.cpu_count() or 1) // workers)
    start = time.monotonic()
    # Spawned, not forked: the renderer's threads don't survive a fork.
    context = multiprocessing.get_context("spawn")
    with context.Pool(workers, _prepare, (threads,)) as pool:
        for done, seconds in enumerate(pool.imap(bake, tasks), start=1):
            task = tasks[done - 1]
            print(
                f"{done}/{len(tasks)} {task.name} {task.material} {task.yaw}: "
                f"{seconds:.1f} CPU s, {time.monotonic() - start:.0f} s so far",
                file=sys.stderr,
                flush=True,
            )


def main(argv: Sequence[str] | None = None) -> int:
    """Bake what is not yet in the cache, then write the atlas."""
    options = _arguments(argv)
    tasks = [task for name in options.only for task in _tasks(name, options.cache)]
    _bake_all(tasks, options.workers)
    cache = SpriteCache(options.cache)
    assets = []
    for name in options.only:
        of_name = [task for task in tasks if task.name == name]
        sprites = {
            (task.material, task.yaw): cache.layered(name, Aspect(task.yaw), task.material)
            for task in of_name
        }
        assets.append(BakedAsset(name, SOURCE, LICENCE, CREATOR, sprites))
    print(f'SHIPPED_INDEX = "{write_atlas(options.out, assets)}"')
    size = sum(file.stat().st_size for file in options.out.iterdir()) / 1e6
    print(f"{size:.1f} MB, {size / len(assets):.3f} MB an asset", file=sys.stderr)
    return 0


if __name__ == "__main__":
    sys.exit(main())
