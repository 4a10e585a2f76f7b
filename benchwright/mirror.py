"""A folder of a storage (``s3://bucket/set``), worked on in a copy of it on this machine.

    with opened("s3://bucket/set") as folder:
        build(recipe, folder)

What ``benchwright.shards.replacing`` puts in place, in this process or in a worker of it on
whatever machine, is in the storage before the writer goes on: so a finished shard outlives its
machine. What else was moved or removed follows when the block ends well. The copy stays in the
cache, and only what differs is fetched the next time.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import lru_cache
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, BinaryIO

from benchwright import lease, shards
from benchwright.caches import cache_folder
from benchwright.errors import DatasetError
from benchwright.mirror_journal import Entry, Journal, Mark

if TYPE_CHECKING:
    from benchwright.storage import Storage, Stored

FILE = "file://"
"""What the URL of a local path begins with."""

OURS = ".benchwright"
"""A file that says of a folder of a storage that it is a command's of ours to work in."""

AT_ONCE = 8
"""Files fetched or sent at once: small ones spend their time waiting."""


@dataclass(frozen=True, slots=True)
class Mirror:
    """A folder of a storage and its copy here; sent to other machines, it has its copy there.

    Attributes:
        url: of the folder, as fsspec knows it.
        folder: of the copy, the same path on every machine.
        left: patterns of paths that are too large or too many for this machine; they are sent and
            then kept in the storage alone, until somebody asks for one.
        lent: whether it is another's folder, only read from.
    """

    url: str
    folder: Path
    left: tuple[str, ...] = ()
    lent: bool = False

    @classmethod
    def of(cls, url: str, left: Sequence[str] = (), lent: bool = False) -> Mirror:
        """The mirror of a URL, in this machine's cache.

        Raises:
            DatasetError: the URL is no safe one, or of an unknown storage.
        """
        scheme, _, rest = url.partition("://")
        parts = PurePosixPath(rest.strip("/")).parts
        if not parts or ".." in parts or "@" in parts[0]:
            raise DatasetError(
                f"{scheme}://...: name a folder, without .. and without names or passwords in the "
                "URL: the storage's own login is used"
            )
        url = f"{scheme}://{'/'.join(parts)}"
        _storage(url)
        folder = cache_folder().absolute().joinpath("remote", scheme, *parts)
        return cls(url, folder, tuple(left), lent)

    @property
    def storage(self) -> Storage:
        """The folder in the storage."""
        return _storage(self.url)

    @property
    def journal(self) -> Journal:
        """What is alike here and there."""
        return Journal(self.folder.with_name(f".{self.folder.name}.journal"))

    def pull(self) -> None:
        """Make the copy what the storage holds, whatever it was.

        Raises:
            DatasetError: the storage or the disk refused.
        """
        there, known = self._there(), self.journal.read()
        self.folder.mkdir(parents=True, exist_ok=True)
        for path in self._here():
            if path not in there:
                (self.folder / path).unlink()
        self.journal.write({path: entry for path, entry in known.items() if path in there})
        here = self._here()
        for path in filter(self._is_left, here):  # asked for in an earlier run
            if known.get(path) != Entry(there[path], here[path]):
                (self.folder / path).unlink()
        self._each(self._fetch, [
            (path, stored) for path, stored in there.items()
            if not self._is_left(path) and known.get(path) != Entry(stored, here.get(path))
        ])  # fmt: skip

    def catch_up(self) -> None:
        """Fetch what others have sent since.

        Raises:
            DatasetError: the storage or the disk refused.
        """
        known = self.journal.read()
        self._each(self._fetch, [
            (path, stored) for path, stored in self._there().items()
            if not self._is_left(path) and (path not in known or known[path].stored != stored)
        ])  # fmt: skip

    def share(self) -> None:
        """Send what is here and not there, so that other machines find it.

        Raises:
            DatasetError: the storage refused.
        """
        known = self.journal.read()
        self._each(self.send, [
            (path,) for path, mark in self._here().items()
            if path not in known or known[path].here != mark
        ])  # fmt: skip

    def push(self) -> None:
        """Make the storage what the copy is: moved files are moved there, not sent again.

        Raises:
            DatasetError: the storage refused.
        """
        known, here = self.journal.read(), self._here()
        if not self.folder.is_dir():
            raise DatasetError(f"{self.folder}: gone; run the same command again to make it anew")
        gone = {path for path in known if path not in here and not self._is_left(path)}
        was_at = {known[path].here: path for path in gone}
        moved = [
            (was_at[mark], path)
            for path, mark in here.items()
            if path not in known and mark in was_at
        ]
        self._each(self._copy, moved)
        self.share()
        self._each(self._remove, [(path,) for path in sorted(gone)])

    def send(self, path: str) -> None:
        """Send a file of the copy.

        Raises:
            DatasetError: the storage refused.
        """
        source = self.folder / path
        mark = Mark.of(source)
        self.storage.send(source, path)
        self._note(path, mark)
        if self._is_left(path):
            source.unlink()

    def fetch(self, path: str, trusted: bool) -> None:
        """Have a file of the storage here, if it is there.

        Args:
            path: in the folder.
            trusted: whether a copy that is here is known to be the newest.

        Raises:
            DatasetError: the storage or the disk refused.
        """
        is_here = (self.folder / path).is_file()
        if is_here and trusted:
            return
        stored, entry = self.storage.file(path), self.journal.read().get(path)
        if stored is None:
            (self.folder / path).unlink(missing_ok=True)
        elif not is_here or entry != Entry(stored, Mark.of(self.folder / path)):
            self._fetch(path, stored)

    def names(self, folder: Path) -> list[Path]:
        """Where the files directly in a folder of the copy lie, or would lie were they here."""
        inside = folder.relative_to(self.folder).as_posix()
        paths = {*self._here(), *self._there()}
        return sorted(
            self.folder / p for p in paths if PurePosixPath(p).parent.as_posix() == inside
        )

    def _fetch(self, path: str, stored: Stored) -> None:
        self.storage.fetch(path, self.folder / path)
        self.journal.add(path, Entry(stored, Mark.of(self.folder / path)))

    def _copy(self, source: str, path: str) -> None:
        self.storage.copy(source, path)
        self._note(path, Mark.of(self.folder / path))

    def _remove(self, path: str) -> None:
        self.storage.remove(path)
        self.journal.add(path, None)

    def _note(self, path: str, mark: Mark) -> None:
        if stored := self.storage.file(path):
            self.journal.add(path, Entry(stored, mark))

    def _there(self) -> dict[str, Stored]:
        return {path: s for path, s in self.storage.files().items() if not _is_aside(path)}

    def _here(self) -> dict[str, Mark]:
        found = {}
        for file in self.folder.rglob("*"):
            path = file.relative_to(self.folder).as_posix()
            if file.is_file() and not _is_aside(path):
                found[path] = Mark.of(file)
        return found

    def _is_left(self, path: str) -> bool:
        return any(fnmatchcase(path, pattern) for pattern in self.left)

    @staticmethod
    def _each(action: Callable[..., None], files: Iterable[tuple[object, ...]]) -> None:
        with ThreadPoolExecutor(AT_ONCE) as pool:
            for done in [pool.submit(action, *file) for file in files]:
                done.result()


def _is_aside(path: str) -> bool:
    """Whether a file is a machine's own: a lock, a lease, what is being written."""
    name = PurePosixPath(path).name
    return name in (shards.LOCK, lease.FILE, OURS) or name.endswith(shards.PARTIAL)


@lru_cache(maxsize=16)
def _storage(url: str) -> Storage:
    from benchwright.storage import Storage

    return Storage.at(url)


_active: list[Mirror] = []
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
    if _tell not in shards.written:
        shards.written.append(_tell)


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
    _claim(mirror.storage)
    with ExitStack() as stack:
        check = stack.enter_context(lease.held(mirror.storage))
        mirror.pull()
        join([*_active, mirror], apart=False)
        stack.callback(_active.remove, mirror)
        yield mirror.folder
        check()
        mirror.push()


def _claim(storage: Storage) -> None:
    """Refuse to work among other people's files."""
    from benchwright.dataset import SHARDS

    names = set(storage.names()) - {lease.FILE}
    if names and not names & {OURS, SHARDS}:
        raise DatasetError(
            f"{storage.name}: holds other files and no dataset; choose an empty or a new folder"
        )
    if OURS not in names:
        storage.write(OURS, b"")


@contextmanager
def borrowed(place: str | Path) -> Iterator[Path]:
    """A folder that is only read from: of a storage's, what ``here`` is asked for is fetched.

    Raises:
        DatasetError: the URL is of no storage that is known.
    """
    if not is_url(place):
        yield Path(place)
        return
    mirror = Mirror.of(str(place), ("*",), lent=True)
    join([*_active, mirror], apart=_apart[0])
    try:
        yield mirror.folder
    finally:
        _active.remove(mirror)


@contextmanager
def shared() -> Iterator[None]:
    """Let other machines work in this process's mirrors meanwhile.

    Raises:
        DatasetError: a storage or the disk refused.
    """
    mirrors = [mirror for mirror in _active if not mirror.lent]
    for each in mirrors:
        each.share()
    yield
    for each in mirrors:
        each.catch_up()


def copy_of(place: str | Path) -> Path:
    """Where a folder lies on this machine, or its copy does; nothing is fetched.

    Raises:
        DatasetError: a URL that is no safe one.
    """
    return Mirror.of(str(place)).folder if is_url(place) else Path(str(place).removeprefix(FILE))


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


def shown(path: Path) -> str:
    """What people call a path: in a mirror, its URL."""
    if found := _of(path):
        return f"{found[0].url}/{found[1]}".removesuffix("/.")
    return str(path)


def is_mirrored(path: Path) -> bool:
    """Whether other machines find a path's files in a storage."""
    return _of(path) is not None


def _of(path: Path) -> tuple[Mirror, str] | None:
    for mirror in _active:
        if path.is_relative_to(mirror.folder):
            return mirror, path.relative_to(mirror.folder).as_posix()
    return None


def _tell(path: Path) -> None:
    if found := _of(path):
        found[0].send(found[1])
