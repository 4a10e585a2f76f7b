"""Disturbing a command while it works, and holding what a rerun leaves against an undisturbed run.

A ``Subject`` says how a command is put to work in a folder, and what must come out equal. A
``Bench`` tries it there: started by ``fault_runner``, killed at chosen moments, run to its end.
"""

from __future__ import annotations

import json
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

PROGRAM = Path(__file__).with_name("fault_runner.py")
MARK = "BENCHWRIGHT_FAULT_RUN"
"""Environment variable that all processes of one run share, whoever their parent is by then."""

PATIENCE = 600.0
"""Seconds that a run may take on a busy machine before it counts as hanging."""

PAGE = 4096
"""Bytes that a file's size is rounded up to."""

LEFT_BEHIND = 20.0
"""Seconds that processes of a killed run may take to notice; on a busy machine."""


ULP = 2**-11
"""A unit in the last place of float16 below 1, which a batch of other neighbours may change in a
vector (docs/embed.md). All else must be equal to the byte."""


@dataclass(frozen=True, slots=True)
class Subject:
    """A command under test.

    Attributes:
        name: of the command.
        prepare: puts a new folder into the state that the command starts from.
        arguments: of the command, for a folder so prepared.
        result: what of the folder must be as an undisturbed run leaves it, by name.
        out: where in the folder the command writes.
        set: module constants that are other than in production, and why is said there.
    """

    name: str
    prepare: Callable[[Path], None]
    arguments: Callable[[Path], Sequence[object]]
    result: Callable[[Path], Mapping[str, Any]]
    out: str = "out"
    set: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Ended:
    """A run that came to its end, or was brought to it."""

    code: int
    said: str
    seconds: float

    @property
    def error(self) -> str:
        """The last line that it said, where errors are."""
        lines = self.said.strip().splitlines()
        return lines[-1] if lines else ""


@dataclass(slots=True)
class Running:
    """A run under way."""

    runner: Runner
    pid: int
    log: Path
    began: float

    def wait(self, seconds: float = PATIENCE) -> Ended | None:
        """How it ended; None where it has not by then."""
        code = self.runner.ask({"wait": self.pid, "seconds": seconds})["code"]
        if code is None:
            return None
        return Ended(code, self.log.read_text(errors="replace"), time.monotonic() - self.began)

    def end(self) -> Ended:
        """How it ended, which it must."""
        ended = self.wait()
        if ended is None:
            os.killpg(self.pid, signal.SIGKILL)
            raise AssertionError(f"it hangs: {self.log.read_text(errors='replace')[-2000:]}")
        return ended

    def kill(self, group: bool) -> None:
        """SIGKILL, of all its processes as a power cut would, or of the first alone.

        The others have to notice that it is gone: none may stay behind.
        """
        (os.killpg if group else os.kill)(self.pid, signal.SIGKILL)
        self.wait()
        until = time.monotonic() + LEFT_BEHIND
        while left := self.runner.left_behind():
            assert time.monotonic() < until, f"still alive after the command was killed: {left}"
            time.sleep(0.02)


class Runner:
    """The program that forks commands; see ``fault_runner``."""

    def __init__(self, process: subprocess.Popen[str], folder: Path, mark: str) -> None:
        self._process, self._folder, self._mark, self._logs = process, folder, mark, 0

    def ask(self, order: Mapping[str, Any]) -> Any:
        """Give an order; returns the answer."""
        assert self._process.stdin is not None and self._process.stdout is not None
        self._process.stdin.write(json.dumps(order) + "\n")
        self._process.stdin.flush()
        return json.loads(self._process.stdout.readline())

    def start(self, subject: Subject, home: Path, clock: float = 0.0) -> Running:
        """Put a command to work in a folder.

        Args:
            subject: the command.
            home: the folder.
            clock: seconds that its clock is ahead.
        """
        self._logs += 1
        log = self._folder / f"log-{self._logs}"
        order = {"arguments": [str(each) for each in subject.arguments(home)], "log": str(log),
                 "set": dict(subject.set), "clock": clock}  # fmt: skip
        began = time.monotonic()
        return Running(self, self.ask({"start": order})["pid"], log, began)

    def run(self, subject: Subject, home: Path, clock: float = 0.0) -> Ended:
        """Run a command to its end."""
        return self.start(subject, home, clock).end()

    def shell(self, *command: object) -> str:
        """Run a program where the commands run, with their mounts; returns what it said."""
        answer = self.ask({"shell": [str(word) for word in command]})
        assert answer["code"] == 0, (command, answer["said"])
        return str(answer["said"])

    def workers(self, running: Running) -> list[int]:
        """Process ids of a run's worker processes, as far as they have started."""
        found = []
        for pid, line in self._processes():
            if pid != running.pid and "spawn_main" in line:
                found.append(pid)
        return sorted(found)

    def left_behind(self) -> list[str]:
        """Command lines of all processes of its runs."""
        return [line for _, line in self._processes()]

    def _processes(self) -> Iterator[tuple[int, str]]:
        """Process id and command line of all processes of its runs, the runner's own apart."""
        for entry in Path("/proc").iterdir():
            if not entry.name.isdigit() or int(entry.name) == self._process.pid:
                continue
            try:
                ours = f"{MARK}={self._mark}".encode() in (entry / "environ").read_bytes()
                line = (entry / "cmdline").read_bytes().replace(b"\0", b" ").decode()
            except OSError:
                continue  # it has ended, or is another user's
            if ours and line and "resource_tracker" not in line:  # which ends with its last user
                yield int(entry.name), line


@contextmanager
def running(
    folder: Path, environment: Mapping[str, str], under: Sequence[str] = ()
) -> Iterator[Runner]:
    """A runner, ready.

    Args:
        folder: for its logs.
        environment: of the commands.
        under: a program that starts it, such as ``unshare``.
    """
    folder.mkdir(parents=True, exist_ok=True)
    mark = f"{os.getpid()}-{time.monotonic_ns()}"
    env = {**environment, MARK: mark, "OMP_NUM_THREADS": "1", "NO_ALBUMENTATIONS_UPDATE": "1"}
    with (folder / "runner.log").open("w") as said, subprocess.Popen(
        [*under, sys.executable, str(PROGRAM)], env=env, text=True, stderr=said,
        stdin=subprocess.PIPE, stdout=subprocess.PIPE,
    ) as process:  # fmt: skip
        assert process.stdout is not None and process.stdin is not None
        if process.stdout.readline().strip() != "ready":
            raise AssertionError((folder / "runner.log").read_text())
        yield Runner(process, folder, mark)
        process.stdin.close()


def with_own_mounts() -> list[str]:
    """How to start a process whose mounts nobody else sees; empty where that is not allowed."""
    command = ["unshare", "--map-root-user", "--mount"]
    try:
        tried = subprocess.run([*command, "mount", "-t", "tmpfs", "none", "/tmp"], check=False,
                               capture_output=True)  # fmt: skip
    except FileNotFoundError:
        return []
    return [] if tried.returncode else command


def moments(count: int, seed: int) -> list[float]:
    """Moments in a run as shares of its length: drawn, one from each of ``count`` equal spans."""
    rng = random.Random(seed)
    drawn = [(span + rng.random()) / count for span in range(count)]
    rng.shuffle(drawn)
    return drawn


@dataclass(frozen=True, slots=True)
class Reference:
    """What an undisturbed run leaves, how long it took, and the bytes that it wrote."""

    result: Mapping[str, Any]
    seconds: float
    bytes: int


class Bench:
    """One folder that commands are tried in, again and again: what they write may name it.

    Attributes:
        runner: of the commands.
        home: the folder.
    """

    def __init__(self, runner: Runner, home: Path) -> None:
        self.runner, self.home = runner, home
        self._references: dict[tuple[str, ...], Reference] = {}
        self._left: dict[tuple[str, ...], Path] = {}

    def begin(self, subject: Subject) -> Path:
        """Empty the folder, and put it into the state that a command starts from."""
        if self.home.exists():
            shutil.rmtree(self.home)
        self.home.mkdir(parents=True)
        subject.prepare(self.home)
        return self.home

    def reference(self, subject: Subject) -> Reference:
        """What a command leaves as nobody disturbs it; run once, the folder is used up by it."""
        key = self._key(subject)
        if key not in self._references:
            before = size(self.begin(subject))
            ended = self.runner.run(subject, self.home)
            assert ended.code == 0, ended.said[-3000:]
            wrote = size(self.home) - before
            self._references[key] = Reference(subject.result(self.home), ended.seconds, wrote)
            kept = self.home.with_name(f"left-{len(self._left)}")
            self._left[key] = shutil.copytree(self.home / subject.out, kept, symlinks=True)
        return self._references[key]

    def left(self, subject: Subject) -> Path:
        """A copy of what a command wrote as nobody disturbed it, for others to start from."""
        self.reference(subject)
        return self._left[self._key(subject)]

    def _key(self, subject: Subject) -> tuple[str, ...]:
        return tuple(str(each) for each in subject.arguments(self.home))

    def finish(self, subject: Subject, reference: Reference) -> None:
        """Run a command to its end in the folder, which was disturbed; all must be as without."""
        ended = self.runner.run(subject, self.home)
        assert ended.code == 0, ended.said[-3000:]
        self.compare(subject, reference)

    def compare(self, subject: Subject, reference: Reference) -> None:
        """Hold what the folder holds against what an undisturbed run leaves."""
        differ = differences(subject.result(self.home), reference.result)
        assert not differ, f"not as an undisturbed run leaves it: {differ}"
        partials = list(self.home.rglob("*.partial"))
        assert not partials, f"left behind: {partials}"

    def kill(
        self, subject: Subject, reference: Reference, shares: Sequence[float], a_folder: int
    ) -> None:
        """Kill a command at each of some moments, so many times in a row, then let it finish.

        Every moment is met: a run that goes on from what earlier ones left, and is done before its
        moment, is followed by one that starts anew. Every second kill takes the command's own
        process alone, the others all of its processes.

        Args:
            subject: the command.
            reference: what must come out.
            shares: the moments, as shares of an undisturbed run.
            a_folder: kills before it is let finish.
        """
        met, waiting = 0, [share * reference.seconds for share in shares]
        while waiting:
            home, here = self.begin(subject), 0
            while waiting and here < a_folder:
                run = self.runner.start(subject, home)
                ended = run.wait(waiting[0])
                if ended is None:
                    run.kill(group=met % 2 == 0)
                    waiting.pop(0)
                    met, here = met + 1, here + 1
                    continue
                assert ended.code == 0, ended.said[-3000:]
                if not here:  # quicker than the reference was: this moment does not come
                    waiting[0] *= 0.8
                break
            self.finish(subject, reference)


def size(folder: Path) -> int:
    """Bytes of a folder's files, in whole pages as a disk in memory has them."""
    files = (path for path in folder.rglob("*") if path.is_file())
    return sum(-(-path.stat().st_size // PAGE) * PAGE for path in files)


def differences(found: Mapping[str, Any], expected: Mapping[str, Any]) -> list[str]:
    """Names under which two results differ."""
    both = found.keys() & expected.keys()
    return sorted(
        {*(found.keys() ^ expected.keys()),
         *(name for name in both if not _same(found[name], expected[name]))}
    )  # fmt: skip


def _same(one: Any, other: Any) -> bool:
    if isinstance(one, np.ndarray):
        return one.shape == other.shape and bool(np.abs(one - other).max(initial=0) <= ULP)
    return bool(one == other)
