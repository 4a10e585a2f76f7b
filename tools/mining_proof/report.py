"""The proof: corpora of many seeds mined, and held against both truths."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from benchwright.curation.mining import scored
from benchwright.curation.mining.confirm import Verdict
from benchwright.curation.mining.null import NullReport, permute
from benchwright.curation.mining.planted_truth import (
    Truth,
    TruthReport,
    TruthSummary,
    planted_truth,
    summarise,
)
from benchwright.statistics.bootstrap import Interval
from benchwright.statistics.intervals import wilson
from mining_proof.corpora import Held, corpus, mine
from mining_proof.design import STRENGTHS, Design
from mining_proof.pictures import Batch, pictures
from mining_proof.truth import Accuracies, Truths, truths

Z = 1.96
"""Normal quantile of a 95 % interval."""

CELL = 21
"""Characters of a column of accuracies."""

Drops = list[tuple[Verdict, ...]]
"""Of each seed, the verdicts that have a pair."""


@dataclass(frozen=True, slots=True)
class Held95:
    """A mean error with what both the corpora and the truth leave open.

    Attributes:
        corpora: over seeds, with a 95 % interval.
        truth_error: standard error of the mean true drop, by the jackknife over blocks.
    """

    corpora: Interval
    truth_error: float

    @property
    def both(self) -> Interval:
        """With the 95 % interval of both together; they are independent."""
        half = (self.corpora.high - self.corpora.low) / 2
        wide = float(np.hypot(half, Z * self.truth_error))
        middle = self.corpora.estimate
        return Interval(middle, middle - wide, middle + wide)


@dataclass(frozen=True, slots=True)
class Against:
    """Seeds against one truth.

    Attributes:
        summary: as for simulated rows.
        discovery: error of discovery drops, of all pairs.
        confirmation: error of confirmation drops, of all pairs.
        false_pairs: of all pairs, before any test, those whose true drop is not positive.
        uncertain: confirmed pairs whose true drop is within two standard errors of zero: whether
            they are false is more than the truth can tell.
    """

    summary: TruthSummary
    discovery: Held95
    confirmation: Held95
    false_pairs: int
    uncertain: int


@dataclass(frozen=True, slots=True)
class Proof:
    """All that was found.

    Attributes:
        design: what was drawn.
        truths: what is true.
        claimed: against what a mined drop claims.
        shown: against the backgrounds and classes as drawn.
        ends: share of strong pairs found that are the truly best and worst background, claimed.
        confirmed: confirmed pairs, all seeds.
        used: mean share of a corpus that reaches the groups.
        null: shuffles of the first corpus.
        by_class: class to how many seeds had a pair, and how many confirmed one.
    """

    design: Design
    truths: Truths
    claimed: Against
    shown: Against
    ends: Interval
    confirmed: int
    used: float
    null: NullReport
    by_class: Mapping[str, tuple[int, int]]


def prove(
    design: Design,
    cache: Path,
    folder: Path,
    workers: int = 1,
    permutations: int = 1000,
    say: Callable[[str], None] = lambda line: None,
) -> Proof:
    """Draw, embed, mine every seed, and compare.

    Args:
        design: what to draw.
        cache: folder of drawn pictures, kept from run to run.
        folder: scratch folder of embeddings and of the miner's work.
        workers: processes that draw.
        permutations: of the null proof.
        say: told what is under way.
    """
    held = drawn(design, cache, workers, say)
    say("measuring the truth")
    true = truths(design, held["truth"], folder)
    reports: dict[str, list[TruthReport]] = {"claimed": [], "shown": []}
    mined: Drops = []
    used, null = [], None
    for seed in range(design.seeds):
        say(f"mining corpus {seed}")
        of = corpus(design, seed, held["corpora"])
        found, rows_folder = mine(design, seed, of, folder)
        mined.append(tuple(verdict for verdict in found.verdicts if verdict.pair))
        used.append(sum(group.n for group in found.table) / len(of.places))
        null = null or permute(found.table, permutations, minimum=design.minimum)
        with scored.opened(rows_folder) as rows:
            for name, accuracies in (("claimed", true.claimed), ("shown", true.shown)):
                values = accuracies.values()
                reports[name].append(
                    planted_truth(rows, values, design.strong, minimum=design.minimum)
                )
    assert null is not None
    return Proof(
        design=design,
        truths=true,
        claimed=_against(reports["claimed"], true.claimed, mined),
        shown=_against(reports["shown"], true.shown, mined),
        ends=_ends(design, true.claimed.values(), mined),
        confirmed=sum(report.confirmed for report in reports["claimed"]),
        used=float(np.mean(used)),
        null=null,
        by_class=_by_class(design, mined),
    )


def drawn(design: Design, cache: Path, workers: int, say: Callable[[str], None]) -> dict[str, Held]:
    """The pictures that the truth is measured on, and those of all corpora."""
    say(f"drawing and embedding {design.pictures:,} pictures")
    wanted = {
        "truth": [Batch("truth", *place, design.truth) for place in design.places],
        "corpora": [
            Batch("corpora", *place, design.seeds * design.size(place)) for place in design.places
        ],
    }
    every = pictures([batch for batches in wanted.values() for batch in batches], cache, workers)
    count = len(design.places)
    return {
        "truth": dict(zip(design.places, every[:count], strict=True)),
        "corpora": dict(zip(design.places, every[count:], strict=True)),
    }


def _against(reports: Sequence[TruthReport], true: Accuracies, mined: Drops) -> Against:
    summary = summarise(reports)
    error, values = _mean_error(true, mined), true.values()
    return Against(
        summary,
        Held95(summary.discovery, error),
        Held95(summary.confirmation, error),
        sum(_drop(values, verdict) <= 0 for seed in mined for verdict in seed),
        sum(_uncertain(true, verdict) for seed in mined for verdict in seed if verdict.confirmed),
    )


def _mean_error(true: Accuracies, mined: Drops) -> float:
    """Standard error of the mean over seeds of a seed's mean true drop."""
    means = [
        np.mean([np.mean([_drop(values, verdict) for verdict in seed]) for seed in mined if seed])
        for values in true.without()
    ]
    return jackknife(means)


def _uncertain(true: Accuracies, verdict: Verdict) -> bool:
    error = jackknife([_drop(values, verdict) for values in true.without()])
    return bool(abs(_drop(true.values(), verdict)) < 2 * error)


def jackknife(without: Sequence[float]) -> float:
    """Standard error, of the estimates without each block (Efron 1982, equation 3.5)."""
    values, count = np.asarray(without, np.float64), len(without)
    return float(np.sqrt((count - 1) / count * ((values - values.mean()) ** 2).sum()))


def _drop(values: Truth, verdict: Verdict) -> float:
    pair = verdict.pair
    assert pair is not None
    return values[pair.cls, pair.common] - values[pair.cls, pair.counter]


def _ends(design: Design, values: Truth, mined: Drops) -> Interval:
    """Of the confirmed strong pairs, those of the truly best and truly worst background."""
    exact, count = 0, 0
    for verdict in (verdict for seed in mined for verdict in seed):
        pair = verdict.pair
        if pair is None or not verdict.confirmed or pair.cls not in design.strong:
            continue
        accuracy = {name: values[pair.cls, name] for name in design.backgrounds}
        ranked = sorted(accuracy, key=accuracy.__getitem__)
        exact += (pair.counter, pair.common) == (ranked[0], ranked[-1])
        count += 1
    low, high = wilson(exact, max(count, 1))
    return Interval(exact / max(count, 1), float(low), float(high))


def _by_class(design: Design, mined: Drops) -> Mapping[str, tuple[int, int]]:
    verdicts = [verdict for seed in mined for verdict in seed]
    return {
        name: (
            sum(verdict.cls == name for verdict in verdicts),
            sum(verdict.cls == name and verdict.confirmed for verdict in verdicts),
        )
        for name in design.classes
    }


def lines(proof: Proof) -> list[str]:
    """The proof to read."""
    design, true, null = proof.design, proof.truths, proof.null
    return [
        f"{design.pictures:,} pictures: {design.truth:,} a class and background for the truth; "
        f"{design.seeds} corpora, {design.home} on home, {design.elsewhere} on each other "
        f"background, {100 * design.wrong:.0f} % of captions wrong",
        f"judge: keeps {100 * true.kept:.1f} % of rightly and {100 * true.vouched_wrongly:.2f} % "
        f"of wrongly captioned pictures; names the background of the kept rightly in "
        f"{100 * true.pure:.2f} %; {100 * proof.used:.1f} % of a corpus is used",
        "",
        "true accuracy, as drawn / of what the filters keep (its standard error), in %; * home",
        *_accuracy_lines(proof),
        f"pairs, all seeds: {sum(pairs for pairs, _ in proof.by_class.values())}, of which "
        f"{proof.confirmed} are confirmed",
        "",
        "against what the miner claims (the judge's groups, what the filters keep)",
        *_against_lines(proof.claimed),
        f"of the strong pairs found, truly best against truly worst {_percent(proof.ends)} %",
        "",
        "against the backgrounds and classes as drawn, all pictures",
        *_against_lines(proof.shown),
        "",
        f"{null.permutations} shuffles of a corpus's backgrounds within class: any discovery in "
        f"{null.discoveries}, {100 * null.share:.1f} % (at most {100 * null.limit:.1f} %)",
        f"the originals' rule on the same shuffles: any pair in {null.original_discoveries}, "
        f"{100 * null.original_share:.1f} %; {null.original_pairs:.1f} of {null.classes} classes a "
        "shuffle, all false",
    ]


def _against_lines(against: Against) -> list[str]:
    return [
        *against.summary.lines(),
        f"discovery, truth's own error in    {_percent(against.discovery.both)} points",
        f"confirmation, truth's own error in {_percent(against.confirmation.both)} points",
        f"pairs that are false, untested     {against.false_pairs}, all seeds",
        f"confirmed, true drop uncertain     {against.uncertain}",
    ]


def _accuracy_lines(proof: Proof) -> list[str]:
    design, without = proof.design, proof.truths.claimed.without()
    shown, claimed = proof.truths.shown.values(), proof.truths.claimed.values()
    heads = "".join(f" {name}".ljust(CELL) for name in design.backgrounds)
    rows = [f"{'class':<10}{'strength':<10}{heads}pairs  confirmed"]
    for name in design.classes:
        home, strength = STRENGTHS[name]
        cells = ""
        for place in ((name, background) for background in design.backgrounds):
            error = jackknife([values[place] for values in without])
            mark = "*" if place[1] == home else " "
            both = f"{100 * shown[place]:.1f} / {100 * claimed[place]:.1f}"
            cells += f"{mark}{both} ({100 * error:.1f})".ljust(CELL)
        pairs, confirmed = proof.by_class[name]
        rows.append(f"{name:<10}{strength:<10}{cells}{pairs:>5}{confirmed:>11}")
    return rows


def _percent(interval: Interval) -> str:
    estimate, low, high = (100 * value for value in interval)
    return f"{estimate:.2f} [{low:.2f}, {high:.2f}]"
