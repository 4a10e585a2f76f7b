"""Where caches lie: what may be deleted at any time, and is then made or fetched anew."""

from __future__ import annotations

import os
from pathlib import Path


def cache_folder() -> Path:
    """The folder of all caches: ``BENCHWRIGHT_CACHE``, else the system's usual place."""
    if named := os.environ.get("BENCHWRIGHT_CACHE"):
        return Path(named)
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "benchwright"
