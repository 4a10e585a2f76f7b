"""All pictures of a command, drawn in one pass: those of its runs, and those to measure on."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from benchwright.seeding import generator
from calibration.planting import BACKGROUNDS, PLANTED, PLANTINGS
from calibration.scenes import (
    MEASURING_WINDOWS,
    NAMES,
    Kinds,
    Pool,
    Shown,
    drawn,
    several_of,
    textured,
    training_scenes,
)

MEASURING = "measuring"
"""In place of a training's seed: what is measured on is drawn apart from all that is trained on."""


class Run(NamedTuple):
    """A training: its planting's name and its seed."""

    planting: str
    seed: int

    def __str__(self) -> str:
        """Such as ``planted-0``."""
        return f"{self.planting}-{self.seed}"


@dataclass(frozen=True, slots=True)
class Sizes:
    """How many pictures.

    Attributes:
        training: of each kind, a run.
        elsewhere: of each class with a home on each other background; at home as many as on all
            others together.
        evenly: of each object on each background.
        pairs: of two objects of different size.
    """

    training: Kinds
    elsewhere: int
    evenly: int
    pairs: int


POOLS = {
    "full": Sizes(Kinds(16_000, 3_000, 6_000, 500), 45, 6, 1_000),
    "tiny": Sizes(Kinds(96, 16, 32, 16), 1, 1, 10),  # enough to see that all of it runs
}


@dataclass(frozen=True, slots=True)
class Pools:
    """The pictures of each run, and those of ``measuring.measured``."""

    training: dict[Run, Pool]
    alone: Pool
    evenly: Pool
    pairs: Pool


def draw(runs: Sequence[Run], sizes: Sizes) -> Pools:
    """Draw them all, in one pass so that each sprite is scaled once."""
    lists = [
        list(training_scenes(PLANTINGS[run.planting], run.seed, sizes.training)) for run in runs
    ]
    lists += [list(_alone(sizes)), list(_evenly(sizes)), list(_pairs(sizes))]
    every = drawn([shown for scenes in lists for shown in scenes])
    pools, start = [], 0
    for scenes in lists:
        end = start + len(scenes)
        pools.append(Pool(every.pixels[start:end], every.shown[start:end]))
        start = end
    return Pools(dict(zip(runs, pools, strict=False)), *pools[len(runs) :])


def _alone(sizes: Sizes) -> Iterator[Shown]:
    for entry in PLANTED:
        for background in BACKGROUNDS:
            at_home = background == entry.home
            count = sizes.elsewhere * (len(BACKGROUNDS) - 1 if at_home else 1)
            for number in range(count):
                chance = generator(MEASURING, "alone", entry.name, background, number)
                yield textured(entry.name, background, MEASURING_WINDOWS, chance)


def _evenly(sizes: Sizes) -> Iterator[Shown]:
    for name in NAMES:
        for background in BACKGROUNDS:
            for number in range(sizes.evenly):
                chance = generator(MEASURING, "evenly", name, background, number)
                yield textured(name, background, MEASURING_WINDOWS, chance)


def _pairs(sizes: Sizes) -> Iterator[Shown]:
    for number in range(sizes.pairs):
        chance = generator(MEASURING, "pairs", number)
        yield several_of(chance.sample(NAMES, 2), "two", "", MEASURING_WINDOWS, chance)
