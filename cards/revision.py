"""A revision of a place, found and its list of files looked at before anything of it is fetched."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from benchwright.cards.listing_cache import Remembered
from benchwright.cards.places import place, split_version
from benchwright.cards.remote import RemoteFile
from benchwright.cards.safety import safe_listing
from benchwright.cards.version import Version
from benchwright.dataset import BUILD, MANIFEST, SHARDS


@dataclass(frozen=True, slots=True)
class Revision:
    """What a source means, now and for good.

    Attributes:
        remote: where it is read from.
        id: the commit, or the folder of a store.
        version: that names it, ``1.2.0``; empty if none does.
        files: path to file of those that may be written here.
        left_out: (path, reason) of those that may not.
    """

    remote: Remembered
    id: str
    version: str
    files: dict[str, RemoteFile]
    left_out: tuple[tuple[str, str], ...]

    @classmethod
    def find(cls, source: str) -> Revision:
        """Find what ``org/name@1.2`` means.

        Raises:
            DatasetError: there is no such place or version, or its list of files is hostile.
        """
        text, wanted = split_version(source)
        remote = Remembered(place(text))
        revision = remote.resolve(wanted)
        names = [version for version, of in remote.versions().items() if of == revision]
        files, left_out = safe_listing(remote.files(revision), remote.name)
        return cls(remote, revision, str(max(names)) if names else "", files, left_out)

    @property
    def label(self) -> str:
        """Its version, or the beginning of its commit."""
        return self.version or self.id[:12]

    @property
    def folder(self) -> Path:
        """Where it is pulled to unless somebody says otherwise."""
        name = self.remote.name.rstrip("/").rpartition("/")[2] or "dataset"
        return Path("pulled") / f"{name}-{self.label}"

    @property
    def has_tables(self) -> bool:
        """Whether the tables that every dataset of ours has are there."""
        return {SHARDS, MANIFEST, BUILD} <= self.files.keys()


def versions(source: str) -> dict[Version, str]:
    """Version to revision of a place, oldest first.

    Raises:
        DatasetError: there is no such place, or it cannot be reached and never was.
    """
    return dict(sorted(Remembered(place(source)).versions().items()))
