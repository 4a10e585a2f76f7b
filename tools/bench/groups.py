"""Grouping and testing scored rows, by the million: seconds, growth and memory.

Rows are synthetic and written by DuckDB: 1,000 classes on 14 backgrounds in no order, clusters of
three images on average, halves by cluster. Each size is measured in a process of its own, on two
threads: every class x background x half is counted with its clusters, pairs are found and tested,
and corrected over classes; then ``check`` looks for what would be counted wrong.
"""

from __future__ import annotations

import json
import shutil
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

from benchwright import console
from benchwright.bench.processes import measured
from benchwright.bench.rows import Row, Sizes, at_most, shown

CLASSES, BACKGROUNDS, CLUSTER = 1000, 14, 3
"""Classes as in ImageNet, backgrounds as the originals' list, images a cluster on average."""

PART = 10_000_000
"""Rows a file: some 260 MB."""

MILLION = 1_000_000

BYTES_A_ROW = 70
"""Disk that a row takes: its file, and what is spilled while it is grouped."""

AIMED = 100.0
"""Millions of rows that the aims in seconds and memory are about."""

ROWS = """
COPY (
  SELECT *, {half} AS half FROM (
    SELECT printf('%016x', hash(i)) AS key, 'class ' || c AS cls,
      'background ' || (hash(i, 2) % {backgrounds}) AS background,
      c || '/' || (hash(i, 3) % {clusters}) AS cluster,
      (hash(i, 4) % 1000) < 500 + 30 * (hash(i, 2) % {backgrounds}) % 300 AS correct,
      'class ' || (hash(i, 5) % {classes}) AS prediction,
      (hash(i, 6) % 1000 / 1000)::FLOAT AS score,
      (hash(i, 7) % 100 / 100)::FLOAT AS background_probability,
      (hash(i, 8) % 100 / 100)::FLOAT AS background_margin,
      (hash(i, 9) % 1000 / 1000)::FLOAT AS subject_scale,
      (hash(i, 10) % 256 / 255)::FLOAT AS brightness
    FROM (SELECT i, hash(i, 1) % {classes} AS c FROM range({start}, {stop}) t(i)))
) TO '{path}' (FORMAT parquet, COMPRESSION zstd)
"""


@dataclass(frozen=True, slots=True)
class Taken:
    """What some rows took: seconds by the clock and of CPU, seconds of the check, MB of memory."""

    millions: float
    seconds: float
    cpu: float
    check: float
    peak: float


def rows(sizes: Sizes) -> Iterator[Row]:
    """Of every size: its time; how it grew since the one before; and the most memory."""
    taken = []
    for millions in sizes.millions:
        name, aim = f"{_name(millions)} rows", at_most(120) if millions == AIMED else None
        needed = millions * MILLION * BYTES_A_ROW
        if shutil.disk_usage(sizes.folder).free < needed:
            note = f"{sizes.folder} lacks the {needed / 1e9:.0f} GB: name another by --folder"
            yield Row(name, None, "s", aim, note)
            continue
        found = _measured(sizes.folder, millions)
        taken.append(found)
        rate = millions * MILLION / found.seconds
        note = f"{rate:,.0f} a second, {found.cpu:.1f} CPU s; check {found.check:.1f} s more"
        yield Row(name, found.seconds, "s", aim, note)
    for less, more in pairwise(taken):
        growth = more.seconds / less.seconds / (more.millions / less.millions)
        name = f"growth of time / of rows, {_name(less.millions)} to {_name(more.millions)}"
        aim = at_most(1.3) if more.millions == AIMED else None
        yield Row(name, growth, "", aim, "1 is linear; small sizes are mostly start")
    if taken:
        most = max(taken, key=lambda found: found.peak)
        yield Row("peak memory", most.peak, "MB", at_most(4000), f"at {_name(most.millions)}")


def _name(millions: float) -> str:
    return f"{shown(millions)} million" if millions >= 1 else f"{millions * MILLION:,.0f}"


def _measured(folder: Path, millions: float) -> Taken:
    with tempfile.TemporaryDirectory(prefix="bench-groups-", dir=folder) as temporary:
        generate(Path(temporary), round(millions * MILLION))
        used = measured([sys.executable, "-m", "benchwright.bench.groups", temporary])
    fields = json.loads(used.output)
    return Taken(millions, fields["seconds"], fields["cpu"], fields["check"], used.peak)


def generate(folder: Path, count: int) -> None:
    """Write ``count`` rows, ``PART`` a file."""
    import duckdb

    from benchwright.curation.mining.halves import half_sql

    clusters = max(1, count // CLASSES // CLUSTER)
    with duckdb.connect(config={"threads": 2, "memory_limit": "3GB"}) as connection:
        for number, start in enumerate(range(0, count, PART)):
            values = {
                "half": half_sql(0), "classes": CLASSES, "backgrounds": BACKGROUNDS,
                "clusters": clusters, "start": start, "stop": min(start + PART, count),
                "path": folder / f"rows-{number:03d}.parquet",
            }  # fmt: skip
            connection.execute(ROWS.format(**values))


def grouped(folder: Path) -> dict[str, float]:
    """Group, test and check the rows of a folder here; seconds by the clock and of CPU."""
    from benchwright.curation.mining import confirm, groups, pairs, scored

    begun, used = time.perf_counter(), time.process_time()
    with scored.opened(folder, scored.Limits(spill=folder)) as opened:
        table = groups.tabulate(opened)
        verdicts = confirm.confirm(table, pairs.find(table))
        seconds, cpu = time.perf_counter() - begun, time.process_time() - used
        begun = time.perf_counter()
        scored.check(opened)
    return {"seconds": seconds, "cpu": cpu, "check": time.perf_counter() - begun,
            "groups": len(table.groups), "tested": len(verdicts)}  # fmt: skip


if __name__ == "__main__":
    console.data_json(grouped(Path(sys.argv[1])))
