"""What lies where in a tar that somebody else packed, found without reading any content.

``tarfile`` follows whatever lengths an archive claims; here every claim has a limit. What a shard
of samples can never hold (a link, a device, a hole) ends the walk: what came before is used, and
the rest of the shard is reported as broken. Nothing is ever extracted, so names are only keys.
"""

from __future__ import annotations

import os
import tarfile
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

from benchwright.errors import DatasetError

# Names need not be UTF-8, but tables hold nothing else.
_ENCODING = ("utf-8", "backslashreplace")

MAX_MEMBERS = 1_000_000
"""Members a tar: shards of the web hold ten thousand samples of some few members each."""

MAX_EXTENDED = 64 * 2**10
"""Bytes of a header that extends another: a path and a handful of attributes."""

MAX_NAME = 1024
"""Characters of a member's name: keys are kept in memory and in tables."""

EXTENSIONS = 4
"""Headers that may extend one member's: one of each kind that there is."""

IMAGES = frozenset(
    {"jpg", "jpeg", "jpe", "jfif", "png", "webp", "gif", "bmp", "tif", "tiff", "ppm", "pgm"}
    | {"avif", "heic", "heif", "jp2", "ico"}
)
"""Endings under which shards keep images. Whether the bytes are one is for the decoder to say."""

TEXTS, RECORDS = frozenset({"txt", "caption", "text"}), frozenset({"json"})

_PLAIN = frozenset({tarfile.REGTYPE, tarfile.AREGTYPE, tarfile.CONTTYPE})
_EXTENDED = frozenset({tarfile.XHDTYPE, tarfile.SOLARIS_XHDTYPE, tarfile.XGLTYPE})


@dataclass(frozen=True, slots=True)
class Span:
    """A member's content: where it starts in the tar, and how many bytes it has."""

    offset: int
    bytes: int


@dataclass(frozen=True, slots=True)
class Entry:
    """A sample: its key and where its members lie; None where it has no such member."""

    key: str
    image: Span | None
    text: Span | None
    record: Span | None


@dataclass(frozen=True, slots=True)
class Index:
    """The samples of a tar, and why it could not be walked to its end; empty if it could."""

    entries: tuple[Entry, ...]
    broken: str


def index_tar(file: BinaryIO) -> Index:
    """Walk a tar's headers.

    Members are one sample as long as they are adjacent and share the path up to the first dot of
    the base name, as in every reader of WebDataset; a second member of one kind with the same key
    begins another sample, so nothing is shadowed. ``mask.png`` and the like are no image.

    Args:
        file: seekable, at the start of the tar.
    """
    entries: list[Entry] = []
    key, found = "", dict[str, Span]()
    broken = ""
    try:
        for name, span in _members(file):
            folder, slash, base = name.rpartition("/")
            stem, dot, extension = base.partition(".")
            if not dot:
                continue
            if (sample := folder + slash + stem) != key or (kind := extension.lower()) in found:
                if found:
                    entries.append(_entry(key, found))
                key, found = sample, {}
                kind = extension.lower()
            found[kind] = span
    except DatasetError as error:
        broken = str(error)
    if found:
        entries.append(_entry(key, found))
    return Index(tuple(entries), broken)


def _entry(key: str, found: dict[str, Span]) -> Entry:
    def first(kinds: frozenset[str]) -> Span | None:
        return next((span for kind, span in found.items() if kind in kinds), None)

    return Entry(key, first(IMAGES), first(TEXTS), first(RECORDS))


def _members(file: BinaryIO) -> Iterator[tuple[str, Span]]:
    """(name, place) of a tar's files, in the order they lie.

    Raises:
        DatasetError: the tar cannot be walked further.
    """
    size = file.seek(0, os.SEEK_END)
    file.seek(0)
    for _ in range(MAX_MEMBERS):
        found = _next(file)
        if found is None:
            return
        name, info = found
        offset = file.tell()
        if offset + info.size > size:
            raise DatasetError(f"cut short at byte {size:,}, within {_shown(name)}")
        if info.type != tarfile.DIRTYPE:
            yield name, Span(offset, info.size)
            file.seek(info.size + -info.size % tarfile.BLOCKSIZE, os.SEEK_CUR)
    raise DatasetError(f"more than {MAX_MEMBERS:,} members")


def _next(file: BinaryIO) -> tuple[str, tarfile.TarInfo] | None:
    """The next member's name and header, or None at the end of the archive."""
    long_name = ""
    for _ in range(EXTENSIONS):
        info = _header(file)
        if info is None:
            return None
        if info.type == tarfile.GNUTYPE_LONGNAME:
            long_name = _text(_extension(file, info).partition(b"\0")[0])
        elif info.type in _EXTENDED:
            path = _pax_path(_extension(file, info))
            long_name = path if path and info.type != tarfile.XGLTYPE else long_name
        else:
            return _vetted(long_name or info.name, info)
    raise DatasetError(f"a header at byte {file.tell():,} is extended without end")


def _header(file: BinaryIO) -> tarfile.TarInfo | None:
    place, block = file.tell(), file.read(tarfile.BLOCKSIZE)
    if not block:  # cut at a member's border, where only the missing zeros tell
        raise DatasetError(f"cut short at byte {place:,}: a tar ends in zeros")
    try:
        return tarfile.TarInfo.frombuf(block, *_ENCODING)
    except tarfile.EOFHeaderError:  # type: ignore[attr-defined]
        return None
    except tarfile.HeaderError as error:
        raise DatasetError(f"no tar header at byte {place:,} ({error})") from error


def _extension(file: BinaryIO, info: tarfile.TarInfo) -> bytes:
    if not 0 <= info.size <= MAX_EXTENDED:
        raise DatasetError(f"a header of {info.size:,} bytes; at most {MAX_EXTENDED:,}")
    content = file.read(info.size)
    if len(content) < info.size:
        raise DatasetError("cut short in a header")
    file.seek(-info.size % tarfile.BLOCKSIZE, os.SEEK_CUR)
    return content


def _pax_path(content: bytes) -> str:
    """The path that an extended header gives; its records are ``length key=value`` and a feed.

    Raises:
        DatasetError: it is broken, or it gives the member another size: only those above 8 GB
            need that.
    """
    path = ""
    while content.strip(b"\0"):
        length, _, _ = content.partition(b" ")
        size = int(length) if length.isdigit() and len(length) < 6 else 0
        if size > len(content):
            raise DatasetError("an extended header is broken")
        record, content = content[len(length) + 1 : size], content[size:]
        name, equals, value = record.partition(b"=")
        if not equals or not value.endswith(b"\n"):
            raise DatasetError("an extended header is broken")
        if name == b"size" or name.startswith(b"GNU.sparse"):
            raise DatasetError("an extended header gives a member another size")
        if name == b"path":
            path = _text(value[:-1])
    return path


def _vetted(name: str, info: tarfile.TarInfo) -> tuple[str, tarfile.TarInfo]:
    if info.type not in _PLAIN and info.type != tarfile.DIRTYPE:
        raise DatasetError(f"{_shown(name)} is no plain file; links, devices and holes are refused")
    if info.size < 0 or (info.type == tarfile.DIRTYPE and info.size):
        raise DatasetError(f"{_shown(name)} claims {info.size:,} bytes")
    if len(name) > MAX_NAME:
        raise DatasetError(f"a member's name has {len(name):,} characters; at most {MAX_NAME:,}")
    return name.removeprefix("./"), info


def _text(content: bytes) -> str:
    return content.decode(*_ENCODING)


def _shown(name: str) -> str:
    """A name fit for one line of a terminal."""
    return ascii(name[:80])
