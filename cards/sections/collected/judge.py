"""How far the judge is to be believed, where the truth of some images is known."""

from __future__ import annotations

from collections.abc import Sequence

from benchwright.cards.facts import Facts
from benchwright.cards.sections.collected.findings import findings, interval
from benchwright.cards.sections.markdown import count, escape, folded, joined, table
from benchwright.cards.sections.section import MINED_ONLY, Section
from benchwright.mined_findings import ALL, Judge, JudgeCell
from benchwright.statistics.intervals import wilson

COLUMNS = ("class", "background", "images", "vouched for", "background named", "named rightly")


def text(facts: Facts) -> str:
    """Over all images; by background, by class, and by both."""
    judge = findings(facts).judge or Judge((), 0, 0, None)
    overall = judge.overall
    wrong = (
        f" Of {count(judge.wrong_claims, 'image')} that claim a class they do not show, it vouches "
        f"for {judge.wrong_vouched:,}."
        if judge.wrong_claims
        else ""
    )
    error = (
        f" Its probability of a background is off by {100 * judge.calibration_error:.1f} points on "
        "average (expected calibration error)."
        if judge.calibration_error is not None
        else ""
    )
    wide = [cell for cell in judge.cells if ALL in (cell.cls, cell.background)]
    fine = [cell for cell in judge.cells if ALL not in (cell.cls, cell.background)]
    return joined(
        f"Of {count(overall.n, 'image')} it is known what they show. A judge that doubts a class "
        "more on rare backgrounds keeps the easier images there, and the drop comes out too small: "
        "compare the rows of a class."
        f"{wrong}{error}",
        table(COLUMNS, _rows(wide)),
        folded("By class and background", table(COLUMNS, _rows(fine))) if fine else "",
        "Shares in %, with Wilson's 95 % intervals: of the images that claim the class they show, "
        "those whose class the judge vouches for and those whose background it names; of these, "
        "those named rightly.",
    )


def _rows(cells: Sequence[JudgeCell]) -> list[tuple[str, ...]]:
    return [
        (
            escape(cell.cls) or "all", escape(cell.background) or "all", f"{cell.n:,}",
            _share(cell.vouched, cell.n), _share(cell.named, cell.n),
            _share(cell.right, cell.named),
        )
        for cell in cells
    ]  # fmt: skip


def _share(k: int, n: int) -> str:
    if not n:
        return "-"
    low, high = wilson(k, n)
    return interval(k / n, float(low), float(high))


SECTION = Section(
    "### Judge", text, kinds=MINED_ONLY, fills=lambda facts: findings(facts).judge is not None
)
