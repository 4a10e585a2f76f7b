"""Samples out of a shard while it is read: members vetted, every byte hashed."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

from benchwright.cards.remote import Remote, RemoteFile
from benchwright.cards.safety import inside, shown
from benchwright.cards.tar_check import MAX_MEMBERS, next_member
from benchwright.errors import DatasetError

PIECE = 1 << 20
"""Bytes read at once where they are only hashed."""


@dataclass(frozen=True, slots=True)
class Shards:
    """Tars of a revision, or of a dataset folder here.

    Attributes:
        home: where they are read from.
        revision: of a remote.
        files: with their sizes and digests.
    """

    home: Remote | Path
    revision: str
    files: tuple[RemoteFile, ...]

    def open(self, file: RemoteFile) -> BinaryIO:
        """A shard's bytes.

        Raises:
            DatasetError: it is not to be had.
        """
        if not isinstance(self.home, Path):
            return self.home.open(self.revision, file.path)
        try:
            return inside(self.home, file.path).open("rb")
        except OSError as error:
            raise DatasetError(f"{self.home / file.path}: cannot be read") from error


class Hashed:
    """A stream that knows the digest of what has been read from it."""

    def __init__(self, stream: BinaryIO, file: RemoteFile) -> None:
        """Of a file's stream, from its start."""
        self._stream, self._file, self._read = stream, file, 0
        self._digest = hashlib.sha256()
        if not file.sha256:
            self._digest = hashlib.sha1(f"blob {file.bytes}\0".encode(), usedforsecurity=False)

    def read(self, count: int) -> bytes:
        """The next so many bytes; fewer at the end."""
        content = self._stream.read(count)
        self._read += len(content)
        self._digest.update(content)
        return content

    def check(self) -> None:
        """Read what is left, and hold all of it against the file's size and digest.

        Raises:
            DatasetError: it is another file.
        """
        while self._read <= self._file.bytes and self.read(PIECE):
            pass
        expected = self._file.sha256 or self._file.git_sha1
        if self._read != self._file.bytes or self._digest.hexdigest() != expected:
            raise DatasetError("is not the published shard: its size or digest differs")


def samples(shards: Shards, files: Iterable[RemoteFile]) -> Iterator[dict[str, Any]]:
    """Samples of shards, as webdataset's own reader gives them: bytes by extension.

    Args:
        shards: where they are.
        files: which of them, in order.

    Raises:
        DatasetError: names the shard that is hostile, broken or not the published one.
    """
    for file in files:
        try:
            yield from _samples(shards, file)
        except DatasetError as error:
            raise DatasetError(f"{shown(file.path)}: {error}") from error


def _samples(shards: Shards, file: RemoteFile) -> Iterator[dict[str, Any]]:
    sample: dict[str, Any] = {}
    with shards.open(file) as opened:
        stream = Hashed(opened, file)
        for name, content in _members(stream):
            folder, slash, base = name.rpartition("/")
            key, _, extension = base.partition(".")
            if (key := f"{folder}{slash}{key}") != sample.get("__key__"):
                if sample:
                    yield sample
                sample = {"__key__": key, "__url__": file.path}
            sample[extension.lower()] = content
        stream.check()
    if sample:
        yield sample


def _members(stream: Hashed) -> Iterator[tuple[str, bytes]]:
    """(name, content) of a tar's files, one after the other."""
    for _ in range(MAX_MEMBERS):
        member = next_member(stream.read)
        if member is None:
            return
        content = stream.read(member.size)
        if len(content) < member.size:
            raise DatasetError(f'tar member "{shown(member.name)}" is cut short')
        stream.read(member.padding)
        if not member.is_folder and "." in member.name.rpartition("/")[2]:
            yield member.name, content
    raise DatasetError(f"more than {MAX_MEMBERS:,} tar members")
