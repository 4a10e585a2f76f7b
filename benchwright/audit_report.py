"""What the command line says about audits."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchwright import console

if TYPE_CHECKING:
    from benchwright.cards.audits.running import Run

MOST_ROWS = 24
"""Numbers printed of an audit; the file has all."""


def audit_summary(runs: Sequence[Run]) -> list[dict[str, Any]]:
    """The outcome as plain values."""
    return [
        run.file.model_dump(mode="json")
        if run.file
        else {"audit": run.audit, "model": run.model, "why_not": run.why_not}
        for run in runs
    ]


def show_progressions(folder: Path, checkpoints: Path) -> None:
    """Print where the curves over a list of checkpoints lie."""
    from benchwright.cards.audits.progression import tables

    found = tables(folder, checkpoints.stem)
    if not found:
        console.say(f"{checkpoints}: no audit has two of these checkpoints, so there is no curve")
    for path in found:
        console.say(f"curves over {checkpoints.name}: {path.with_suffix('')}*.png and {path.name}")


def show_audits(folder: Path, runs: Sequence[Run]) -> None:
    """Print each audit's numbers, what was left out and why, and what to do next."""
    from benchwright.cards.audits.result import FEWEST

    for run in runs:
        if run.file is None:
            continue
        rows = [
            (r.measure, r.group or "all", f"{r.n:,}", f"{r.estimate:.3f}", r.interval)
            for r in run.file.results[:MOST_ROWS]
        ]
        columns = ("measure", "group", "n", "estimate", "95 % interval")
        console.table(f"{run.audit}, {run.model}", columns, rows)
        left = len(run.file.results) - len(rows)
        if left > 0:
            console.say(f"and {left} more numbers in {folder}/audits/{run.audit}")
        for note in run.notes:
            console.say(note)
    if any(r.is_thin for run in runs if run.file for r in run.file.results):
        console.say(f"too few: fewer than {FEWEST} samples, too few to conclude")
    for run in runs:
        if run.why_not:
            console.say(f"{run.audit} of {run.model} left out: {run.why_not}")
    console.next_step(f"benchwright card {folder}")
