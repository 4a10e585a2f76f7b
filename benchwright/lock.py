"""One writer a dataset folder."""

from __future__ import annotations

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from benchwright.dataset import STAGING
from benchwright.errors import DatasetError
from benchwright.shards import PARTIAL


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Hold a dataset folder for writing; the lock goes when its holder ends, however it ends.

    Raises:
        DatasetError: another process holds it, or the folder cannot be written.
    """
    try:
        (folder / STAGING).mkdir(parents=True, exist_ok=True)
        file = (folder / STAGING / "lock").open("w")
    except OSError as error:
        raise DatasetError(f"{folder}: cannot be written: {error.strerror}") from error
    with file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise DatasetError(
                f"{folder}: another build is at work here; wait for it or choose another --out"
            ) from error
        for partial in folder.rglob(f".*{PARTIAL}"):  # of a run that was killed
            partial.unlink()
        yield
