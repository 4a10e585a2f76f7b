"""The null proof: with background labels shuffled within each class, nothing should be found.

A shuffle deals the images of a class, as they were answered and in the half they lie in, to
backgrounds of the sizes there are. What reaches the counts of a group is multivariate
hypergeometric, so shuffles are drawn from the group table: exact, and no dearer for 100 million
images than for a thousand. Images count as independent here, as they are once labels are shuffled.

The originals' rule is asked of the same shuffles: whatever it names there is false.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from benchwright import seeding
from benchwright.curation.mining.confirm import RATE
from benchwright.curation.mining.groups import GroupTable
from benchwright.curation.mining.halves import Half
from benchwright.curation.mining.pairs import MINIMUM, ORIGINAL_POINTS, ROUNDING, Rule, choose
from benchwright.statistics.significance import benjamini_hochberg, one_sided

PERMUTATIONS = 1000
"""The standard error of a 5 % rate is then 0.7 points."""

BATCH_CELLS = 4_000_000
"""Counts drawn at a time, 32 MB."""

CELLS = [(half, right) for half in Half for right in (True, False)]
"""What a shuffle keeps of an image."""


@dataclass(frozen=True, slots=True)
class NullReport:
    """How often shuffled labels gave any discovery.

    Attributes:
        permutations: shuffles done.
        discoveries: of them, those with one confirmed class or more.
        original_discoveries: of them, those with one class or more by the originals' rule.
        original_pairs: mean number of classes a shuffle by the originals' rule, all of them false.
        classes: classes that could have a pair.
        rate: the false discovery rate asked for; with nothing to find, also the rate of shuffles
            that may find something.
    """

    permutations: int
    discoveries: int
    original_discoveries: int
    original_pairs: float
    classes: int
    rate: float

    @property
    def share(self) -> float:
        """Of shuffles with any discovery."""
        return self.discoveries / self.permutations

    @property
    def original_share(self) -> float:
        """Of shuffles with any class by the originals' rule."""
        return self.original_discoveries / self.permutations

    @property
    def limit(self) -> float:
        """The rate plus two standard errors of its Monte Carlo estimate."""
        return self.rate + 2 * float(np.sqrt(self.rate * (1 - self.rate) / self.permutations))

    @property
    def holds(self) -> bool:
        """Whether the miner finds no more in noise than it says."""
        return self.share <= self.limit


def permute(
    table: GroupTable,
    permutations: int = PERMUTATIONS,
    *,
    seed: int = 0,
    rule: Rule = Rule.ACCURACY,
    minimum: int = MINIMUM,
    rate: float = RATE,
) -> NullReport:
    """Shuffle background labels within class, and mine each shuffle as the labels were mined.

    Args:
        table: groups of the scored rows.
        permutations: how many shuffles.
        seed: of the shuffles.
        rule: how pairs are found.
        minimum: images a group needs in each half.
        rate: false discovery rate over classes.
    """
    counts = _counts(table)
    generator = np.random.default_rng(seeding.digest(seed, "permutations"))
    batch = max(1, BATCH_CELLS // max(1, counts.size))
    discoveries = original = pairs = 0
    for start in range(0, permutations, batch):
        shuffled = _shuffled(counts, min(batch, permutations - start), generator)
        discoveries += int(_confirmed(shuffled, rule, minimum, rate).any(axis=-1).sum())
        named = _by_original_rule(shuffled)
        original += int(named.any(axis=-1).sum())
        pairs += int(named.sum())
    several = (counts.sum(axis=-1) > 0).sum(axis=-1) >= 2
    return NullReport(
        permutations, discoveries, original, pairs / max(permutations, 1), int(several.sum()), rate
    )


def _counts(table: GroupTable) -> NDArray[np.int64]:
    """Images by class, background and cell, [classes, backgrounds, 4]; 0 pads short classes."""
    classes = {cls: i for i, cls in enumerate(table.classes)}
    names: dict[str, dict[str, int]] = {cls: {} for cls in classes}
    for group in table:
        names[group.cls].setdefault(group.background, len(names[group.cls]))
    widest = max((len(found) for found in names.values()), default=0)
    counts = np.zeros((len(classes), widest, len(CELLS)), np.int64)
    for group in table:
        row = counts[classes[group.cls], names[group.cls][group.background]]
        row[CELLS.index((Half(group.half), True))] = group.correct
        row[CELLS.index((Half(group.half), False))] = group.n - group.correct
    return counts


def _shuffled(
    counts: NDArray[np.int64], times: int, generator: np.random.Generator
) -> NDArray[np.int64]:
    """Counts dealt anew, [times, classes, backgrounds, 4]; sums over backgrounds, and of cells,
    are as they were."""  # noqa: D205, D209
    sizes = counts.sum(axis=-1)
    left = np.broadcast_to(counts.sum(axis=1), (times, len(counts), len(CELLS))).copy()
    dealt = np.zeros((times, *counts.shape), np.int64)
    for background in range(counts.shape[1]):
        wanted = np.broadcast_to(sizes[:, background], left.shape[:-1]).copy()
        others = left.sum(axis=-1)
        for cell in range(len(CELLS)):
            others -= left[..., cell]
            drawn = generator.hypergeometric(left[..., cell], others, wanted)
            dealt[:, :, background, cell] = drawn
            wanted -= drawn
        left -= dealt[:, :, background]
    return dealt


def _confirmed(
    counts: NDArray[np.int64], rule: Rule, minimum: int, rate: float
) -> NDArray[np.bool_]:
    """Which classes are confirmed in each shuffle, [times, classes]."""
    by_half = counts.reshape(*counts.shape[:-1], len(Half), 2)
    n, correct = by_half.sum(axis=-1), by_half[..., 0]
    eligible = (n >= max(minimum, 1)).all(axis=-1)
    chosen = choose(rule, n[..., 0], correct[..., 0], eligible)
    sides = [
        np.take_along_axis(values[..., 1], index[..., None], axis=-1)[..., 0]
        for index in (chosen.common, chosen.counter)
        for values in (correct, n)
    ]
    p = np.ones(chosen.found.shape)
    p[chosen.found] = one_sided(*(side[chosen.found] for side in sides)).p
    return benjamini_hochberg(np.where(chosen.found, p, np.nan), rate)


def _by_original_rule(counts: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Which classes the originals' rule names in each shuffle, [times, classes].

    As ``pairs.original_rule``: both halves together, best less worst above five points.
    """
    by_half = counts.reshape(*counts.shape[:-1], len(Half), 2)
    n, correct = by_half.sum(axis=(-1, -2)), by_half[..., 0].sum(axis=-1)
    accuracy = correct / np.maximum(n, 1)
    best = np.where(n > 0, accuracy, -np.inf).max(axis=-1, initial=-np.inf)
    worst = np.where(n > 0, accuracy, np.inf).min(axis=-1, initial=np.inf)
    named: NDArray[np.bool_] = best - worst > ORIGINAL_POINTS + ROUNDING
    return named
