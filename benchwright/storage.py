"""A folder of any fsspec storage: every call retried, every path inside."""

from __future__ import annotations

import hashlib
import re
import shutil
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, TypeVar

from benchwright.errors import DatasetError
from benchwright.retry import PASSING, retried
from benchwright.shards import appearing
from benchwright.streams import PIECE, RemoteStream

if TYPE_CHECKING:
    from fsspec import AbstractFileSystem

T = TypeVar("T")

COMMITS = frozenset({409, 412})
"""What the Hub answers where somebody else has committed meanwhile: to a file's own commit, which
says nothing of others, it answers better the next time."""

MAX_WHOLE = 256 * 2**20
"""Bytes of a file that is read at once: a list of a hundred thousand files takes 15 MB."""


ENDS = 64 * 2**10
"""Bytes fetched around what is read of a file that is opened: the footer of a table."""

MARKS = ("ETag", "etag", "md5Hash", "xet_hash", "blob_id", "mtime", "LastModified", "created")
"""What storages call what changes when a file does, the surest first."""


@dataclass(frozen=True, slots=True)
class Stored:
    """A file of a storage, without its content.

    Attributes:
        bytes: its size.
        stamp: changes when the file does; empty where the storage says nothing of that kind.
    """

    bytes: int
    stamp: str

    @classmethod
    def of(cls, info: Mapping[str, Any]) -> Stored:
        """What fsspec's ``info`` of a file tells."""
        mark = next((info[name] for name in MARKS if info.get(name)), "")
        known = str(mark.timestamp() if isinstance(mark, datetime) else mark)
        size = int(info.get("size") or 0)
        return cls(size, f"{size} {known}" if known else "")


class Storage:
    """A folder of a storage; paths are relative to it. Failures are ``DatasetError`` of one line.

    Local files are written whole or not at all; so are those of object storages by their nature,
    but not those of a server reached by SFTP or the like.
    """

    def __init__(self, name: str, fs: AbstractFileSystem, root: str) -> None:
        """Of a storage and a path in it; ``name`` is what messages call it."""
        self.name, self._fs, self._root = name, fs, root.rstrip("/")

    @classmethod
    def at(cls, url: str) -> Storage:
        """The folder at an absolute path or an fsspec URL; nothing is asked yet.

        Raises:
            DatasetError: the storage is unknown, or its package is missing.
        """
        from fsspec.core import url_to_fs

        try:
            fs, root = url_to_fs(url)
        except (ValueError, ImportError, OSError) as error:
            raise DatasetError(f"{url[:100]}: {' '.join(str(error).split())[:200]}") from error
        return cls(url.rstrip("/") or "/", fs, root)

    def make(self) -> None:
        """Make the folder if there is none."""
        self._retried("making it", lambda: self._fs.makedirs(self._root, exist_ok=True))

    def names(self) -> list[str]:
        """Names of what lies directly in the folder; none if there is no folder."""

        def listed() -> list[str]:
            if not self._fs.isdir(self._root):
                return []
            listed = (str(path) for path in self._fs.ls(self._root, detail=False))
            # A console's empty "folder" is an object of the folder's own name and a slash.
            return [path.rpartition("/")[2] for path in listed if path.rstrip("/") != self._root]

        return self._retried("looking into it", listed)

    def files(self) -> dict[str, Stored]:
        """Path to what is known of every file below the folder; none if there is no folder."""

        def found() -> dict[str, Stored]:
            try:
                listed = self._fs.find(self._root, detail=True)
            except FileNotFoundError:
                return {}
            at = len(self._root) + 1
            return {
                str(path)[at:]: Stored.of(info)
                for path, info in listed.items()
                if str(path)[at:] and not str(path).endswith("/")  # a console's empty "folder"
            }

        return self._retried("looking through it", found)

    def file(self, path: str) -> Stored | None:
        """What is known of a file; None where there is none."""

        def found() -> Stored | None:
            try:
                return Stored.of(self._fs.info(self._at(path)))
            except FileNotFoundError:
                return None

        return self._retried(f"looking for {path}", found)

    def exists(self, path: str) -> bool:
        """Whether there is such a file."""
        return self._retried(f"looking for {path}", lambda: bool(self._fs.exists(self._at(path))))

    def size(self, path: str) -> int:
        """Bytes of a file."""
        return self._retried(f"looking for {path}", lambda: int(self._fs.size(self._at(path))))

    def holds(self, path: str, size: int, sha256: str) -> bool:
        """Whether there is a file with this content: its bytes are read."""

        def digest() -> str:
            try:
                if self._fs.size(self._at(path)) != size:
                    return ""
                found = hashlib.sha256()
                for piece in self.pieces(path)(0):
                    found.update(piece)
            except FileNotFoundError:
                return ""
            return found.hexdigest()

        return self._retried(f"reading {path}", digest) == sha256

    def read(self, path: str) -> bytes | None:
        """A small file's content, or None where there is none."""

        def read() -> bytes | None:
            try:
                return bytes(self._fs.cat_file(self._at(path), end=MAX_WHOLE))
            except FileNotFoundError:
                return None

        return self._retried(f"reading {path}", read)

    def pieces(self, path: str) -> Callable[[int], Iterator[bytes]]:
        """Reads a file from an offset on."""

        def pieces(start: int) -> Iterator[bytes]:
            with self._fs.open(self._at(path), "rb") as file:
                file.seek(start)
                while piece := file.read(PIECE):
                    yield piece

        return pieces

    def open(self, path: str) -> BinaryIO:
        """A file to read anywhere in.

        Raises:
            OSError: the storage's own error; not tried again.
        """
        opened: BinaryIO = self._fs.open(self._at(path), "rb", block_size=ENDS)
        return opened

    def write(self, path: str, body: bytes) -> None:
        """Write a small file."""

        def write() -> None:
            if self._is_local:
                with appearing(Path(self._at(path))) as file:
                    file.write(body)
            else:
                self._fs.pipe_file(self._at(path), body)

        self._retried(f"writing {path}", write)

    def send(self, source: Path, path: str) -> None:
        """Copy a file from here."""

        def send() -> None:
            if self._is_local:
                with source.open("rb") as opened, appearing(Path(self._at(path))) as file:
                    shutil.copyfileobj(opened, file, PIECE)
            else:
                self._fs.put_file(str(source), self._at(path))

        self._retried(f"sending {path}", send)

    def fetch(self, path: str, target: Path) -> None:
        """Copy a file to here, whole or not at all."""
        what, size = f"{self.name}: fetching {path}", self.size(path)
        with RemoteStream(what, self.pieces(path), size) as stream, appearing(target) as file:
            shutil.copyfileobj(stream, file, PIECE)

    def copy(self, source: str, path: str) -> None:
        """Copy a file inside the storage, without its bytes passing through here."""
        if self._is_local:
            self.send(Path(self._at(source)), path)
        else:
            places = self._at(source), self._at(path)
            self._retried(f"copying {path}", lambda: self._fs.cp_file(*places))

    def remove(self, path: str) -> None:
        """Remove a file, if it is there."""

        def remove() -> None:
            with suppress(FileNotFoundError):
                self._fs.rm_file(self._at(path))

        self._retried(f"removing {path}", remove)

    def drop_others(self, folder: str, wanted: Collection[str]) -> None:
        """Remove the files of a subfolder whose paths in it are not wanted."""
        root = self._at(folder)

        def drop() -> None:
            for path in self._fs.find(root):
                if str(path).removeprefix(f"{root}/") not in wanted:
                    self._fs.rm_file(path)

        self._retried("removing what is left over", drop)

    @property
    def _is_local(self) -> bool:
        from fsspec.implementations.local import LocalFileSystem

        return isinstance(self._fs, LocalFileSystem)

    def _at(self, path: str) -> str:
        """A path as the storage knows it.

        Raises:
            DatasetError: a part of it would lead elsewhere.
        """
        parts = path.split("/")
        if not re.fullmatch(r"[^/\\\x00\n]+(/[^/\\\x00\n]+)*", path) or {".", ".."} & set(parts):
            raise DatasetError(f'{self.name}: "{path[:100]}" is no path inside it')
        return f"{self._root}/{path}"

    def _retried(self, what: str, action: Callable[[], T]) -> T:
        def afresh() -> T:
            self._fs.invalidate_cache()  # of listings: other machines write here too
            return action()

        return retried(f"{self.name}: {what}", afresh, PASSING | COMMITS)
