"""Planted truth: is what the miner says of scored rows true, where the truth is known?

For one set of scored rows ``planted_truth`` gives a report; over many seeds ``summarise`` gives the
figures a sceptic asks for: are strong associations found, is the false discovery rate kept, is the
confirmation drop unbiased, how far does discovery's overshoot, and what would the originals' rule
have said of the same images.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

import numpy as np
from scipy import stats

from benchwright.curation.mining.confirm import RATE, confirm
from benchwright.curation.mining.groups import tabulate
from benchwright.curation.mining.pairs import MINIMUM, Pair, Rule, find, original_rule
from benchwright.statistics.bootstrap import Interval
from benchwright.statistics.intervals import LEVEL, wilson

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

Truth: TypeAlias = Mapping[tuple[str, str], float]
"""Class and background to the probe's true accuracy there, as a share."""


@dataclass(frozen=True, slots=True)
class TruthReport:
    """One set of scored rows against the truth.

    Attributes:
        pairs: classes with a pair, before any test.
        confirmed: R, pairs confirmed.
        false: V, confirmed pairs whose true drop is not positive.
        strong: classes planted with a strong association.
        found: of them, those confirmed with the home background as common and a true drop.
        missed: of them, the others.
        discovery_errors: discovery drop less true drop, of every pair.
        confirmation_errors: confirmation drop less true drop, of every pair.
        kept_errors: confirmation drop less true drop, of the confirmed pairs: what a reader of
            confirmed drops alone is off by.
        covered: pairs whose confirmation interval holds the true drop.
        original_pairs: pairs by the originals' rule, on all images at once.
        original_false: of them, those whose true drop is not positive.
    """

    pairs: int
    confirmed: int
    false: int
    strong: int
    found: int
    missed: tuple[str, ...]
    discovery_errors: tuple[float, ...]
    confirmation_errors: tuple[float, ...]
    kept_errors: tuple[float, ...]
    covered: int
    original_pairs: int
    original_false: int


def planted_truth(
    rows: DuckDBPyConnection,
    truth: Truth,
    strong: Mapping[str, str],
    *,
    rule: Rule = Rule.ACCURACY,
    minimum: int = MINIMUM,
    rate: float = RATE,
) -> TruthReport:
    """Mine scored rows and compare with what is true of them.

    Args:
        rows: of ``scored.opened``, checked.
        truth: true accuracy of every class on every background it has images on.
        strong: class planted with a strong association to its home background.
        rule: how pairs are found.
        minimum: images a group needs in each half.
        rate: false discovery rate over classes.

    Raises:
        KeyError: a class and background without a truth.
    """
    table = tabulate(rows)
    verdicts = [v for v in confirm(table, find(table, rule, minimum), rate) if v.pair]
    right = {
        verdict.cls
        for verdict in verdicts
        if verdict.confirmed
        and verdict.pair
        and verdict.pair.common == strong.get(verdict.cls)
        and _true_drop(truth, verdict.pair) > 0
    }
    measured = [
        (verdict.confirmed, verdict.discovery, verdict.confirmation, _true_drop(truth, pair))
        for verdict in verdicts
        if (pair := verdict.pair) and verdict.discovery and verdict.confirmation
    ]
    original = [_true_drop(truth, pair) for pair in original_rule(table).values()]
    return TruthReport(
        pairs=len(measured),
        confirmed=sum(kept for kept, *_ in measured),
        false=sum(kept and true <= 0 for kept, *_, true in measured),
        strong=len(strong),
        found=len(right),
        missed=tuple(sorted(strong.keys() - right)),
        discovery_errors=tuple(first.drop - true for _, first, _, true in measured),
        confirmation_errors=tuple(second.drop - true for *_, second, true in measured),
        kept_errors=tuple(second.drop - true for kept, _, second, true in measured if kept),
        covered=sum(second.low <= true <= second.high for *_, second, true in measured),
        original_pairs=len(original),
        original_false=sum(true <= 0 for true in original),
    )


@dataclass(frozen=True, slots=True)
class TruthSummary:
    """Reports of several seeds together; errors in shares, with 95 % intervals of their means.

    Attributes:
        seeds: reports.
        found: of strong classes over all seeds, with Wilson's interval.
        false_rate: mean over seeds of V / max(R, 1).
        false_rate_error: its Monte Carlo standard error.
        discovery: mean error of discovery drops over all pairs.
        confirmation: mean error of confirmation drops over all pairs.
        kept: mean error of confirmation drops over confirmed pairs.
        coverage: share of pairs whose confirmation interval holds the true drop.
        original_pairs: mean a seed of pairs by the originals' rule.
        original_false: mean a seed of those that are false.
    """

    seeds: int
    found: Interval
    false_rate: float
    false_rate_error: float
    discovery: Interval
    confirmation: Interval
    kept: Interval
    coverage: float
    original_pairs: float
    original_false: float

    def lines(self) -> list[str]:
        """The summary to read, a figure a line."""
        return [
            f"seeds                        {self.seeds}",
            f"strong associations found    {_points(self.found)} %",
            f"V / max(R, 1)                {100 * self.false_rate:.2f} % "
            f"(standard error {100 * self.false_rate_error:.2f})",
            f"discovery drop, error        {_points(self.discovery)} points",
            f"confirmation drop, error     {_points(self.confirmation)} points",
            f"the same, confirmed only     {_points(self.kept)} points",
            f"interval holds the truth     {100 * self.coverage:.1f} %",
            f"originals' rule, a seed      {self.original_pairs:.1f} pairs, "
            f"{self.original_false:.1f} false",
        ]


def summarise(reports: Sequence[TruthReport]) -> TruthSummary:
    """Put several seeds' reports together.

    Args:
        reports: two or more, each of rows drawn anew.

    Raises:
        ValueError: fewer than two.
    """
    if len(reports) < 2:
        raise ValueError("one seed has no spread; give two reports or more")
    strong, found = sum(r.strong for r in reports), sum(r.found for r in reports)
    rates = np.array([report.false / max(report.confirmed, 1) for report in reports])
    low, high = wilson(found, strong)
    pairs = max(sum(report.pairs for report in reports), 1)
    return TruthSummary(
        seeds=len(reports),
        found=Interval(found / max(strong, 1), float(low), float(high)),
        false_rate=float(rates.mean()),
        false_rate_error=float(stats.sem(rates)),
        discovery=_mean([report.discovery_errors for report in reports]),
        confirmation=_mean([report.confirmation_errors for report in reports]),
        kept=_mean([report.kept_errors for report in reports]),
        coverage=sum(report.covered for report in reports) / pairs,
        original_pairs=float(np.mean([report.original_pairs for report in reports])),
        original_false=float(np.mean([report.original_false for report in reports])),
    )


def _true_drop(truth: Truth, pair: Pair) -> float:
    return truth[pair.cls, pair.common] - truth[pair.cls, pair.counter]


def _mean(errors: Sequence[Sequence[float]]) -> Interval:
    """Mean over seeds of a seed's mean error, with Student's interval; seeds are independent."""
    means = np.array([np.mean(values) for values in errors if values])
    if len(means) < 2:
        return Interval(float(means.mean()) if len(means) else np.nan, np.nan, np.nan)
    half = float(stats.t.ppf((1 + LEVEL) / 2, len(means) - 1) * stats.sem(means))
    return Interval(float(means.mean()), float(means.mean()) - half, float(means.mean()) + half)


def _points(interval: Interval) -> str:
    estimate, low, high = (100 * value for value in interval)
    return f"{estimate:.2f} [{low:.2f}, {high:.2f}]"
