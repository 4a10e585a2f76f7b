"""What a table was measured on, and with which versions: numbers mean little without."""

from __future__ import annotations

import os
import platform
import shutil
import subprocess
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib import metadata
from pathlib import Path

from benchwright import engine

LIBRARIES = (
    "benchwright", "numpy", "opencv-python", "pillow", "pyarrow", "duckdb", "torch",
    "open_clip_torch", "mitsuba", "typer", "rich",
)  # fmt: skip
"""Those that the measured work is done by, or compared with."""


@dataclass(frozen=True, slots=True)
class Machine:
    """A machine's class, and the day.

    Attributes:
        date: ISO, of UTC.
        processor: its model, as it calls itself.
        cores: that this process may use.
        memory: GB.
        load: what else it did as the run began: processes that were running, over the last minute.
        accelerators: their names; empty where there is none.
        python: version.
        versions: library to version, of those installed.
    """

    date: str
    processor: str
    cores: int
    memory: float
    load: float
    accelerators: tuple[str, ...]
    python: str
    versions: dict[str, str]

    def __str__(self) -> str:
        beside = ", ".join(self.accelerators) or "no GPU"
        cores = f"{self.cores} core{'s' * (self.cores > 1)}"
        return f"{self.date}: {self.processor}, {cores}, {self.memory:.0f} GB, {beside}"


def this_machine() -> Machine:
    """The machine that this runs on."""
    return Machine(
        datetime.now(UTC).date().isoformat(), _processor(), engine.cores(), _memory(),
        os.getloadavg()[0], _accelerators(), platform.python_version(), _versions(),
    )  # fmt: skip


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        lines = []
    named = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(named, platform.processor() or platform.machine())


def _memory() -> float:
    return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1e9


def _accelerators() -> tuple[str, ...]:
    if not shutil.which("nvidia-smi"):
        return ()
    command = ["nvidia-smi", "--query-gpu=name", "--format=csv,noheader"]
    ran = subprocess.run(command, capture_output=True, text=True, check=False)
    return tuple(ran.stdout.split("\n")[:-1]) if ran.returncode == 0 else ()


def _versions() -> dict[str, str]:
    found = {}
    for name in LIBRARIES:
        try:
            found[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            continue
    return found
