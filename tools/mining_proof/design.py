"""What is drawn: classes, backgrounds, and how many pictures of each."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product

PROBE, JUDGE = "calibration/planted", "calibration/unbiased"

STRONG = 0.85
"""Least planted strength of a class whose pair has to be found."""

STRENGTHS = {
    "cow": ("grass", 0.0), "bus": ("water", 0.0),
    "truck": ("sand", 0.3), "vase": ("rock", 0.3),
    "bicycle": ("grass", 0.5), "car": ("rock", 0.5),
    "chair": ("grass", 0.7), "backpack": ("sand", 0.7),
    "giraffe": ("sand", 0.85), "bench": ("snow", 0.85),
    "train": ("snow", 0.95), "zebra": ("rock", 0.95),
}  # fmt: skip
"""Class to home and strength, two classes of each strength, as ``data/calibration/planted.json``.

Their homes are four backgrounds, all others of the ten then cost nothing; the bus, of strength 0,
is at home nowhere.
"""

BACKGROUNDS = ("grass", "sand", "snow", "rock")

Place = tuple[str, str]
"""Class and background."""


@dataclass(frozen=True, slots=True)
class Design:
    """How many pictures, of what.

    Attributes:
        classes: of ``STRENGTHS``.
        backgrounds: their homes.
        truth: pictures of each class on each background that the truth is measured on; no corpus
            holds any of them.
        seeds: corpora, each of pictures of its own.
        home: pictures of a corpus, of each class on its home.
        elsewhere: on each other background; on all, for a class that has no home among them.
        wrong: share of captions that name another class.
        minimum: images a group needs in each half.
    """

    classes: tuple[str, ...] = tuple(STRENGTHS)
    backgrounds: tuple[str, ...] = BACKGROUNDS
    truth: int = 2000
    seeds: int = 20
    home: int = 180
    elsewhere: int = 120
    wrong: float = 0.05
    minimum: int = 20

    @property
    def places(self) -> list[Place]:
        """Every class on every background."""
        return list(product(self.classes, self.backgrounds))

    @property
    def strong(self) -> dict[str, str]:
        """Class planted with a strong association to its home."""
        homes = {cls: STRENGTHS[cls] for cls in self.classes}
        return {cls: home for cls, (home, strength) in homes.items() if strength >= STRONG}

    def size(self, place: Place) -> int:
        """Pictures of a place in a corpus."""
        cls, background = place
        return self.home if STRENGTHS[cls][0] == background else self.elsewhere

    @property
    def pictures(self) -> int:
        """In all."""
        return sum(self.truth + self.seeds * self.size(place) for place in self.places)
