"""One writer a dataset folder."""

from __future__ import annotations

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from benchwright.dataset import SHARDS, STAGING
from benchwright.errors import DatasetError
from benchwright.shards import PARTIAL

LOCK = "lock"
"""Name of the file, in the staging folder, that a writer holds."""


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Hold a dataset folder for writing; the lock goes when its holder ends, however it ends.

    Raises:
        DatasetError: another process holds it, or the folder cannot be written.
    """
    if folder.is_dir() and any(folder.iterdir()) and not _is_ours(folder):
        raise DatasetError(
            f"{folder}: holds other files and no dataset; choose an empty or a new folder for --out"
        )
    try:
        (folder / STAGING).mkdir(parents=True, exist_ok=True)
        file = (folder / STAGING / LOCK).open("w")
    except OSError as error:
        raise DatasetError(f"{folder}: cannot be written: {error.strerror}") from error
    with file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise DatasetError(
                f"{folder}: another build is at work here; wait for it or choose another --out"
            ) from error
        for pattern in (f".*{PARTIAL}", f"*/.*{PARTIAL}"):
            for partial in folder.glob(pattern):  # of a run that was killed
                partial.unlink()
        yield


def _is_ours(folder: Path) -> bool:
    return (folder / STAGING).is_dir() or (folder / SHARDS).is_file()
