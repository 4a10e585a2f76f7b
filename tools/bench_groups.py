"""Grouping and testing scored rows, at 1, 10 and 100 million: rows a second and peak memory.

    python tools/bench_groups.py --millions 1 10 --folder /tmp

Rows are synthetic and written by DuckDB: 1,000 classes on 14 backgrounds in no order, clusters of
three images on average, halves by cluster. Each size is measured in a process of its own, on two
threads: `check` refuses what would be counted wrong; `group and test` counts every class x
background x half with its clusters, finds pairs, tests them, and corrects over classes.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import duckdb

from benchwright.curation.mining import confirm, groups, pairs, scored
from benchwright.curation.mining.halves import half_sql

CLASSES, BACKGROUNDS, CLUSTER = 1000, 14, 3
"""Classes as in ImageNet, backgrounds as the originals' list, images a cluster on average."""

PART = 10_000_000
"""Rows a file: some 260 MB."""

MILLION = 1_000_000

BYTES_A_ROW = 70
"""Disk that a row takes: its file, and what is spilled while it is grouped."""

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


def generate(folder: Path, count: int) -> None:
    """Write ``count`` rows, ``PART`` a file."""
    clusters = max(1, count // CLASSES // CLUSTER)
    with duckdb.connect(config={"threads": 2, "memory_limit": "3GB"}) as connection:
        for number, start in enumerate(range(0, count, PART)):
            values = {
                "half": half_sql(0), "classes": CLASSES, "backgrounds": BACKGROUNDS,
                "clusters": clusters, "start": start, "stop": min(start + PART, count),
                "path": folder / f"rows-{number:03d}.parquet",
            }  # fmt: skip
            connection.execute(ROWS.format(**values))


def measure(folder: Path) -> dict[str, float]:
    """Check, group and test the rows of a folder; seconds of each, and peak memory in MB."""
    marks, used = [time.perf_counter()], [time.process_time()]
    with scored.opened(folder, scored.Limits(spill=folder)) as rows:
        table = groups.tabulate(rows)
        verdicts = confirm.confirm(table, pairs.find(table))
        marks.append(time.perf_counter())
        used.append(time.process_time())
        scored.check(rows)
        marks.append(time.perf_counter())
    return {
        "group and test": marks[1] - marks[0],
        "CPU": used[1] - used[0],
        "check": marks[2] - marks[1],
        "peak MB": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
        "confirmed": sum(verdict.confirmed for verdict in verdicts),
        "groups": len(table.groups),
    }


def main() -> None:
    """Print a line a size."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--millions", type=float, nargs="+", default=[1, 10, 100])
    parser.add_argument("--folder", type=Path, default=Path(tempfile.gettempdir()))
    parser.add_argument("--measure", type=Path, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.measure:
        print(json.dumps(measure(arguments.measure)))
        return
    print(
        "| rows | group and test, s | CPU s | rows a second | check, s | peak MB | file MB | load |"
    )
    print("|---|---|---|---|---|---|---|---|")
    for millions in arguments.millions:
        count = int(millions * MILLION)
        if shutil.disk_usage(arguments.folder).free < count * BYTES_A_ROW:
            raise SystemExit(f"{arguments.folder}: too little room for {count:,} rows")
        with tempfile.TemporaryDirectory(dir=arguments.folder) as temporary:
            folder = Path(temporary)
            generate(folder, count)
            size = sum(file.stat().st_size for file in folder.glob("*.parquet")) / 1e6
            command = [sys.executable, __file__, "--measure", str(folder)]
            answer = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
            found = json.loads(answer.stdout)
            print(
                f"| {count:,} | {found['group and test']:.1f} | {found['CPU']:.1f} "
                f"| {count / found['group and test']:,.0f} | {found['check']:.1f} "
                f"| {found['peak MB']:,.0f} | {size:,.0f} | {os.getloadavg()[0]:.1f} |",
                flush=True,
            )


if __name__ == "__main__":
    main()
