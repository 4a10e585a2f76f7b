"""What card, publish, pull and export say when they are done."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchwright import console
from benchwright.verification import Problem

if TYPE_CHECKING:
    from benchwright.cards.exports import ExportReport
    from benchwright.cards.publish import PublishReport
    from benchwright.cards.pull import PullReport

MOST_LINES = 20
"""Lines of one kind printed one by one; --json has them all."""


def card_summary(names: Sequence[str], problems: Sequence[Problem]) -> dict[str, Any]:
    """A card and what is wrong with it, as plain values."""
    faults = [{"where": problem.where, "what": problem.what} for problem in problems]
    return {"written": list(names), "problems": faults}


def show_card(folder: Path, names: Sequence[str], problems: Sequence[Problem]) -> None:
    """Print what was written, and what keeps it from being published."""
    figures = sum(name.startswith("figures/") for name in names)
    texts = ", ".join(name for name in names if not name.startswith(("figures/", "references/")))
    console.say(f"{folder}: {texts}, {figures} figures")
    _lines([f"{problem.where}: {problem.what}" for problem in problems], console.fail)
    if not problems:
        console.next_step(f"benchwright publish {folder} --to ORG/NAME --version 1.0.0 --dry-run")


def publish_summary(report: PublishReport) -> dict[str, Any]:
    """The outcome of publishing as plain values."""
    return {**asdict(report), "version": str(report.version)}


def show_publish(folder: Path, report: PublishReport) -> None:
    """Print what was sent, or would be, and what to do next."""
    console.say(
        f"{report.place}@{report.version}: {report.state}"
        + (f" as {report.revision}" if report.revision else "")
    )
    console.say(
        f"samples: {report.added:,} added, {report.removed:,} removed, {report.changed:,} changed, "
        f"{report.unchanged:,} unchanged"
    )
    size = f"{report.bytes_to_send / 1e6:,.1f} MB"
    console.say(
        f"files: {len(report.add):,} to send ({size}), {len(report.keep):,} there already, "
        f"{len(report.delete):,} to go"
    )
    _lines([f"left out: {line}" for line in report.left_out], console.say)
    _lines([f"hint: {line}" for line in report.hints], console.say)
    if report.state == "dry run":
        console.next_step(
            f"benchwright publish {folder} --to {report.place} --version {report.version}"
        )
    else:
        console.next_step(f"benchwright pull {report.place}@{report.version}")


def pull_summary(report: PullReport) -> dict[str, Any]:
    """The outcome of a pull as plain values."""
    left_out = [{"path": path, "reason": reason} for path, reason in report.left_out]
    return {**asdict(report), "folder": str(report.folder), "left_out": left_out}


def show_pull(report: PullReport) -> None:
    """Print what lies where now, and what to do next."""
    version = f"@{report.version}" if report.version else f" at {report.revision[:12]}"
    console.say(
        f"{report.folder}: {report.source}{version}, {report.files:,} files, "
        f"{report.bytes / 1e6:,.1f} MB, every byte checked ({report.fetched:,} fetched, "
        f"{report.kept:,} here already)"
    )
    _lines([f"left out: {path}: {reason}" for path, reason in report.left_out], console.say)
    if report.payload == "references":
        console.say("this set publishes references only: its images are rebuilt, not pulled")
        console.next_step(report.rebuild)
    elif report.ours:
        console.next_step(f"benchwright show {report.folder}")


def export_summary(report: ExportReport) -> dict[str, Any]:
    """The outcome of an export as plain values."""
    left_out = [{"what": what, "reason": reason} for what, reason in report.left_out]
    return {**asdict(report), "out": str(report.out), "left_out": left_out}


def show_export(report: ExportReport) -> None:
    """Print what was written and what was not."""
    console.say(f"{report.out}: {report.samples:,} samples as {report.format}")
    _lines([f"left out: {what}: {reason}" for what, reason in report.left_out], console.say)


def _lines(lines: Sequence[str], show: Any) -> None:
    for line in lines[:MOST_LINES]:
        show(line)
    if len(lines) > MOST_LINES:
        console.say(f"... and {len(lines) - MOST_LINES} more; --json lists all")
