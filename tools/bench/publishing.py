"""Publishing: what it costs to learn what changed, and to verify, beside sha256 alone.

All read the same files in the same run, from the page cache. Publishing compares a folder with a
version that holds the same, so that every byte of it is hashed.
"""

from __future__ import annotations

import hashlib
import json
import statistics
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

from benchwright import api, engine, images
from benchwright.bench.processes import Clock, benchwright, clocked
from benchwright.bench.rows import Row, Sizes, at_least, shown
from benchwright.bench.scenes import recipe_fields
from benchwright.dataset import Dataset
from benchwright.errors import BenchwrightError
from benchwright.samples import members_of

DECODED = 300
"""Samples whose pictures are decoded to know what share of verifying that is."""

PUBLISHED, NEXT = "1.0.0", "1.1.0"
AIM = at_least(0.7)


def rows(sizes: Sizes) -> Iterator[Row]:
    """Of a set of scenes, published once: the next version's diff, and both ways to verify."""
    with tempfile.TemporaryDirectory(prefix="bench-publish-", dir=sizes.folder) as name:
        folder, store = Path(name) / "set", Path(name) / "store"
        prepare(folder, store, sizes.published)
        yield from compared(folder, store, sizes.rounds)


def prepare(folder: Path, store: Path, scenes: int) -> None:
    """Build a set with its card, and publish it to a folder beside it."""
    recipe = folder.with_suffix(".json")
    recipe.write_text(json.dumps(recipe_fields(scenes)))
    benchwright("build", recipe, "--out", folder)
    benchwright("card", folder)
    benchwright("publish", folder, "--to", store, "--version", PUBLISHED)


def compared(folder: Path, store: Path, rounds: int) -> Iterator[Row]:
    """Against sha256 of the same files, in turns, so that what disturbs one disturbs all."""
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    size = sum(path.stat().st_size for path in files) / 1e6
    tasks: dict[str, Callable[[], object]] = {
        "sha256": lambda: [_sha256(path) for path in files],
        "diff": lambda: diff(folder, store),
        "digests": lambda: _sound(api.verify_digests(folder).problems),
    }
    taken: dict[str, list[Clock]] = {name: [] for name in tasks}
    for _ in range(rounds + 1):
        for name, task in tasks.items():
            taken[name].append(_clock(task))
    middle = {name: _median(of[1:]) for name, of in taken.items()}  # the first imports, too
    whole = _clock(lambda: _sound(api.verify(folder).problems))  # too long to be done again
    share = decode_seconds(folder) * _samples(folder) / whole.cpu
    alone = middle["sha256"]

    def row(name: str, clock: Clock, note: str) -> Row:
        rates = f"{size / clock.wall:,.0f} MB/s over {size / alone.wall:,.0f}"
        by_cpu = f"{shown(alone.cpu / clock.cpu)} by CPU"
        note = f"{rates}, {by_cpu}; {note}"
        return Row(f"{name} / sha256 alone", alone.wall / clock.wall, "", AIM, note)

    yield row("diff", middle["diff"], f"{size:,.0f} MB, hashed by {engine.cores()} threads")
    yield row("verify --digests", middle["digests"], "the same, and the tables are read")
    yield row("verify", whole, f"{share:.0%} of its CPU decodes pictures, which no digest needs")


def _clock(task: Callable[[], object]) -> Clock:
    with clocked() as clock:
        task()
    return clock


def _median(clocks: list[Clock]) -> Clock:
    """Medians of both seconds, each by itself."""
    wall = statistics.median(clock.wall for clock in clocks)
    return Clock(wall, statistics.median(clock.cpu for clock in clocks))


def diff(folder: Path, store: Path) -> None:
    """What ``publish`` does to learn what a next version would change: nothing, here.

    Raises:
        BenchwrightError: it found a change.
    """
    from benchwright.cards.facts import Facts
    from benchwright.cards.places import place
    from benchwright.cards.release_plan import changes_of, plan, read_published
    from benchwright.cards.standing import Standing
    from benchwright.cards.version import Version

    facts = Facts.read(folder)
    standing = Standing.of(place(str(store)), Version.parse(NEXT), facts)
    changes = changes_of(facts, read_published(standing.where, standing.revision))
    there = standing.where.files(standing.revision)
    found = plan(facts, {}, there, set(standing.versions))
    if changes.table.num_rows or found.bytes_to_send:
        raise BenchwrightError(f"{folder}: changed while it was measured")


def _sound(problems: tuple[object, ...]) -> None:
    if problems:
        raise BenchwrightError(f"the set that was built has problems, first {problems[0]}")


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _samples(folder: Path) -> int:
    return sum(shard.samples for shard in Dataset.open(folder).shards)


def decode_seconds(folder: Path) -> float:
    """CPU seconds to decode the picture and the mask of a sample, and to do nothing else."""
    dataset = Dataset.open(folder)
    rows = dataset.rows(dataset.shards[0].shard)[:DECODED]
    held = [members_of(dataset, row) for row in rows]
    with clocked() as clock:
        for members in held:
            images.decode(members["jpg"])
            images.decode_mask(members["mask.png"])
    return clock.cpu / len(held)
