"""WebDataset shards: deterministic tars, written whole or not at all, read without extraction.

A sample is its members, adjacent, in the order written; its *segment* is the run of tar blocks
they fill. Segments are what the manifest points to, what digests cover, and what a rebuild copies.
"""

from __future__ import annotations

import hashlib
import io
import os
import tarfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Protocol

from benchwright.errors import DatasetError

BLOCK = tarfile.BLOCKSIZE
MAX_MEMBER = 64 * 2**20
"""Bytes of one member: a 1024 px scene is below 1 MB; more than this is not a sample of ours."""

PARTIAL = ".partial"
"""Ending of a file that is being written; one that outlives its writer is of no use."""

LOCK = "lock"
"""Name of the file, in the folder of what is no result, that a writer holds."""


@dataclass(frozen=True, slots=True)
class Placement:
    """Where a sample lies in its shard: byte offset and length of its segment, and its sha256."""

    offset: int
    bytes: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Written:
    """A finished shard: its size in bytes, its sha256, and its samples' placements in order."""

    bytes: int
    sha256: str
    placements: tuple[Placement, ...]


def segment(key: str, members: dict[str, bytes]) -> bytes:
    """The tar blocks of one sample.

    Args:
        key: base name of every member; no dots, since readers cut names at the first one.
        members: extension (without the leading dot) to content.

    Raises:
        DatasetError: the key would be read back as something else.
    """
    if not key or "." in key or "/" in key:
        raise DatasetError(f'sample key "{key}" holds a dot or slash; readers would cut it there')
    blocks = bytearray()
    for extension, content in members.items():
        header = tarfile.TarInfo(f"{key}.{extension}")
        # Everything that could differ between two runs is fixed: owner 0, mode 644, time 0.
        header.size, header.mode, header.mtime = len(content), 0o644, 0
        blocks += header.tobuf(tarfile.USTAR_FORMAT)
        blocks += content + bytes(-len(content) % BLOCK)
    return bytes(blocks)


def write(path: Path, segments: Iterable[bytes]) -> Written:
    """Write a shard under a temporary name, sync it, and rename it into place.

    Raises:
        DatasetError: the disk refused (full, read-only); nothing is left at ``path``.
    """
    placements: list[Placement] = []
    whole, offset = hashlib.sha256(), 0
    with replacing(path) as file:
        for blocks in segments:
            placements.append(Placement(offset, len(blocks), hashlib.sha256(blocks).hexdigest()))
            whole.update(blocks)
            file.write(blocks)
            offset += len(blocks)
        # Two zero blocks end an archive; padding to a record is what other writers do too.
        end = bytes(2 * BLOCK + -(offset + 2 * BLOCK) % tarfile.RECORDSIZE)
        whole.update(end)
        file.write(end)
    return Written(offset + len(end), whole.hexdigest(), tuple(placements))


class Listener(Protocol):
    """Is told of results as they come and go; see ``benchwright.mirror``."""

    def wrote(self, path: Path) -> None:
        """A file is in place, whole."""

    def moved(self, source: Path, path: Path) -> None:
        """A file is in another place."""

    def removed(self, path: Path) -> None:
        """A file is gone."""


listeners: list[Listener] = []


@contextmanager
def replacing(path: Path) -> Iterator[BinaryIO]:
    """As ``appearing``, of a result: listeners are told.

    Raises:
        DatasetError: the disk refused, or a listener did.
    """
    with appearing(path) as file:
        yield file
    wrote(path)


def wrote(path: Path) -> None:
    """Tell that a result is in place that was written otherwise than by ``replacing``."""
    for listener in listeners:
        listener.wrote(path)


def move(source: Path, path: Path) -> None:
    """Move a result to where readers look for it.

    Raises:
        DatasetError: the disk refused, or a listener did.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        source.replace(path)
    except OSError as error:
        raise DatasetError(f"{path}: cannot be written: {error.strerror}") from error
    for listener in listeners:
        listener.moved(source, path)


def remove(path: Path) -> None:
    """Remove a result, if it is there.

    Raises:
        DatasetError: a listener refused.
    """
    path.unlink(missing_ok=True)
    for listener in listeners:
        listener.removed(path)


@contextmanager
def appearing(path: Path) -> Iterator[BinaryIO]:
    """A file that appears at ``path`` whole when the block ends, and not at all if it fails.

    Raises:
        DatasetError: the disk refused (full, read-only, a folder in the way).
    """
    partial = path.with_name(f".{path.name}.{os.getpid()}{PARTIAL}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with partial.open("wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        partial.replace(path)
    except OSError as error:
        raise DatasetError(f"{path}: cannot be written: {error.strerror}") from error
    finally:
        with suppress(OSError):  # a name that is too long is none that could be there
            partial.unlink(missing_ok=True)


def read_segment(path: Path, placement: Placement) -> bytes:
    """The bytes of one sample, as many as there are: the caller compares the digest."""
    with path.open("rb") as file:
        file.seek(placement.offset)
        return file.read(placement.bytes)


def members(blocks: bytes) -> dict[str, bytes]:
    """Member name to content of one segment, nothing written anywhere.

    Raises:
        DatasetError: not the blocks of plain files, whole and under distinct names.
    """
    found: dict[str, bytes] = {}
    stream = io.BytesIO(blocks)
    while header := stream.read(BLOCK):
        try:
            info = tarfile.TarInfo.frombuf(header, "utf-8", "strict")
        except (tarfile.HeaderError, UnicodeDecodeError) as error:
            raise DatasetError(f"broken tar header: {error}") from error
        if not info.isreg() or info.name in found or info.size > MAX_MEMBER:
            raise DatasetError(f'tar member "{info.name}" is no plain file, twice there or too big')
        content = stream.read(info.size)
        if len(content) < info.size:
            raise DatasetError(f'tar member "{info.name}" is cut short')
        found[info.name] = content
        stream.seek(-info.size % BLOCK, io.SEEK_CUR)
    return found


def file_sha256(path: Path) -> str:
    """The sha256 of a file, hex."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
