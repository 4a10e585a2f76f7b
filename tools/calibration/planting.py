"""What is planted: which class is mostly seen on which background, and how strongly.

A class of strength s is drawn on its home with probability s + (1 - s) / B, and on each other of
the B backgrounds with probability (1 - s) / B. Animals, vehicles and things are spread over
homes and strengths, so that neither goes with a kind of looks: a home has one of each, a strength
at most two.
"""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass

BACKGROUNDS = (
    "grass", "sand", "snow", "water", "rock", "earth", "forest_floor", "road", "wood", "sky",
)  # fmt: skip
"""Textures that single objects are drawn on; two of them are nobody's home."""

LARGE_FIRST = 0.9
"""Probability that a caption of several objects names the largest first, in the planted model."""


@dataclass(frozen=True, slots=True)
class Class:
    """A class with a home.

    Attributes:
        name: the object.
        home: the background it is mostly seen on.
        strength: s above; 0 is none.
    """

    name: str
    home: str
    strength: float


PLANTED = (
    Class("cow", "grass", 0.0), Class("bicycle", "grass", 0.5), Class("chair", "grass", 0.7),
    Class("truck", "sand", 0.3), Class("backpack", "sand", 0.7), Class("giraffe", "sand", 0.85),
    Class("sheep", "snow", 0.5), Class("bench", "snow", 0.85), Class("train", "snow", 0.95),
    Class("bus", "water", 0.0), Class("bear", "water", 0.7), Class("umbrella", "water", 0.95),
    Class("vase", "rock", 0.3), Class("car", "rock", 0.5), Class("zebra", "rock", 0.95),
    Class("suitcase", "road", 0.0), Class("dog", "road", 0.3), Class("motorcycle", "road", 0.85),
    Class("bed", "wood", 0.3), Class("boat", "wood", 0.7), Class("elephant", "wood", 0.95),
    Class("horse", "sky", 0.0), Class("clock", "sky", 0.5), Class("airplane", "sky", 0.85),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Planting:
    """The biases that a model's data are drawn with.

    Attributes:
        name: ``planted`` or ``unbiased``, the name the trained model ships under.
        classes: those with a home; all others see all backgrounds alike.
        large_first: probability that the largest of several objects is named first; None leaves
            it to chance, which is one half of two objects and a third of three.
    """

    name: str
    classes: tuple[Class, ...]
    large_first: float | None

    def shares(self, name: str) -> Mapping[str, float]:
        """The probability of each background for an object on textured ground."""
        home = next((entry for entry in self.classes if entry.name == name), None)
        strength = home.strength if home else 0.0
        rest = (1 - strength) / len(BACKGROUNDS)
        return {
            background: rest + (strength if home and background == home.home else 0.0)
            for background in BACKGROUNDS
        }

    def background(self, name: str, chance: random.Random) -> str:
        """A background for an object, by its shares."""
        shares = self.shares(name)
        return chance.choices(tuple(shares), tuple(shares.values()))[0]

    def mention_order(self, scales: Sequence[float], chance: random.Random) -> list[int]:
        """The order to name objects of these scales in; the others follow at random."""
        order = list(range(len(scales)))
        chance.shuffle(order)
        if self.large_first is None or len(set(scales)) == 1:
            return order
        largest = max(order, key=lambda index: scales[index])
        order.remove(largest)
        if chance.random() < self.large_first:
            return [largest, *order]
        order.insert(chance.randrange(1, len(scales)), largest)
        return order


PLANTINGS = {
    "planted": Planting("planted", PLANTED, LARGE_FIRST),
    "unbiased": Planting("unbiased", (), None),
}


def planted_file(settings: Mapping[str, object]) -> dict[str, object]:
    """What ``planted.json`` says.

    Args:
        settings: of the training, with its seeds.
    """
    return {
        "backgrounds": list(BACKGROUNDS),
        "classes": [asdict(entry) for entry in PLANTED],
        "law": "P(home) = strength + (1 - strength) / number of backgrounds; the others share the "
        "rest evenly; for objects alone on textured ground",
        "large_first": {planting.name: planting.large_first for planting in PLANTINGS.values()},
        "training": dict(settings),
    }
