"""Folders of a storage (``s3://bucket/set``) that this process works in, each in a copy here.

    with opened("s3://bucket/set") as folder:
        build(recipe, folder)

What ``benchwright.shards`` puts in place, moves or removes, in this process or in a worker of it on
whatever machine, is so in the storage before the writer goes on: a finished shard outlives its
machine. What others write into the copy is sent by ``share``, at the latest when the block ends
well. The copy stays in the cache, and only what differs is fetched the next time.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from functools import partial
from pathlib import Path
from typing import BinaryIO

from benchwright import lease, shards
from benchwright.errors import DatasetError
from benchwright.file_lock import held_file
from benchwright.mirrored_folder import Mirror

FILE = "file://"
"""What the URL of a local path begins with."""

FLATTENED = re.compile(r"[a-z][a-z0-9+]+:/[^/]")
"""How a URL begins that went through ``Path``."""

_active: list[Mirror] = []
_checks: dict[Mirror, Callable[[], None]] = {}
"""Of each mirror that this process holds: raises if another run has taken it over."""
_seen: set[Path] = set()
"""Files that are known to be the newest, so far as this process's work goes."""
_apart = [False]
"""Whether this may be another machine than the run's own, whose copies are of whatever time."""


def active() -> tuple[Mirror, ...]:
    """The mirrors that this process works in."""
    return tuple(_active)


def join(mirrors: Iterable[Mirror], apart: bool) -> None:
    """Work in the mirrors of the process that gives this one its work.

    Args:
        mirrors: of that process.
        apart: whether this may be another machine.
    """
    _active[:], _apart[:] = mirrors, [apart]
    _seen.clear()
    shards.listeners[:] = [_Teller()] if _active else []


@contextmanager
def opened(place: str | Path, left: Sequence[str] = ()) -> Iterator[Path]:
    """A folder to work in: a local one as it is, of a storage its copy here.

    Args:
        place: a path or an fsspec URL.
        left: patterns of what is not wanted here; see ``Mirror``.

    Raises:
        DatasetError: the storage refused, holds others' files, or another run is at work there.
    """
    if not is_url(place):
        yield copy_of(place)
        return
    mirror = Mirror.of(str(place), left)
    with ExitStack() as stack:
        stack.enter_context(held_file(mirror.lock, f"{mirror.url} ({mirror.lock.parent})"))
        mirror.claim()
        _checks[mirror] = stack.enter_context(lease.held(mirror.storage))
        stack.callback(_checks.pop, mirror)
        mirror.pull()
        join([*_active, mirror], apart=False)
        stack.callback(_leave, mirror)
        yield mirror.folder
        _checks[mirror]()
        mirror.share()


@contextmanager
def borrowed(place: str | Path) -> Iterator[Path]:
    """A folder that is only read from: of a storage's, what ``here`` is asked for is fetched.

    Raises:
        DatasetError: the URL is of no storage that is known.
    """
    if not is_url(place):
        yield copy_of(place)
        return
    mirror = Mirror.of(str(place), ("*",), lent=True)
    join([*_active, mirror], apart=_apart[0])
    try:
        yield mirror.folder
    finally:
        _leave(mirror)


def share() -> None:
    """Send what other libraries wrote in this process's mirrors, before what tells of it.

    Raises:
        DatasetError: a storage refused.
    """
    for mirror in _active:
        if not mirror.lent:
            mirror.share()


@contextmanager
def shared() -> Iterator[None]:
    """Let other machines work in this process's mirrors meanwhile.

    Raises:
        DatasetError: a storage or the disk refused.
    """
    share()
    yield
    for mirror in _active:
        if not mirror.lent:
            mirror.catch_up()


def copy_of(place: str | Path) -> Path:
    """Where a folder lies on this machine, or its copy does; nothing is fetched.

    Raises:
        DatasetError: a URL that is no safe one, or one that was made a ``Path``.
    """
    if is_url(place):
        return Mirror.of(str(place)).folder
    if FLATTENED.match(str(place)):
        raise DatasetError(f"{place}: a path has lost a slash of the URL; give a URL as text")
    return Path(str(place).removeprefix(FILE))


def is_url(place: str | Path) -> bool:
    """Whether a place is on a storage: local paths, also as ``file://``, are not."""
    return "://" in str(place) and not str(place).startswith(FILE)


def here(path: Path) -> Path:
    """A file that is to be read: fetched if its folder is a mirror's and it is not here."""
    found = _of(path)
    if found and not (path in _seen and path.is_file()):
        mirror, name = found
        mirror.fetch(name, trusted=not (_apart[0] or mirror.lent))
        _seen.add(path)
    return path


def reading(path: Path) -> BinaryIO:
    """A file opened where it is: of one that is not here, only what is read is fetched.

    Raises:
        OSError: it is neither here nor there.
    """
    found = _of(path)
    if found and not path.is_file():
        return found[0].storage.open(found[1])
    return path.open("rb")


def names(folder: Path) -> list[Path]:
    """Where the files directly in a folder lie, or would lie were they here."""
    if found := _of(folder):
        return found[0].names(folder)
    return sorted(path for path in folder.glob("*") if path.is_file())


def is_mirrored(path: Path) -> bool:
    """Whether other machines find a path's files in a storage."""
    return _of(path) is not None


class _Teller:
    """Tells the storage what ``benchwright.shards`` did to a file of a mirror."""

    def wrote(self, path: Path) -> None:
        self._tell(path, Mirror.send)

    def moved(self, source: Path, path: Path) -> None:
        self._tell(path, partial(_move, source))

    def removed(self, path: Path) -> None:
        self._tell(path, Mirror.remove)

    def _tell(self, path: Path, action: Callable[[Mirror, str], None]) -> None:
        if (found := _of(path)) and not found[0].lent:
            mirror, name = found
            if mirror in _checks and lease.is_lost(mirror.url):
                _checks[mirror]()
            action(mirror, name)


def _move(source: Path, mirror: Mirror, name: str) -> None:
    mirror.move(source.relative_to(mirror.folder).as_posix(), name)


def _of(path: Path) -> tuple[Mirror, str] | None:
    for mirror in _active:
        if path.is_relative_to(mirror.folder):
            return mirror, path.relative_to(mirror.folder).as_posix()
    return None


def _leave(mirror: Mirror) -> None:
    join([other for other in _active if other != mirror], apart=_apart[0])
