"""Holding a piece of work to a time and to memory."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

SECONDS = 5.0
"""Processor time that refusing a bad file may take: far more than any needs here."""

MEGABYTES = 400
"""Memory that it may take besides what is there: twice the largest picture that is decoded."""

STATUS, CLEAR = Path("/proc/self/status"), Path("/proc/self/clear_refs")


@contextmanager
def bounded(seconds: float = SECONDS, megabytes: float = MEGABYTES) -> Iterator[None]:
    """Fail if the block takes more processor time, or at any moment more memory, than allowed."""
    CLEAR.write_text("5")  # the highest use so far is forgotten
    before, began = _resident("VmRSS"), time.process_time()
    yield
    took, grew = time.process_time() - began, _resident("VmHWM") - before
    assert took < seconds, f"took {took:.1f} s of processor time"
    assert grew < megabytes, f"took {grew:.0f} MB of memory"


def _resident(name: str) -> float:
    """Megabytes that a line of the process's status says."""
    lines = STATUS.read_text().splitlines()
    return next(int(line.split()[1]) / 1024 for line in lines if line.startswith(name))
