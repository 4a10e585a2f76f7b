"""What a mirror's copy and its storage have in common, as several processes note it at once."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import astuple, dataclass
from functools import lru_cache
from pathlib import Path

from benchwright.shards import appearing
from benchwright.storage import Stored


@dataclass(frozen=True, slots=True)
class Mark:
    """Of a file here: what changes when it is written anew, and not when it is moved."""

    bytes: int
    mtime_ns: int
    inode: int

    @classmethod
    def of(cls, file: Path) -> Mark:
        """Of a file that is there."""
        stat = file.stat()
        return cls(stat.st_size, stat.st_mtime_ns, stat.st_ino)


@dataclass(frozen=True, slots=True)
class Entry:
    """A file that was the same here and there: as it was there, and as it was here."""

    stored: Stored
    here: Mark | None


class Journal:
    """A file with a line for each file that was sent or fetched; the last line of a path holds.

    A line is written at once, so that processes of one machine can share it.
    """

    def __init__(self, file: Path) -> None:
        self._file = file

    def read(self) -> dict[str, Entry]:
        """Path to entry; what a killed writer left half is passed over."""
        try:
            stat = self._file.stat()
            return dict(_read(self._file, stat.st_mtime_ns, stat.st_size))
        except OSError:
            return {}

    def add(self, path: str, entry: Entry | None) -> None:
        """Note a file; without an entry, that it is gone."""
        self._file.parent.mkdir(parents=True, exist_ok=True)
        into = os.open(self._file, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o644)
        try:
            os.write(into, _line(path, entry))
        finally:
            os.close(into)

    def write(self, entries: Mapping[str, Entry]) -> None:
        """Replace all that was noted."""
        with appearing(self._file) as file:
            file.writelines(_line(path, entry) for path, entry in entries.items())


@lru_cache(maxsize=4)
def _read(file: Path, mtime_ns: int, size: int) -> dict[str, Entry]:
    found: dict[str, Entry] = {}
    for line in file.read_bytes()[:size].splitlines():
        try:
            path, stored, here = json.loads(line)
            entry = stored and Entry(Stored(*stored), Mark(*here))
        except (ValueError, TypeError):
            continue
        if entry:
            found[path] = entry
        else:
            found.pop(path, None)
    return found


def _line(path: str, entry: Entry | None) -> bytes:
    here = entry and entry.here and astuple(entry.here)
    return (json.dumps([path, entry and astuple(entry.stored), here]) + "\n").encode()
