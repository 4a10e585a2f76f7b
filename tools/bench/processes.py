"""Processes measured from outside: seconds by the clock, of CPU, and the most memory held."""

from __future__ import annotations

import os
import resource
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from benchwright.errors import BenchwrightError

EVERY = 0.2
"""Seconds between looks at the memory of a family of processes."""


@dataclass(frozen=True, slots=True)
class Used:
    """What a process took, with all that it started and waited for.

    Attributes:
        wall: seconds by the clock.
        cpu: seconds of CPU.
        peak: the most memory, MB: of the family, what several share counted once.
        output: what it wrote to stdout.
    """

    wall: float
    cpu: float
    peak: float
    output: str


def benchwright(*arguments: object) -> Used:
    """Run a command of ours in a process of its own."""
    return measured([sys.executable, "-m", "benchwright", *map(str, arguments)])


def measured(command: Sequence[str], environment: Mapping[str, str] | None = None) -> Used:
    """Run a command and see what it takes.

    Args:
        command: the program and its arguments.
        environment: variables to set besides those that are.

    Raises:
        BenchwrightError: it failed; with the last line that it said.
    """
    variables = {**os.environ, **(environment or {})}
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as errors:
        begun = time.perf_counter()
        process = subprocess.Popen(list(command), stdout=out, stderr=errors, env=variables)
        memory = _Memory(process.pid)
        try:
            _, status, usage = os.wait4(process.pid, 0)
        except BaseException:
            process.kill()
            raise
        wall = time.perf_counter() - begun
        process.returncode = os.waitstatus_to_exitcode(status)
        out.seek(0)
        if process.returncode:
            errors.seek(0)
            said = _last(errors.read().decode("utf-8", "replace"))
            shown = " ".join(" ".join(command).split())[:200]
            raise BenchwrightError(f"{shown}: {said}")
        output = out.read().decode("utf-8", "replace")
    peak = max(memory.stop(), usage.ru_maxrss / 1024)
    return Used(wall, usage.ru_utime + usage.ru_stime, peak, output)


def _last(text: str) -> str:
    """The last line that says something: frames around a message don't."""
    lines = (line.strip(" \n│") for line in reversed(text.splitlines()))
    said = next((line for line in lines if any(map(str.isalnum, line))), "no word of why")
    return said[:300]


class _Memory(threading.Thread):
    """Watches a process and its children: the largest sum of what each holds for itself, in MB."""

    def __init__(self, pid: int) -> None:
        super().__init__(daemon=True)
        self._pid, self._most, self._over = pid, 0.0, threading.Event()
        self.start()

    def run(self) -> None:
        """Look now and then."""
        while not self._over.wait(EVERY):
            self._most = max(self._most, sum(map(_proportional, _family(self._pid))))

    def stop(self) -> float:
        """The peak."""
        self._over.set()
        self.join()
        return self._most


def _family(pid: int) -> list[int]:
    children = Path(f"/proc/{pid}/task/{pid}/children")
    try:
        return [pid, *(m for child in children.read_text().split() for m in _family(int(child)))]
    except OSError:
        return []  # gone meanwhile, or no Linux


def _proportional(pid: int) -> float:
    """MB a process holds, memory that it shares divided by the number of its sharers."""
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    except OSError:
        return 0.0
    return sum(int(line.split()[1]) for line in lines if line.startswith("Pss:")) / 1024


@dataclass(slots=True)
class Clock:
    """What a block took; filled in when it ends.

    Attributes:
        wall: seconds by the clock.
        cpu: seconds of CPU, of this process, its threads, and the processes it waited for.
    """

    wall: float = field(default=0.0)
    cpu: float = field(default=0.0)


@contextmanager
def clocked() -> Iterator[Clock]:
    """Measure a block of this process."""
    clock, wall, cpu = Clock(), time.perf_counter(), _cpu()
    try:
        yield clock
    finally:
        clock.wall, clock.cpu = time.perf_counter() - wall, _cpu() - cpu


def _cpu() -> float:
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(usage.ru_utime + usage.ru_stime for usage in used)
