"""Holding a piece of work to a time and to memory."""

import os
import resource
import signal
import time
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

SECONDS = 5.0
"""Processor time that refusing a bad file may take: far more than any needs here."""

MEGABYTES = 400
"""Memory that it may take besides what is there: twice the largest picture that is decoded."""

HANGING = 1800.0
"""Seconds that a child with many values may take on a busy machine before it counts as hanging."""

STATUS, CLEAR = Path("/proc/self/status"), Path("/proc/self/clear_refs")


@contextmanager
def bounded(seconds: float = SECONDS, megabytes: float = MEGABYTES) -> Iterator[None]:
    """Fail if the block takes more processor time, or at any moment more memory, than allowed."""
    CLEAR.write_text("5")  # the highest use so far is forgotten
    before, began = _megabytes("VmRSS"), time.process_time()
    yield
    took, grew = time.process_time() - began, _megabytes("VmHWM") - before
    assert took < seconds, f"took {took:.1f} s of processor time"
    assert grew < megabytes, f"took {grew:.0f} MB of memory"


class Bounds:
    """What a child holds each value of many to; see ``in_a_child``."""

    def __init__(self, last: Path) -> None:
        """``last``: the value that is tried, for who finds the child dead."""
        self._last = last.open("wb", buffering=0)

    def check(self, check: Callable[[Any], None], value: Any) -> None:
        """Try one value; where it takes too long, in whatever library, the process is ended."""
        self._last.seek(0)
        self._last.truncate()
        self._last.write(repr(value).encode("utf-8", "backslashreplace"))
        signal.setitimer(signal.ITIMER_PROF, SECONDS)
        try:
            check(value)
        finally:
            signal.setitimer(signal.ITIMER_PROF, 0)


def in_a_child(work: Callable[[Bounds], None], folder: Path) -> None:
    """Do some work in a forked child that can get no more memory than allowed.

    Args:
        work: given what it holds each of its values to.
        folder: for what the child leaves.
    """
    said, last = folder / "child.log", folder / "last.txt"
    child = os.fork()
    if not child:
        _work(work, said, Bounds(last))
    until = time.monotonic() + HANGING
    while not (ended := os.waitpid(child, os.WNOHANG))[0]:
        if time.monotonic() > until:
            os.kill(child, signal.SIGKILL)
        time.sleep(0.01)
    code = os.waitstatus_to_exitcode(ended[1])
    why = f"took more than {SECONDS:.0f} s" if code == -signal.SIGPROF else f"ended with {code}"
    tried = last.read_text("utf-8")[:5000]
    assert code == 0, f"{why}; {said.read_text(errors='replace')[-5000:]}\nlast tried: {tried}"


def _work(work: Callable[[Bounds], None], said: Path, bounds: Bounds) -> None:
    """The child, which ends here."""
    code = 1
    log = os.open(said, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o644)
    os.dup2(log, 1)
    os.dup2(log, 2)
    try:
        signal.signal(signal.SIGPROF, signal.SIG_DFL)
        most = int((_megabytes("VmSize") + MEGABYTES) * 2**20)
        resource.setrlimit(resource.RLIMIT_AS, (most, most))
        work(bounds)
        code = 0
    except BaseException:
        os.write(log, traceback.format_exc().encode("utf-8", "backslashreplace"))
    finally:
        os._exit(code)


def _megabytes(name: str) -> float:
    """Megabytes that a line of the process's status says."""
    lines = STATUS.read_text().splitlines()
    return next(int(line.split()[1]) / 1024 for line in lines if line.startswith(name))
