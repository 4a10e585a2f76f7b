"""Temporary folders that a killed process does not leave behind for ever: the next one sweeps.

And copies in them of files on a storage.
"""

from __future__ import annotations

import fcntl
import hashlib
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from benchwright.retry import retried

PREFIX, NEW = "benchwright-scratch-", "benchwright-new-"
LOCK, FILES = "lock", "files"

FETCH_PIECE = 2**22
"""Bytes fetched at once from remote storage."""


@contextmanager
def scratch() -> Iterator[Path]:
    """A folder of this process's own, removed in the end; those of dead processes are too."""
    _sweep(Path(tempfile.gettempdir()))
    made = Path(tempfile.mkdtemp(prefix=NEW))
    (made / FILES).mkdir()
    with (made / LOCK).open("w") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        # From here on a sweep may look at it, and finds it held.
        folder = made.rename(made.with_name(made.name.replace(NEW, PREFIX)))
        try:
            yield folder / FILES
        finally:
            shutil.rmtree(folder, ignore_errors=True)


def copied(url: str, folder: Path) -> Path:
    """A copy of a file on a storage, in a folder of ``scratch``, fetched anew.

    Raises:
        DatasetError: it cannot be read, or the copy cannot be written.
    """
    import fsspec  # takes longer to import than a reader to start

    path = folder / hashlib.sha256(url.encode()).hexdigest()[:16]

    def fetch() -> None:
        with fsspec.open(url, "rb") as remote, path.open("wb") as local:
            shutil.copyfileobj(remote, local, FETCH_PIECE)

    retried(url, fetch)
    return path


def _sweep(home: Path) -> None:
    for folder in home.glob(f"{PREFIX}*"):
        try:
            with (folder / LOCK).open("r+") as held:
                fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
                shutil.rmtree(folder, ignore_errors=True)
        except OSError:  # held, another's, or gone
            continue
