"""What a command says when it is done, and the run's own facts (times, machine)."""

from __future__ import annotations

import platform
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchwright import console
from benchwright.dataset import PARQUET, RUN, TAR, write_json
from benchwright.engine import default_workers

if TYPE_CHECKING:
    from benchwright.builders.build import Report as BuildReport
    from benchwright.verification import Report as VerifyReport

SAMPLES = {TAR: ("scenes", "drawn"), PARQUET: ("captions", "written")}
"""What a set's samples are, and how they come about, by how its shards' names end."""

MOST_PROBLEMS = 20
"""Problems printed one by one; --json has them all."""


def build_summary(report: BuildReport, seconds: float) -> dict[str, Any]:
    """The outcome of a build as plain values."""
    return {
        "folder": str(report.dataset.folder),
        "dataset_sha256": report.dataset.digest,
        "samples": {f"{c}/{s}": n for (c, s), n in report.dataset.splits().items()},
        "kept": report.kept,
        "copied": report.copied,
        "rendered": report.rendered,
        "left_out": list(report.empty),
        "seconds": round(seconds, 3),
    }


def write_run(report: BuildReport, seconds: float) -> None:
    """Write ``run.json``: what is true of this run alone and is never published."""
    machine = {"machine": platform.machine(), "system": platform.system(),
               "python": platform.python_version(), "cores": default_workers()}  # fmt: skip
    write_json(report.dataset.folder / RUN, {**build_summary(report, seconds), **machine})


def show_build(report: BuildReport, seconds: float) -> None:
    """Print the outcome of a build and what to do next."""
    folder, (samples, made) = report.dataset.folder, SAMPLES[report.dataset.ending]
    rows = [
        (config, split, f"{count:,}", *_spreads(report, config, split))
        for (config, split), count in report.dataset.splits().items()
    ]
    columns = ("config", "split", samples, "each object a position", "each object a slot")
    console.table(f"{folder}", columns, rows)
    for name in report.empty:
        console.say(f"{name}: no scene of the recipe falls here; the split is left out")
    total = report.kept + report.copied + report.rendered
    console.say(
        f"{total:,} {samples} in {seconds:.1f} s: {report.rendered:,} {made}, "
        f"{report.copied:,} copied, {report.kept:,} kept"
    )
    shows = [f"benchwright show {folder}"] if report.dataset.ending == TAR else []
    console.next_step(*shows, f"benchwright verify {folder}")


def _spreads(report: BuildReport, config: str, split: str) -> tuple[str, str]:
    """Twins mix layouts and follow their originals' balance: a spread of theirs says nothing."""
    return ("-", "-") if config == "twins" else report.balance.spreads(config, split)


def verify_summary(report: VerifyReport) -> dict[str, Any]:
    """The outcome of a verification as plain values."""
    problems = [{"where": p.where, "what": p.what} for p in report.problems]
    return {"samples": report.samples, "shards": report.shards, "bytes": report.bytes,
            "opened": report.opened, "recomposed": report.recomposed,
            "problems": problems}  # fmt: skip


def show_verify(folder: Path, report: VerifyReport, seconds: float) -> None:
    """Print the outcome of a verification, the first problems by name."""
    for problem in report.problems[:MOST_PROBLEMS]:
        console.fail(f"{problem.where}: {problem.what}")
    if len(report.problems) > MOST_PROBLEMS:
        console.say(f"... and {len(report.problems) - MOST_PROBLEMS} more; --json lists all")
    if report.opened and not report.recomposed:
        console.say(
            "full areas were not recomposed: the scenes are not of the sprites that are here"
        )
    looked = f"{report.samples:,} samples in {report.shards} shards, {report.bytes / 1e6:,.1f} MB"
    if report.problems:
        count = len(report.problems)
        console.say(f"{folder}: {count} problem{'s' * (count > 1)} in {looked}")
        console.next_step("benchwright build again with the same recipe and --out mends the shards")
    else:
        how = "every one checked" if report.opened else "every byte hashed, no sample opened,"
        console.say(f"{folder}: sound. {looked}, {how} in {seconds:.1f} s")
