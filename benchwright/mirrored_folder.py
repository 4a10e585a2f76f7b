"""One folder of a storage and its copy on this machine, and how either is made like the other."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import lru_cache
from pathlib import Path, PurePosixPath
from threading import Event
from typing import TYPE_CHECKING

from benchwright import lease, shards
from benchwright.caches import cache_folder
from benchwright.errors import DatasetError
from benchwright.mirror_journal import Entry, Journal, Mark

if TYPE_CHECKING:
    from benchwright.storage import Storage, Stored

OURS = ".benchwright"
"""A file that says of a folder of a storage that it is a command's of ours to work in."""

COPY, JOURNAL, LOCK = "@", "@journal", "@lock"
"""In the cache, beside the copies of folders further down: no part of a URL is called so."""

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
        scheme, parts = scheme.lower(), PurePosixPath(rest.rstrip("/")).parts
        if not _is_plain(scheme, rest, parts):
            raise DatasetError(
                f"{scheme}://...: write a URL as s3://bucket/folder, without names or passwords: "
                "the storage's own login is used"
            )
        url = f"{scheme}://{'/'.join(parts)}"
        _storage(url)
        home = cache_folder().absolute().joinpath("remote", scheme, *parts)
        return cls(url, home / COPY, tuple(left), lent)

    @property
    def storage(self) -> Storage:
        """The folder in the storage."""
        return _storage(self.url)

    @property
    def journal(self) -> Journal:
        """What is alike here and there."""
        return Journal(self.folder.with_name(JOURNAL))

    @property
    def lock(self) -> Path:
        """The file that a run of this machine holds while it works in the copy."""
        return self.folder.with_name(LOCK)

    def claim(self) -> None:
        """Refuse to work among other people's files.

        Raises:
            DatasetError: the folder holds others and no dataset, or the storage refused.
        """
        from benchwright.dataset import SHARDS

        names = set(self.storage.names())
        if not names & {OURS, SHARDS} and self.storage.files().keys() - {lease.FILE}:
            raise DatasetError(
                f"{self.url}: holds other files and no dataset; choose an empty or a new folder"
            )
        if OURS not in names:
            self.storage.write(OURS, b"")

    def pull(self) -> None:
        """Make the copy what the storage holds, whatever it was.

        Raises:
            DatasetError: the storage or the disk refused.
        """
        there, known = self._there(), self.journal.read()
        self.folder.mkdir(parents=True, exist_ok=True)
        for path, mark in self._here().items():
            # What was left there and asked for in an earlier run goes, too, if it is old.
            is_old = path in there and not _is_same(known.get(path), there[path], mark)
            if path not in there or (is_old and self._is_left(path)):
                (self.folder / path).unlink()
        self.journal.write({path: entry for path, entry in known.items() if path in there})
        here = self._here()
        self._each(self._fetch, [
            (path, stored) for path, stored in there.items()
            if not self._is_left(path) and not _is_same(known.get(path), stored, here.get(path))
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
        """Send what is here and not there, whoever wrote it.

        Raises:
            DatasetError: the storage refused.
        """
        known = self.journal.read()
        self._each(self.send, [
            (path,) for path, mark in self._here().items()
            if path not in known or known[path].here != mark
        ])  # fmt: skip

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

    def move(self, source: str, path: str) -> None:
        """Move a file there as it was moved here: its bytes are not sent again.

        Raises:
            DatasetError: the storage refused.
        """
        known, mark = self.journal.read().get(source), Mark.of(self.folder / path)
        if known and known.here == mark:
            self.storage.copy(source, path)
            self._note(path, mark)
        else:
            self.send(path)
        self.remove(source)

    def remove(self, path: str) -> None:
        """Remove a file there.

        Raises:
            DatasetError: the storage refused.
        """
        self.storage.remove(path)
        self.journal.add(path, None)

    def fetch(self, path: str, trusted: bool) -> None:
        """Have a file of the storage here, if it is there.

        Args:
            path: in the folder.
            trusted: whether a copy that is here is known to be the newest.

        Raises:
            DatasetError: the storage or the disk refused.
        """
        copy = self.folder / path
        is_here = copy.is_file()
        if is_here and trusted:
            return
        stored = self.storage.file(path)
        if stored is None:
            copy.unlink(missing_ok=True)
        elif not is_here or not _is_same(self.journal.read().get(path), stored, Mark.of(copy)):
            self._fetch(path, stored)

    def names(self, folder: Path) -> list[Path]:
        """Where the files directly in a folder of the copy lie, or would lie were they here."""
        inside = folder.relative_to(self.folder).as_posix()
        found = (PurePosixPath(path) for path in {*self._here(), *self._there()})
        return sorted(self.folder / path for path in found if path.parent.as_posix() == inside)

    def _fetch(self, path: str, stored: Stored) -> None:
        self.storage.fetch(path, self.folder / path)
        self.journal.add(path, Entry(stored, Mark.of(self.folder / path)))

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

    def _each(self, action: Callable[..., None], files: Iterable[tuple[object, ...]]) -> None:
        failed = Event()

        def act(file: tuple[object, ...]) -> None:
            try:
                if not failed.is_set():  # a storage that refuses one will hardly take the rest
                    action(*file)
            except BaseException:
                failed.set()
                raise

        # Each write to the Hub is a commit, and of two at once one is refused.
        with ThreadPoolExecutor(1 if self.url.startswith("hf://") else AT_ONCE) as pool:
            try:
                for done in [pool.submit(act, file) for file in files]:
                    done.result()
            finally:
                failed.set()


def _is_plain(scheme: str, rest: str, parts: Sequence[str]) -> bool:
    """Whether a URL is a path on a storage, with no secret in it and no way out of the cache."""
    if not parts or rest.startswith("/") or any(sign in rest for sign in ("::", "?", "\n")):
        return False
    _, colon, port = parts[0].partition(":")  # a password may hold slashes: AKIA:abc/def@bucket
    secret = (colon and not port.isdigit()) or any("@" in part for part in parts[1:])
    # In a repository of the Hub, org/name@revision.
    return not {"..", ".", COPY, JOURNAL, LOCK} & set(parts) and (not secret or scheme == "hf")


def _is_same(entry: Entry | None, stored: Stored, mark: Mark | None) -> bool:
    """Whether a file is known to be alike there and here; of no stamp, nothing is known."""
    return bool(stored.stamp) and entry == Entry(stored, mark)


def _is_aside(path: str) -> bool:
    """Whether a file is a machine's own: a lock, a lease, what is being written."""
    name = PurePosixPath(path).name
    return name in (shards.LOCK, lease.FILE, OURS) or name.endswith(shards.PARTIAL)


@lru_cache(maxsize=16)
def _storage(url: str) -> Storage:
    from benchwright.storage import Storage

    return Storage.at(url)
