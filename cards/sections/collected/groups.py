"""The group table: each class's pair of backgrounds, with both drops and their intervals."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import partial

from benchwright.cards.facts import Facts
from benchwright.cards.sections.collected import findings
from benchwright.cards.sections.markdown import count, escape, folded, joined, table
from benchwright.cards.sections.section import MINED_ONLY, Drawing, Section
from benchwright.dataset import GROUPS
from benchwright.errors import DatasetError
from benchwright.group_table import FREQUENCY, GroupRow, read
from benchwright.verification import Problem

FIGURE = "groups.png"
MOST_SHOWN = 30
"""Classes in the figure, the greatest drops first; rows before the table is folded."""

COLUMNS = ("class", "common", "counter", "n common", "n counter", "accuracy", "drop, discovery",
           "drop, confirmation", "adjusted p", "confirmed")  # fmt: skip


def text(facts: Facts) -> str:
    """What was confirmed, the figure, the table."""
    rows = read(facts.folder)
    if not rows:
        return joined("No class has a pair of backgrounds that could be tested.", _pairless(facts))
    whole = table(COLUMNS, [_cells(row) for row in _ordered(rows)])
    return joined(
        _verdict(rows),
        f"![Drop in accuracy by class, on both halves](figures/{FIGURE})",
        folded(f"All {len(rows)} classes", whole) if len(rows) > MOST_SHOWN else whole,
        "Accuracy and n are of the confirmation half, common to counter. Intervals are 95 %; those "
        "of the discovery half take no account of the choice that was made there.",
        _pairless(facts),
    )


def figures(facts: Facts) -> Mapping[str, Drawing]:
    """Dots and whiskers of both drops."""
    rows = _safe(facts)
    return {FIGURE: partial(_draw, rows)} if rows else {}


def faults(facts: Facts) -> Iterator[Problem]:
    """A table, or findings, that cannot be read."""
    yield from findings.faults(facts)
    try:
        read(facts.folder)
    except DatasetError as error:
        yield Problem(GROUPS, str(error))


def _safe(facts: Facts) -> list[GroupRow]:
    try:
        return read(facts.folder)
    except DatasetError:
        return []  # lint names it


def _pairless(facts: Facts) -> str:
    """The classes that were looked for and have no pair, each with its reason and counts."""
    reasons = findings.findings(facts).without_pair
    if not reasons:
        return ""
    lines = [(escape(cls), escape(reasons[cls])) for cls in sorted(reasons)]
    title = f"{count(len(lines), 'class has', 'classes have')} no pair to test"
    return folded(title, table(("class", "why: images on each background, by half"), lines))


def _ordered(rows: list[GroupRow]) -> list[GroupRow]:
    return sorted(rows, key=lambda row: (-row.drop_confirmation, row.cls))


def _verdict(rows: list[GroupRow]) -> str:
    confirmed = [row for row in rows if row.confirmed]
    chosen = sum(row.drop_discovery for row in rows) / len(rows)
    tested = sum(row.drop_confirmation for row in rows) / len(rows)
    frequency = any(row.pairing == FREQUENCY for row in rows)
    common = "the most frequent background" if frequency else "the one with the highest accuracy"
    return (
        f"For each class, a pair of backgrounds was chosen on one half of its images (common: "
        f"{common}) and tested on the other. Of {count(len(rows), 'pair')}, **{len(confirmed)}** "
        f"{'was' if len(confirmed) == 1 else 'were'} confirmed. The mean drop is "
        f"{100 * chosen:.1f} points where the pairs were chosen and {100 * tested:.1f} where they "
        "were tested. A difference that was chosen for being the greatest of several is too large "
        "on average, so only the second number is to be quoted."
    )


def _cells(row: GroupRow) -> tuple[str, ...]:
    accuracy = f"{100 * row.accuracy_common:.1f} to {100 * row.accuracy_counter:.1f}"
    return (
        escape(row.cls), escape(row.common), escape(row.counter), f"{row.n_common:,}",
        f"{row.n_counter:,}", accuracy,
        _drop(row.drop_discovery, row.low_discovery, row.high_discovery),
        _drop(row.drop_confirmation, row.low, row.high), f"{row.p_adjusted:.2g}",
        "yes" if row.confirmed else f"no: {escape(row.reason)}" if row.reason else "no",
    )  # fmt: skip


def _drop(value: float, low: float, high: float) -> str:
    return f"{100 * value:.1f} ({100 * low:.1f} to {100 * high:.1f})"


def _draw(rows: list[GroupRow]) -> bytes:
    from benchwright.cards.figures.plots import Estimate, interval_plot

    shown = _ordered(rows)[:MOST_SHOWN]
    halves = {
        "confirmation half": [
            Estimate(r.cls, 100 * r.drop_confirmation, 100 * r.low, 100 * r.high) for r in shown
        ],
        "discovery half (where the pair was chosen)": [
            Estimate(r.cls, 100 * r.drop_discovery, 100 * r.low_discovery, 100 * r.high_discovery)
            for r in shown
        ],
    }
    cut = f": the {MOST_SHOWN} greatest of {len(rows)}" if len(rows) > MOST_SHOWN else ""
    return interval_plot(
        f"Common minus counter{cut}", "drop in accuracy, points", halves, [r.cls for r in shown]
    )


SECTION = Section(
    "### Groups", text, needs=(GROUPS,), figures=figures, faults=faults, kinds=MINED_ONLY
)
