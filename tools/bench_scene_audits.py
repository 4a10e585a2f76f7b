"""CPU seconds of every audit of a set that is there, at a first look and at a second.

    python tools/bench_scene_audits.py [runs/simco-demo] [--model calibration/planted]

The first look begins with an empty cache; the second finds the vectors of pictures and texts.
"""

from __future__ import annotations

import argparse
import os
import resource
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TypeVar

from benchwright.cards.audits.registry import audit
from benchwright.cards.audits.settings import settings_of
from benchwright.cards.audits.subject import seen_by

T = TypeVar("T")


def main() -> None:
    """Run all audits that fit twice, and print a line each."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path, nargs="?", default=Path("runs/simco-demo"))
    parser.add_argument("--model", default="calibration/planted")
    parser.add_argument("--looks", type=int, default=2)
    parser.add_argument("--only", default="", help="audits between commas")
    options = parser.parse_args()
    only = [name for name in options.only.split(",") if name]
    with tempfile.TemporaryDirectory(prefix="benchwright-bench-") as cache:
        os.environ["BENCHWRIGHT_CACHE"] = cache
        for look in range(options.looks):
            print(f"look {look + 1}")
            _counted("all", partial(_look, options.folder, options.model, only))


def _look(folder: Path, model: str, only: list[str]) -> None:
    subject = _counted("embedding", lambda: seen_by(folder, model))
    for name, settings in (settings_of((), only) if only else settings_of(())).items():
        asked = audit(name)
        if not asked.misfit(subject):
            _counted(name, partial(asked.run, subject, settings))


def _counted(name: str, run: Callable[[], T]) -> T:
    start, used = time.perf_counter(), _cpu_seconds()
    done = run()
    print(f"{name}: {_cpu_seconds() - used:.1f} CPU s, {time.perf_counter() - start:.1f} s")
    return done


def _cpu_seconds() -> float:
    """Of this process, its threads, and the processes it waited for."""
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(usage.ru_utime + usage.ru_stime for usage in used)


if __name__ == "__main__":
    main()
