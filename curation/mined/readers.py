"""Readers of found images where they lie: files of a folder, members of downloaded shards."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from benchwright import mirror
from benchwright.curation.embed.tar_index import index_tar
from benchwright.errors import DatasetError
from benchwright.shards import MAX_MEMBER


@dataclass(frozen=True, slots=True)
class Place:
    """Where a member lies: path of the tar relative to a root, byte offset, length."""

    tar: str
    offset: int
    bytes: int

    def __str__(self) -> str:
        return f"{self.tar}:{self.offset}:{self.bytes}"

    @classmethod
    def of(cls, at: str) -> Place:
        """The place that ``str`` of it names."""
        tar, offset, size = at.rsplit(":", 2)
        return cls(tar, int(offset), int(size))


def images(root: Path, tar: str) -> Iterator[tuple[str, Place]]:
    """Key and place of each sample's image in a shard, by its headers alone.

    Of a shard that is broken, those before the break.

    Args:
        root: folder that the places will be relative to.
        tar: path of the shard, relative to it.

    Raises:
        DatasetError: it cannot be opened.
    """
    try:
        with mirror.here(root / tar).open("rb") as file:
            entries = index_tar(file).entries
    except OSError as error:
        raise _unreadable(root / tar, error) from error
    for entry in entries:
        if entry.image is not None:
            yield entry.key, Place(tar, entry.image.offset, entry.image.bytes)


@dataclass(frozen=True, slots=True)
class TarReader:
    """Reads images of shards below a folder by ``str`` of their places."""

    root: Path

    def __call__(self, at: str) -> bytes:
        """The bytes there.

        Raises:
            DatasetError: they cannot be read whole.
        """
        place = Place.of(at)
        if place.bytes > MAX_MEMBER:
            raise DatasetError(f"{at}: {place.bytes:,} bytes are no image; at most {MAX_MEMBER:,}")
        try:
            with mirror.here(self.root / place.tar).open("rb") as file:
                file.seek(place.offset)
                content = file.read(place.bytes)
        except OSError as error:
            raise _unreadable(self.root / place.tar, error) from error
        if len(content) < place.bytes:
            raise DatasetError(f"{self.root / place.tar}: cut short; download it again")
        return content


@dataclass(frozen=True, slots=True)
class FolderReader:
    """Reads images that are files below a folder, by their relative paths."""

    root: Path

    def __call__(self, at: str) -> bytes:
        """The bytes there.

        Raises:
            DatasetError: they cannot be read.
        """
        try:
            return (self.root / at).read_bytes()
        except OSError as error:
            raise _unreadable(self.root / at, error) from error


def _unreadable(path: Path, error: OSError) -> DatasetError:
    return DatasetError(f"{path}: cannot be read: {error.strerror}")
