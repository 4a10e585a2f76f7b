"""What the command line says about a download."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from benchwright import console

if TYPE_CHECKING:
    from benchwright.curation.download.download import DownloadReport
    from benchwright.curation.download.inaturalist import Photographs

PLACEHOLDERS_SHOWN = 5


def download_summary(report: DownloadReport) -> dict[str, Any]:
    """The report as JSON has it."""
    found = {
        "folder": str(report.folder),
        "shards": report.shards,
        "fetched": report.fetched,
        "seconds": round(report.seconds, 1),
        **asdict(report.summary),
        "downloaded": report.summary.downloaded,
    }
    if report.chosen is not None:
        chosen = {"chosen": dict(report.chosen.chosen), "licences": dict(report.chosen.licences)}
        found["inaturalist"] = chosen
    return found


def show_download(report: DownloadReport) -> None:
    """Print what became of the rows, where it failed, and what one would do now."""
    total = report.summary
    if report.chosen is not None:
        _show_chosen(report.chosen)
    console.table(f"{report.folder}", ("rows", "of all", ""), [
        (f"{count:,}", f"{count / max(total.rows, 1):.1%}", status)
        for status, count in total.status.items()
    ])  # fmt: skip
    if total.hosts:
        console.table(
            f"hosts with the most failures, of {total.hosts_in_all:,}",
            ("host", "rows", "downloaded", "mostly"),
            [(h.host, f"{h.rows:,}", f"{h.downloaded:,}", h.reason) for h in total.hosts],
        )
    for each in total.placeholders[:PLACEHOLDERS_SHOWN]:
        console.say(f"one picture at {each.addresses:,} addresses, such as {each.example}")
    if total.placeholder_rows:
        console.say(
            f"{total.placeholder_rows:,} rows got a picture that many addresses give; marked "
            "`placeholder` in rows.parquet"
        )
    if total.duplicate_rows:
        console.say(f"{total.duplicate_rows:,} rows share their picture with a few others")
    rate = report.fetched / max(report.seconds, 1e-9)
    if report.fetched:
        console.say(f"fetched {report.fetched:,} rows in {report.seconds:,.0f} s, {rate:,.0f}/s")
    else:
        console.say("nothing left to fetch")
    steps = [f"benchwright embed {report.folder} --model ViT-B-32/laion2b_s34b_b79k"]
    if total.passing:
        console.say(f"{total.passing:,} failures may pass: the same command with --retry")
    console.next_step(*steps)


def _show_chosen(chosen: Photographs) -> None:
    console.table("photographs chosen", ("class", "photographs"), [
        (name, f"{count:,}") for name, count in chosen.chosen.items()
    ])  # fmt: skip
    licences = ", ".join(f"{name} {count:,}" for name, count in chosen.licences.items())
    console.say(f"of these classes there are, by licence: {licences or 'none'}")
