"""Confirmation: is a pair that one half of the images suggested true of the other half?

Discovery has fixed the direction, so the test is one-sided; the false discovery rate is controlled
over the classes that have a pair. Both halves' drops are kept: discovery's is too large, because
the pair was chosen for it (the winner's curse), and only confirmation's is an estimate.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from benchwright.curation.mining.groups import Group, GroupTable
from benchwright.curation.mining.halves import Half
from benchwright.curation.mining.pairs import Outcome, Pair, Pairless
from benchwright.statistics.intervals import LEVEL, Floats, newcombe
from benchwright.statistics.significance import adjusted, one_sided

RATE = 0.05
"""False discovery rate over classes, where nothing else is asked for."""


@dataclass(frozen=True, slots=True)
class Drop:
    """Accuracy on the common background less accuracy on the counter one, in one half.

    Attributes:
        common: the group on the common background.
        counter: the group on the counter background.
        low: lower bound of the drop, by Newcombe's method at the groups' effective n.
        high: upper bound.
    """

    common: Group
    counter: Group
    low: float
    high: float

    @property
    def drop(self) -> float:
        """In shares: 0.3 is 30 points; negative where the probe does better on counter."""
        return self.common.accuracy - self.counter.accuracy


@dataclass(frozen=True, slots=True)
class Verdict:
    """What became of a class.

    Attributes:
        cls: the class.
        outcome: confirmed, not confirmed, or why there was nothing to confirm.
        detail: what it rests on, a short line.
        pair: the backgrounds compared, if there was a pair.
        discovery: the drop that suggested the pair.
        confirmation: the drop on the other half: the estimate.
        p: one-sided p-value of the confirmation half; NaN without a pair.
        adjusted: p after Benjamini and Hochberg over all classes with a pair.
        exact: whether Fisher's test was used, the groups being too small for the z-test.
    """

    cls: str
    outcome: Outcome
    detail: str
    pair: Pair | None = None
    discovery: Drop | None = None
    confirmation: Drop | None = None
    p: float = math.nan
    adjusted: float = math.nan
    exact: bool = False

    @property
    def confirmed(self) -> bool:
        """Whether the pair held on the half that had no part in finding it."""
        return self.outcome is Outcome.CONFIRMED


def confirm(
    table: GroupTable,
    pairs: Mapping[str, Pair | Pairless],
    rate: float = RATE,
    level: float = LEVEL,
) -> list[Verdict]:
    """Test every pair on the confirmation half.

    Args:
        table: groups of both halves.
        pairs: of ``pairs.find`` on the same table; every class of it gets a verdict.
        rate: false discovery rate over the classes with a pair.
        level: nominal coverage of the drops' intervals.

    Raises:
        ValueError: a pair whose backgrounds have no images in a half.
    """
    there = [pair for pair in pairs.values() if isinstance(pair, Pair)]
    discovery = drops(table, there, Half.DISCOVERY, level)
    confirmation = drops(table, there, Half.CONFIRMATION, level)
    tested = one_sided(*effective_counts(confirmation))
    corrected = adjusted(tested.p)
    verdicts = {
        pair.cls: _verdict(pair, discovery[i], confirmation[i], float(tested.p[i]),
                           float(corrected[i]), bool(tested.exact[i]), rate)
        for i, pair in enumerate(there)
    }  # fmt: skip
    for pair in pairs.values():
        if isinstance(pair, Pairless):
            verdicts[pair.cls] = Verdict(pair.cls, pair.outcome, pair.detail)
    return [verdicts[cls] for cls in pairs]


def drops(table: GroupTable, pairs: Iterable[Pair], half: str, level: float = LEVEL) -> list[Drop]:
    """The drop of each pair in one half, in the order of the pairs.

    Raises:
        ValueError: a pair whose backgrounds have no images in that half.
    """
    groups = table.of(half)
    found = []
    for pair in pairs:
        backgrounds = groups.get(pair.cls, {})
        if pair.common not in backgrounds or pair.counter not in backgrounds:
            raise ValueError(f"{pair}: no images of it in the {half} half")
        found.append((backgrounds[pair.common], backgrounds[pair.counter]))
    low, high = newcombe(*_effective(found), level)
    return [Drop(*groups, float(low[i]), float(high[i])) for i, groups in enumerate(found)]


def effective_counts(
    measured: Sequence[Drop],
) -> tuple[Floats, Floats, Floats, Floats]:
    """Successes and trials of common, then of counter, as many as independent images would be."""
    return _effective([(drop.common, drop.counter) for drop in measured])


def _effective(
    groups: Sequence[tuple[Group, Group]],
) -> tuple[Floats, Floats, Floats, Floats]:
    n = np.array([[group.effective for group in two] for two in groups]).reshape(-1, 2)
    accuracy = np.array([[group.accuracy for group in two] for two in groups]).reshape(-1, 2)
    correct = accuracy * n
    return correct[:, 0], n[:, 0], correct[:, 1], n[:, 1]


def _verdict(
    pair: Pair, first: Drop, second: Drop, p: float, corrected: float, exact: bool, rate: float
) -> Verdict:
    outcome = Outcome.CONFIRMED if corrected <= rate else Outcome.NOT_CONFIRMED
    sign = "<=" if corrected <= rate else ">"
    test = "Fisher's exact test" if exact else "z-test"
    detail = f"adjusted p {corrected:.2g} {sign} {rate:g}, one-sided {test}"
    return Verdict(pair.cls, outcome, detail, pair, first, second, p, corrected, exact)
