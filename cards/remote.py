"""Places that hold published versions: a Hub repository, or a folder on any fsspec storage.

A *revision* is an immutable state of such a place: a commit of the Hub, a version's folder of a
store. A *version* names the revision that was read back and found whole.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Protocol

from benchwright.cards.version import Version
from benchwright.shards import file_sha256


@dataclass(frozen=True, slots=True)
class RemoteFile:
    """A file of a revision, as its place describes it.

    Attributes:
        path: relative, with forward slashes; not yet known to be safe.
        bytes: its size.
        sha256: of its content, hex; empty where the place only knows ``git_sha1``.
        git_sha1: of its git blob, hex; empty where the place knows ``sha256``.
    """

    path: str
    bytes: int
    sha256: str = ""
    git_sha1: str = ""

    def matches(self, local: Path) -> bool:
        """Whether a file here has this size and digest."""
        if not local.is_file() or local.stat().st_size != self.bytes:
            return False
        if self.sha256:
            return file_sha256(local) == self.sha256
        blob = f"blob {self.bytes}\0".encode() + local.read_bytes()
        return hashlib.sha1(blob, usedforsecurity=False).hexdigest() == self.git_sha1


class Remote(Protocol):
    """Where versions are read from.

    Every method raises ``DatasetError`` with one line when the place cannot be reached, does not
    exist or refuses, after retrying what may pass by itself.
    """

    name: str
    """As the user wrote it, without a version."""

    def versions(self) -> dict[Version, str]:
        """Version to revision; empty where nothing has been published."""

    def resolve(self, text: str) -> str:
        """The revision that a version, a range, a branch or a revision means; newest if empty."""

    def files(self, revision: str) -> dict[str, RemoteFile]:
        """Path to file of a revision."""

    def fetch(self, revision: str, file: RemoteFile, target: Path) -> None:
        """Bring a file to ``target``, going on where an earlier call was cut; bytes not checked."""

    def open(self, revision: str, path: str) -> BinaryIO:
        """A file's bytes as a stream, without keeping them."""


class Publication(Remote, Protocol):
    """Where versions are published, too."""

    def head(self) -> str:
        """The newest revision, named by a version or not; empty where there is none."""

    def check_private(self) -> None:
        """Refuse to publish privately where there is a place that everybody can read."""

    def create(self, private: bool) -> None:
        """Make the place if there is none; one that is there keeps who may read it."""

    def commit(
        self,
        version: Version,
        add: Mapping[str, Path],
        delete: Collection[str],
        parent: str,
        message: str,
    ) -> str:
        """Make one new revision out of ``parent``, whole or not at all, and return it.

        Args:
            version: what it will be named once it has been read back.
            add: path to local file of everything in the new revision that ``parent`` lacks.
            delete: paths of ``parent`` that the new revision lacks.
            parent: the ``head`` this was prepared against; empty for the first revision.
            message: a title line, and a body.

        Raises:
            DatasetError: somebody else has published in the meantime, or the place refuses.
        """

    def stored(self, revision: str) -> dict[str, RemoteFile]:
        """As ``files``, with digests of what is really kept, not of what was announced."""

    def loadable(
        self, revision: str, paths: Collection[str]
    ) -> AbstractContextManager[tuple[str, str | None]]:
        """What to hand to `datasets` to load a revision: a path and, on the Hub, a revision.

        Args:
            revision: which.
            paths: the files that will be read; others may be missing.
        """

    def release(self, version: Version, revision: str) -> None:
        """Name a revision; the name never moves."""
