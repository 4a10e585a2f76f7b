"""How long commands take to begin: --help against its libraries alone, the demo with warm sprites.

python tools/bench_start.py [--rounds 9]
"""

from __future__ import annotations

import argparse
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence

from benchwright import console

LIBRARIES = "import typer, typer.rich_utils, rich.progress"
"""What any command line of this kind imports before it can print its help."""


def main() -> None:
    """Measure in turns and print the ratio of the medians."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=9)
    asked = parser.parse_args()
    commands = {
        "python": ["-c", "pass"],
        "typer and rich": ["-c", LIBRARIES],
        "benchwright --help": ["-m", "benchwright", "--help"],
    }
    taken: dict[str, list[float]] = {name: [] for name in commands}
    for _ in range(asked.rounds):
        for name, arguments in commands.items():
            taken[name].append(seconds(arguments))
    base = statistics.median(taken["typer and rich"])
    rows = [
        (name, f"{statistics.median(found) * 1e3:.0f} ms", f"{statistics.median(found) / base:.2f}")
        for name, found in taken.items()
    ]
    console.table(f"start, median of {asked.rounds}", ("what", "time", "ratio"), rows)
    with tempfile.TemporaryDirectory(prefix="bench-start-") as folder:
        build = ["-m", "benchwright", "build", "simco-demo", "--out"]
        seconds([*build, f"{folder}/first"])  # sprites are in the cache from here on
        again = [seconds([*build, f"{folder}/{number}"]) for number in range(3)]
    console.say(
        f"build simco-demo, sprites in the cache: {statistics.median(again):.1f} s (aim: 10)"
    )


def seconds(arguments: Sequence[str]) -> float:
    """Wall seconds of a Python process."""
    began = time.perf_counter()
    subprocess.run([sys.executable, *arguments], check=True, capture_output=True)
    return time.perf_counter() - began


if __name__ == "__main__":
    main()
