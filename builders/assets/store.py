"""Files of an asset, in a folder or a zip archive: listed, and read by exact name, within limits.

Nothing is ever extracted: a member's name is only looked up, never used as a path to write to.
"""

from __future__ import annotations

import posixpath
import zipfile
import zlib
from functools import cached_property
from pathlib import Path
from typing import Protocol

from benchwright.errors import AssetError

MAX_FILE = 256 << 20
"""Bytes of one file: an OBJ of two million triangles has some 150 MB."""

MAX_FILES = 20_000
"""Files of a folder or archive; the largest Sweet Home 3D library holds 1,600."""

MAX_TOTAL = 4 << 30
"""Bytes of an unpacked archive, ten times the largest library's."""

MAX_RATIO = 200
"""Unpacked over packed size. Meshes as text shrink to a tenth, plain textures to a hundredth; a
bomb's zeros to a thousandth."""

SMALL = 1 << 20
"""Bytes below which a file's ratio says nothing."""


class Store(Protocol):
    """Files by name; names use ``/`` and are relative."""

    @property
    def where(self) -> str:
        """The folder or archive, for messages."""
        ...

    def names(self) -> tuple[str, ...]:
        """Every file, sorted.

        Raises:
            AssetError: the store is refused or cannot be read.
        """
        ...

    def read(self, name: str) -> bytes:
        """A file's content.

        Raises:
            AssetError: there is no such file, it is too large, or damaged.
        """
        ...


class FolderStore:
    """The files of a folder and its folders; links that lead out of it are not followed."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder.resolve()
        self.where = str(folder)

    def names(self) -> tuple[str, ...]:
        """Every file, sorted."""
        return self._names

    @cached_property
    def _names(self) -> tuple[str, ...]:
        found: list[str] = []
        for path in self._folder.rglob("*"):
            if path.is_file() and path.resolve().is_relative_to(self._folder):
                found.append(path.relative_to(self._folder).as_posix())
            if len(found) > MAX_FILES:
                raise AssetError(f"{self.where}: more than {MAX_FILES:,} files; name a smaller one")
        return tuple(sorted(found))

    def read(self, name: str) -> bytes:
        """A file's content."""
        if name not in self._names:
            raise AssetError(f"{self.where}/{name}: missing")
        path = self._folder / name
        try:
            if (size := path.stat().st_size) > MAX_FILE:
                raise AssetError(_too_large(f"{self.where}/{name}", size))
            return path.read_bytes()
        except OSError as error:
            raise AssetError(f"{path}: cannot be read: {error.strerror}") from error


class ZipStore:
    """The members of a zip archive, whose directory is checked before any is read."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self.where = str(path)

    def names(self) -> tuple[str, ...]:
        """Every file, sorted."""
        return tuple(self._members)

    @cached_property
    def _archive(self) -> zipfile.ZipFile:
        try:
            return zipfile.ZipFile(self._path)
        except (OSError, zipfile.BadZipFile, ValueError) as error:
            raise AssetError(f"{self.where}: no readable zip archive: {error}") from error

    @cached_property
    def _members(self) -> dict[str, zipfile.ZipInfo]:
        infos = [info for info in self._archive.infolist() if not info.is_dir()]
        if len(infos) > MAX_FILES:
            raise AssetError(f"{self.where}: {len(infos):,} members; {MAX_FILES:,} at most")
        if (total := sum(info.file_size for info in infos)) > MAX_TOTAL:
            raise AssetError(
                f"{self.where}: unpacks to {total / 2**30:.1f} GB; {MAX_TOTAL >> 30} at most"
            )
        members = {}
        for info in sorted(infos, key=lambda info: info.filename):
            if fault := _fault(info):
                raise AssetError(f"{self.where}: member {info.filename!r} {fault}")
            if info.filename in members:
                raise AssetError(f"{self.where}: member {info.filename!r} is there twice")
            members[info.filename] = info
        return members

    def read(self, name: str) -> bytes:
        """A member's content."""
        if name not in self._members:
            raise AssetError(f"{self.where}: {name}: missing")
        info = self._members[name]
        if info.file_size > MAX_FILE:
            raise AssetError(_too_large(f"{self.where}: {name}", info.file_size))
        try:
            with self._archive.open(info) as member:
                return member.read(MAX_FILE)
        except (OSError, zipfile.BadZipFile, zlib.error, NotImplementedError) as error:
            raise AssetError(f"{self.where}: {name}: damaged: {error}") from error


def _fault(info: zipfile.ZipInfo) -> str | None:
    """What is wrong with a member as the archive's directory describes it."""
    name = info.filename
    if name.startswith(("/", "\\")) or ".." in name.replace("\\", "/").split("/") or ":" in name:
        return "points outside the archive"
    if info.flag_bits & 1:
        return "is encrypted"
    if info.file_size > SMALL and info.file_size > MAX_RATIO * max(1, info.compress_size):
        return (
            f"is a zip bomb: {info.compress_size:,} bytes would become {info.file_size:,}"
        )  # fmt: skip
    return None


def _too_large(where: str, size: int) -> str:
    return f"{where}: {size / 2**20:,.0f} MB; {MAX_FILE >> 20} at most"


def beside(name: str, reference: str, where: str) -> str:
    """The file that a reference in the file ``name`` means.

    Raises:
        AssetError: it lies outside the folder or archive.
    """
    path = reference.strip().strip('"').replace("\\", "/")
    if "://" in path:
        raise AssetError(f"{where}: {name} refers to {reference!r} on the network: put it beside")
    if path.startswith("/") or path[1:2] == ":":
        raise AssetError(f"{where}: {name} refers to the absolute path {reference!r}")
    found = posixpath.normpath(posixpath.join(posixpath.dirname(name), path))
    if found.startswith("../") or found == "..":
        raise AssetError(f"{where}: {name} refers to {reference!r}, outside")
    return found
