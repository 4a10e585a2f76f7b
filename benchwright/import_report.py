"""What import says when it is done."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchwright import console

if TYPE_CHECKING:
    from benchwright.curation.importing.rebuilding import RebuildReport
    from benchwright.curation.mined.writing import Report


def written_summary(report: Report) -> dict[str, Any]:
    """A set of found images that was written, as plain values."""
    return {
        "folder": str(report.dataset.folder),
        "dataset_sha256": report.dataset.digest,
        "samples": {f"{c}/{s}": n for (c, s), n in report.dataset.splits().items()},
        "kept": report.kept,
        "written": report.written,
        "rejected": report.rejected,
    }


def rebuilt_summary(report: RebuildReport) -> dict[str, Any]:
    """A rebuilt set as plain values."""
    return {
        **written_summary(report.written),
        "wanted": report.wanted,
        "changed": report.changed,
        "gone": report.gone,
        "same": report.same,
    }


def show_written(report: Report) -> None:
    """Print what was written and what was left out, and what to do next."""
    folder = report.dataset.folder
    rows = [(c, s, f"{count:,}") for (c, s), count in report.dataset.splits().items()]
    console.table(f"{folder}", ("config", "split", "images"), rows)
    for reason, count in sorted(report.rejected.items(), key=lambda item: (-item[1], item[0])):
        console.say(f"left out: {count:,} {reason}")
    console.say(f"{report.written:,} images written, {report.kept:,} kept")
    _next(folder)


def show_rebuilt(report: RebuildReport) -> None:
    """Print what came back and what did not."""
    back = sum(report.written.dataset.splits().values())
    console.say(f"{report.written.dataset.folder}: {back:,} of {report.wanted:,} images are back")
    if report.changed:
        console.say(f"another image by now: {report.changed:,}")
    for reason, count in sorted(report.gone.items(), key=lambda item: (-item[1], item[0])):
        console.say(f"gone: {count:,} {reason}")
    if report.same:
        console.say("this is the published set, byte for byte")
    _next(report.written.dataset.folder)


def _next(folder: Path) -> None:
    console.next_step(
        f"benchwright show {folder}",
        f"benchwright verify {folder}",
        f"benchwright card {folder}",
    )
