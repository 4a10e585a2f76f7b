"""Tars that somebody else packed: walked header by header, in bounded time and memory.

``tarfile`` itself follows whatever lengths an archive claims; here every claim has a limit, and
what a sample can never be (a link, a device, a path elsewhere, a pickle) ends the walk.
"""

from __future__ import annotations

import hashlib
import os
import tarfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from benchwright.cards.safety import UNPICKLED, kind, safe_path, shown
from benchwright.dataset import Row
from benchwright.errors import DatasetError
from benchwright.shards import BLOCK, MAX_MEMBER, members, read_segment

MAX_MEMBERS = 200_000
"""Members a tar: shards of the web hold ten thousand samples of some few members each."""

MAX_CONTENT = 2 * 2**30
"""Bytes of a member: readers hold one in memory whole."""

MAX_EXTENDED = 64 * 2**10
"""Bytes of a header that extends another: a path and a handful of attributes."""

MAX_SAMPLE = 4 * MAX_MEMBER
"""Bytes of a sample of ours: a picture, a record, a mask, each with room."""

EXTENSIONS = 4
"""Headers that may extend one member's: one of each kind that there is."""

FILE, FOLDER = (tarfile.REGTYPE, tarfile.AREGTYPE), tarfile.DIRTYPE
HARMLESS_PAX = frozenset(
    {"path", "mtime", "atime", "ctime", "uid", "gid", "uname", "gname", "comment"}
)
"""What an extended header may say; others would move the next header or make a link."""

HARMLESS_PREFIXES = ("LIBARCHIVE.", "SCHILY.xattr.")
"""Attributes of files that other packers keep and no reader of samples looks at."""

Read = Callable[[int], bytes]


@dataclass(frozen=True, slots=True)
class Member:
    """A regular file (or folder) in a tar: its name, its size in bytes, how many follow it."""

    name: str
    size: int
    is_folder: bool

    @property
    def padding(self) -> int:
        """Bytes between its content and the next header."""
        return -self.size % BLOCK


def next_member(read: Read) -> Member | None:
    """The member whose header comes next, or None at the end of the archive.

    Args:
        read: gives the next so many bytes, fewer only at the end; what follows the header is left
            for the caller: ``size`` bytes of content, then ``padding``.

    Raises:
        DatasetError: a header that is broken, or of something that no sample can be.
    """
    long_name = ""
    for _ in range(EXTENSIONS):
        info = _header(read)
        if info is None:
            return None
        if info.type == tarfile.GNUTYPE_LONGNAME:
            long_name = _text(_extension(read, info).rstrip(b"\0"))
        elif info.type in (tarfile.XHDTYPE, tarfile.SOLARIS_XHDTYPE):
            long_name = _pax(_extension(read, info)).get("path", long_name)
        elif info.type == tarfile.XGLTYPE:
            if "path" in _pax(_extension(read, info)):
                raise DatasetError("a tar header names all members alike")
        else:
            return _vetted(info, long_name or info.name)
    raise DatasetError("a tar header is extended without end")


def _header(read: Read) -> tarfile.TarInfo | None:
    try:
        return tarfile.TarInfo.frombuf(read(BLOCK), "utf-8", "surrogateescape")
    except (tarfile.EOFHeaderError, tarfile.EmptyHeaderError):  # type: ignore[attr-defined]
        return None
    except tarfile.HeaderError as error:
        raise DatasetError(f"broken tar header: {error}") from error


def _extension(read: Read, info: tarfile.TarInfo) -> bytes:
    if not 0 <= info.size <= MAX_EXTENDED:
        raise DatasetError(f"a tar header of {info.size:,} bytes; at most {MAX_EXTENDED:,}")
    content = read(info.size)
    if len(content) < info.size or len(read(-info.size % BLOCK)) < -info.size % BLOCK:
        raise DatasetError("the tar is cut short in a header")
    return content


def _pax(content: bytes) -> dict[str, str]:
    """Key to value of an extended header: records of ``length key=value`` and a line feed."""
    found: dict[str, str] = {}
    while content.strip(b"\0"):
        length, _, _ = content.partition(b" ")
        size = int(length) if length.isdigit() and len(length) < 6 else 0
        record, content = content[len(length) + 1 : size], content[size:]
        key, equals, value = record.partition(b"=")
        name = _text(key)
        if not equals or not value.endswith(b"\n"):
            raise DatasetError("a tar header's extension is broken")
        if name not in HARMLESS_PAX and not name.startswith(HARMLESS_PREFIXES):
            raise DatasetError(f'a tar header is extended by "{shown(name)}"; samples need none')
        found[name] = _text(value[:-1])
    return found


def _text(content: bytes) -> str:
    return content.decode("utf-8", "surrogateescape")


def _vetted(info: tarfile.TarInfo, name: str) -> Member:
    quoted = f'tar member "{shown(name)}"'
    if info.type not in (*FILE, FOLDER):
        raise DatasetError(f"{quoted} is no plain file; links, devices and holes are refused")
    if not 0 <= info.size <= MAX_CONTENT:
        raise DatasetError(f"{quoted} claims {info.size:,} bytes; at most {MAX_CONTENT:,}")
    relative = name.removeprefix("./").rstrip("/") if info.type == FOLDER else name
    relative = relative.removeprefix("./")
    if relative or info.type != FOLDER:
        try:
            safe_path(relative)
        except DatasetError as error:
            raise DatasetError(f"tar member's {error}") from error
    if (ending := kind(relative.rpartition("/")[2])) in UNPICKLED:
        raise DatasetError(f"{quoted} would be unpickled by readers (.{ending})")
    return Member(name, 0 if info.type == FOLDER else info.size, info.type == FOLDER)


def check_tar(path: Path) -> int:
    """Walk a tar here without reading its contents, and return how many files it holds.

    Raises:
        DatasetError: names the first member that no sample can be.
    """
    size, files = path.stat().st_size, 0
    with path.open("rb") as file:
        for number in range(MAX_MEMBERS + 1):
            member = next_member(file.read)
            if member is None:
                return files
            files += not member.is_folder
            if file.tell() + member.size > size:
                raise DatasetError(f'tar member "{shown(member.name)}" is cut short')
            file.seek(member.size + member.padding, os.SEEK_CUR)
            if number == MAX_MEMBERS:
                raise DatasetError(f"more than {MAX_MEMBERS:,} tar members")
    return files


def check_samples(path: Path, rows: list[Row]) -> None:
    """Hold a shard of ours against the manifest: exactly these samples and nothing besides.

    Args:
        path: the shard; walked before.
        rows: the shard's rows, in the order they lie in it.

    Raises:
        DatasetError: names the first sample that is not what the manifest says.
    """
    end = 0
    for row in rows:
        where = f'sample "{shown(row.key)}"'
        if row.offset != end or not 0 < row.bytes <= MAX_SAMPLE:
            raise DatasetError(f"{where} does not lie where the manifest says")
        blocks = read_segment(path, row.placement)
        if hashlib.sha256(blocks).hexdigest() != row.sha256:
            raise DatasetError(f"{where}: its bytes are not those of the manifest")
        if any(name.partition(".")[0] != row.key for name in members(blocks)):
            raise DatasetError(f"{where} has members of another name")
        end += row.bytes
    with path.open("rb") as file:
        _check_end(file, end)


def _check_end(file: BinaryIO, end: int) -> None:
    file.seek(end)
    rest = file.read(tarfile.RECORDSIZE + 2 * BLOCK + 1)
    if len(rest) > tarfile.RECORDSIZE + 2 * BLOCK or rest.strip(b"\0"):
        raise DatasetError("the shard goes on after its last sample")
