"""Pairs: of each class, the background that is common and the one that is counter.

Found on the discovery half alone. The confirmation half lends only how many images it has, never
whether the probe was right about them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from benchwright.curation.mining.groups import Group, GroupTable, merged
from benchwright.curation.mining.halves import Half

MINIMUM = 20
"""Images a group needs in each half: below, an accuracy near one half is known to +-0.2 at best."""

ORIGINAL_POINTS = 0.05
"""Accuracy that the originals' classes vary by at least across backgrounds (section 3 of the
CounterAnimal paper)."""

ROUNDING = 1e-12
"""Five points as a difference of two floats may come out a little more."""


class Rule(StrEnum):
    """What makes a background common and another counter."""

    ACCURACY = "accuracy"  # the probe's best against its worst: the originals'
    FREQUENCY = "frequency"  # the most frequent against the rarest: no answer is looked at


class Outcome(StrEnum):
    """What became of a class; its value is what tables and reports print."""

    CONFIRMED = "confirmed"
    NOT_CONFIRMED = "not confirmed"
    NO_IMAGE = "no image passed the filters"
    NO_BACKGROUND = "no image with a known background"
    ONE_BACKGROUND = "all images on one background"
    TOO_FEW = "too few images on two backgrounds"
    NO_DIFFERENCE = "no difference between backgrounds"


@dataclass(frozen=True, slots=True)
class Pair:
    """The two backgrounds of a class that are to be compared.

    Attributes:
        cls: the class.
        common: background on which the probe is to do better.
        counter: background on which it is to do worse.
    """

    cls: str
    common: str
    counter: str


@dataclass(frozen=True, slots=True)
class Pairless:
    """A class that has no pair.

    Attributes:
        cls: the class.
        outcome: why.
        detail: the counts behind it, a short line.
    """

    cls: str
    outcome: Outcome
    detail: str


@dataclass(frozen=True, slots=True)
class Chosen:
    """Pairs as indices of backgrounds, over any leading axes.

    Attributes:
        common: int64 [...].
        counter: int64 [...].
        found: bool [...]; where it is false the indices say nothing.
    """

    common: NDArray[np.int64]
    counter: NDArray[np.int64]
    found: NDArray[np.bool_]


def choose(
    rule: Rule, n: NDArray[np.int64], correct: NDArray[np.int64], eligible: NDArray[np.bool_]
) -> Chosen:
    """Apply a rule to counts; of equals the first background is taken.

    Args:
        rule: how the two are chosen.
        n: images of the discovery half, [..., backgrounds].
        correct: of them right, the same shape.
        eligible: which backgrounds have images enough, the same shape.
    """
    values = correct / np.maximum(n, 1) if rule is Rule.ACCURACY else n.astype(np.float64)
    common = np.argmax(np.where(eligible, values, -np.inf), axis=-1)
    counter = np.argmin(np.where(eligible, values, np.inf), axis=-1)
    differ = _at(values, common) > _at(values, counter)
    return Chosen(common, counter, differ & (eligible.sum(axis=-1) >= 2))


def find(
    table: GroupTable, rule: Rule = Rule.ACCURACY, minimum: int = MINIMUM
) -> dict[str, Pair | Pairless]:
    """The pair of every class, or why it has none; ties go by the backgrounds' names.

    Args:
        table: groups of both halves.
        rule: what makes a background common and another counter.
        minimum: images a background needs in each half.
    """
    discovery, confirmation = table.of(Half.DISCOVERY), table.of(Half.CONFIRMATION)
    return {
        cls: _find(cls, discovery.get(cls, {}), confirmation.get(cls, {}), rule, minimum)
        for cls in table.classes
    }


def original_rule(table: GroupTable, points: float = ORIGINAL_POINTS) -> dict[str, Pair]:
    """The originals' pairs: best and worst background where they differ by more than ``points``.

    On all images at once, without a minimum or a test: for comparison only (selection and headline
    figure come from the same images).
    """
    backgrounds: dict[str, list[Group]] = {}
    for group in merged(table):
        backgrounds.setdefault(group.cls, []).append(group)
    found = {}
    for cls, groups in backgrounds.items():
        best = max(groups, key=lambda group: group.accuracy)
        worst = min(groups, key=lambda group: group.accuracy)
        if best.accuracy - worst.accuracy > points + ROUNDING:
            found[cls] = Pair(cls, best.background, worst.background)
    return found


def _find(
    cls: str,
    discovery: Mapping[str, Group],
    confirmation: Mapping[str, Group],
    rule: Rule,
    minimum: int,
) -> Pair | Pairless:
    names = sorted(discovery.keys() | confirmation.keys())
    counts = {
        name: tuple(half[name].n if name in half else 0 for half in (discovery, confirmation))
        for name in names
    }
    detail = ", ".join(f"{name} {first}+{second}" for name, (first, second) in counts.items())
    if len(names) < 2:
        return Pairless(cls, Outcome.ONE_BACKGROUND if names else Outcome.NO_BACKGROUND, detail)
    n = np.array([counts[name][0] for name in names])
    correct = np.array([discovery[name].correct if name in discovery else 0 for name in names])
    eligible = np.array([min(counts[name]) >= max(minimum, 1) for name in names])
    if eligible.sum() < 2:
        return Pairless(cls, Outcome.TOO_FEW, f"{detail}; {minimum} are needed in each half")
    chosen = choose(rule, n, correct, eligible)
    if not chosen.found:
        return Pairless(cls, Outcome.NO_DIFFERENCE, f"{detail}; none by {rule}")
    return Pair(cls, names[int(chosen.common)], names[int(chosen.counter)])


def _at(values: NDArray[np.float64], index: NDArray[np.int64]) -> NDArray[np.float64]:
    return np.take_along_axis(values, index[..., None], axis=-1)[..., 0]
