"""Starting: ``--help`` beside the import of what prints it, and a demo whose sprites are ready."""

from __future__ import annotations

import statistics
import sys
import tempfile
from collections.abc import Iterator

from benchwright.bench.processes import benchwright, measured
from benchwright.bench.rows import Row, Sizes, at_most

LIBRARIES = "import typer, typer.rich_utils, rich.progress"
"""What any command line of this kind imports before it can print its help."""

A_ROUND = 3
"""Starts a round: one takes a fifth of a second, and varies by a tenth."""


def rows(sizes: Sizes) -> Iterator[Row]:
    """In turns, so that whatever else the machine does disturbs all alike."""
    commands = {
        "libraries": [sys.executable, "-c", LIBRARIES],
        "help": [sys.executable, "-m", "benchwright", "--help"],
    }
    taken: dict[str, list[float]] = {name: [] for name in commands}
    for _ in range(A_ROUND * sizes.rounds):
        for name, command in commands.items():
            taken[name].append(measured(command).wall)
    base, shown = (statistics.median(taken[name]) for name in commands)
    note = f"{shown * 1e3:.0f} ms over {base * 1e3:.0f}, medians of {A_ROUND * sizes.rounds}"
    yield Row("--help / importing typer with rich", shown / base, "", at_most(1.5), note)
    with tempfile.TemporaryDirectory(prefix="bench-start-", dir=sizes.folder) as folder:
        benchwright("build", "simco-demo", "--out", f"{folder}/first")  # its sprites stay cached
        again = [
            benchwright("build", "simco-demo", "--out", f"{folder}/{number}").wall
            for number in range(sizes.rounds)
        ]
    note = f"median of {len(again)}"
    yield Row("build simco-demo, sprites cached", statistics.median(again), "s", at_most(10), note)
