"""What is left of each drop among pictures of like subject scale and brightness."""

from __future__ import annotations

from benchwright.cards.facts import Facts
from benchwright.cards.sections.collected.findings import findings, interval, points
from benchwright.cards.sections.markdown import escape, folded, joined, table
from benchwright.cards.sections.section import MINED_ONLY, Section
from benchwright.mined_findings import Matched

MOST_SHOWN = 30
"""Rows before the table is folded."""

COLUMNS = ("class", "drop", "matched drop", "unmatched, common", "unmatched, counter")


def text(facts: Facts) -> str:
    """How much is left on the mean, and class by class."""
    found = findings(facts).matched
    rows = [_cells(cls, of) for cls, of in sorted(found.items(), key=lambda i: (-i[1].raw, i[0]))]
    whole = table(COLUMNS, rows)
    both = [(of.raw, of.matched) for of in found.values() if of.matched is not None]
    mean = (
        f" Over the {len(both)} pairs that could be matched, the mean drop is "
        f"{points(sum(raw for raw, _ in both) / len(both))} points over all images and "
        f"{points(sum(within for _, within in both) / len(both))} among like ones."
        if both
        else ""
    )
    return joined(
        "A background goes with how large and how bright a subject appears. Within strata of an "
        "octave of subject scale by an eighth of brightness, common and counter are alike in both; "
        "the drops within strata, averaged with Mantel and Haenszel's weights, are the matched "
        "drop. Images in a stratum of one group alone are not compared. Pose and view are not "
        f"matched.{mean}",
        folded(f"All {len(rows)} pairs", whole) if len(rows) > MOST_SHOWN else whole,
        "In points, on the confirmation half; 95 % intervals of the matched drop by resampling "
        "clusters.",
    )


def _cells(cls: str, of: Matched) -> tuple[str, ...]:
    within = (
        interval(of.matched, of.low, of.high)
        if of.matched is not None and of.low is not None and of.high is not None
        else "no stratum holds both groups"
    )
    unmatched = f"{of.common_unmatched:,}", f"{of.counter_unmatched:,}"
    return escape(cls), points(of.raw), within, *unmatched


SECTION = Section(
    "### Matched Drops", text, kinds=MINED_ONLY, fills=lambda facts: bool(findings(facts).matched)
)
