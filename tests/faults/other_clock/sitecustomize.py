"""Shifts this process's clock by the seconds in an environment variable; see ``fault_runner``."""

import os
import time

SHIFT = float(os.environ.get("BENCHWRIGHT_FAULT_CLOCK", "0"))

if SHIFT:
    _seconds, _nanoseconds = time.time, time.time_ns
    time.time = lambda: _seconds() + SHIFT
    time.time_ns = lambda: _nanoseconds() + int(SHIFT * 1e9)
