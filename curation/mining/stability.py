"""Stability: does a pair hold under other prompts and other probe models?

The pairs are those the main probe's discovery half suggested. Every scored set is asked on the
confirmation half only: other probes err on much the same images as the first, so on the discovery
half their drops would be too large as well.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from benchwright.curation.mining.confirm import RATE, Drop, drops, effective_counts
from benchwright.curation.mining.groups import GroupTable
from benchwright.curation.mining.halves import Half
from benchwright.curation.mining.pairs import Pair
from benchwright.statistics.intervals import LEVEL
from benchwright.statistics.significance import adjusted, one_sided


@dataclass(frozen=True, slots=True)
class Answer:
    """What one scored set says of a pair.

    Attributes:
        drop: on the confirmation half.
        adjusted: one-sided p-value after Benjamini and Hochberg over the pairs of that set.
        confirmed: whether it is at most the rate asked for.
    """

    drop: Drop
    adjusted: float
    confirmed: bool


@dataclass(frozen=True, slots=True)
class Stability:
    """A pair as several scored sets see it.

    Attributes:
        pair: the pair.
        answers: name of a scored set (its model and prompts) to what it says; a set without images
            of both backgrounds says nothing and is left out.
    """

    pair: Pair
    answers: Mapping[str, Answer]

    @property
    def positive(self) -> int:
        """Sets whose drop goes the same way as the discovery's."""
        return sum(answer.drop.drop > 0 for answer in self.answers.values())

    @property
    def confirmed(self) -> int:
        """Sets that confirm the pair."""
        return sum(answer.confirmed for answer in self.answers.values())


def stability(
    pairs: Sequence[Pair],
    tables: Mapping[str, GroupTable],
    rate: float = RATE,
    level: float = LEVEL,
) -> list[Stability]:
    """Ask every scored set about every pair.

    Args:
        pairs: of the main probe.
        tables: name of a scored set to its groups; all sets have the same halves.
        rate: false discovery rate over the pairs, set by set.
        level: nominal coverage of the drops' intervals.
    """
    answers: dict[str, dict[str, Answer]] = {pair.cls: {} for pair in pairs}
    for name, table in tables.items():
        groups = table.of(Half.CONFIRMATION)
        there = [
            pair for pair in pairs if {pair.common, pair.counter} <= groups.get(pair.cls, {}).keys()
        ]
        measured = drops(table, there, Half.CONFIRMATION, level)
        corrected = adjusted(one_sided(*effective_counts(measured)).p)
        for pair, drop, p in zip(there, measured, corrected, strict=True):
            answers[pair.cls][name] = Answer(drop, float(p), bool(p <= rate))
    return [Stability(pair, answers[pair.cls]) for pair in pairs]
