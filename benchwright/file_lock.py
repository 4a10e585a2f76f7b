"""A file that one process of a machine holds; its lock ends when the process does, in any way."""

from __future__ import annotations

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from benchwright.errors import DatasetError


@contextmanager
def held_file(path: Path, place: str) -> Iterator[None]:
    """Hold a file, made with its folder if need be.

    Args:
        path: of the file.
        place: what messages call that which it stands for.

    Raises:
        DatasetError: another process holds it, or it cannot be written.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        file = path.open("w")
    except OSError as error:
        raise DatasetError(f"{place}: cannot be written: {error.strerror}") from error
    with file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise DatasetError(
                f"{place}: another run is at work here; wait for it to end, or use another folder"
            ) from error
        yield
