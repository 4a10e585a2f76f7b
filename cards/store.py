"""Versions in a folder of any fsspec storage, for those without a Hub.

    versions.json        version to folder, counts and the digest of its files.json
    v1.0.0/              a dataset folder as it is, readable by `datasets`
    v1.0.0/files.json    path to bytes and sha256; written last, so a folder without it is a part

A version exists when ``versions.json`` lists it. One publisher at a time: object storages have no
lock, and of two that finish at the same moment the later index stands.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, BinaryIO

from benchwright.cards.remote import RemoteFile
from benchwright.cards.version import Version, is_range, newest, tagged
from benchwright.errors import DatasetError
from benchwright.shards import file_sha256
from benchwright.storage import Storage
from benchwright.streams import RemoteStream, buffered, fetch_rest

INDEX, FILES = "versions.json", "files.json"


class Store:
    """A folder of some storage, as a ``Publication``. A revision is a version's folder."""

    def __init__(self, storage: Storage) -> None:
        """In a folder; nothing is asked yet."""
        self.name, self._storage = storage.name, storage

    def versions(self) -> dict[Version, str]:
        """Version to folder; empty where nothing has been published."""
        return {Version.parse(text): entry["folder"] for text, entry in self._index().items()}

    def resolve(self, text: str) -> str:
        """The folder that a version or a range means; the newest if empty.

        Raises:
            DatasetError: there is no such version, or nothing has been published.
        """
        versions = self.versions()
        if text and not is_range(text):
            raise DatasetError(f'{self.name}: "{text[:60]}" is no version; write 1.2.0, 1.2 or 1')
        return versions[newest(text, versions)]

    def files(self, revision: str) -> dict[str, RemoteFile]:
        """Path to file of a version, as its ``files.json`` lists them.

        Raises:
            DatasetError: there is no such version, or its list is not the one that was published.
        """
        body = self._storage.read(f"{revision}/{FILES}")
        if body is None:
            raise DatasetError(f"{self.name}: there is no {revision}")
        for entry in self._index().values():
            digest = hashlib.sha256(body).hexdigest()
            if entry["folder"] == revision and entry["files_sha256"] != digest:
                raise DatasetError(
                    f"{self.name}: {revision}/{FILES} is not what was published; publish again"
                )
        try:
            listed = json.loads(body)["files"]
            return {
                str(path): RemoteFile(str(path), int(file["bytes"]), str(file["sha256"]))
                for path, file in listed.items()
            }
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
            raise DatasetError(f"{self.name}: {revision}/{FILES} is no list of files") from error

    def fetch(self, revision: str, file: RemoteFile, target: Path) -> None:
        """Bring a file to ``target``, going on where an earlier call was cut; bytes not checked."""
        pieces = self._storage.pieces(f"{revision}/{file.path}")
        fetch_rest(f"{self.name}: downloading {file.path}", pieces, file.bytes, target)

    def open(self, revision: str, path: str) -> BinaryIO:
        """A file's bytes as a stream, without keeping them."""
        where = f"{revision}/{path}"
        size, pieces = self._storage.size(where), self._storage.pieces(where)
        return buffered(RemoteStream(f"{self.name}: reading {where}", pieces, size))

    def head(self) -> str:
        """The newest folder with a list of its files, in the index or not; empty if none."""
        versions = tagged(self._storage.names())
        newest_first = sorted(versions, key=lambda tag: versions[tag], reverse=True)
        return next((tag for tag in newest_first if self._storage.exists(f"{tag}/{FILES}")), "")

    def check_private(self) -> None:
        """Refuse: who reads a store is its storage's affair.

        Raises:
            DatasetError: always.
        """
        raise DatasetError(
            f"{self.name}: --private is for the Hub; who reads this is set where it is stored"
        )

    def create(self, private: bool) -> None:
        """Make the folder if there is none."""
        self._storage.make()

    def commit(
        self,
        version: Version,
        add: Mapping[str, Path],
        delete: Collection[str],
        parent: str,
        message: str,
    ) -> str:
        """Fill a version's folder; what ``parent`` holds is copied inside the storage.

        What an earlier, interrupted call left there is used if it is right, and removed if not.

        Raises:
            DatasetError: this version is published, or the storage refuses.
        """
        folder = version.tag
        if version in self.versions():
            raise DatasetError(f"{self.name}: {version} is published already")
        if (head := self.head()) not in (parent, folder):
            raise DatasetError(f"{self.name}: {head} has been published in the meantime")
        before = self.files(parent) if parent else {}
        files = {path: before[path] for path in before.keys() - set(delete) - add.keys()}
        for path, local in add.items():
            files[path] = RemoteFile(path, local.stat().st_size, file_sha256(local))
        for path in sorted(files):
            if not self._storage.holds(f"{folder}/{path}", files[path].bytes, files[path].sha256):
                self._fill(folder, path, add.get(path), parent)
        self._storage.drop_others(folder, {*files, FILES})
        listed = {
            path: {"bytes": files[path].bytes, "sha256": files[path].sha256}
            for path in sorted(files)
        }
        self._write(f"{folder}/{FILES}", {"message": message, "files": listed})
        return folder

    def _fill(self, folder: str, path: str, local: Path | None, parent: str) -> None:
        """Bring one file into a version's folder, from here or from its parent."""
        if local:
            self._storage.send(local, f"{folder}/{path}")
        elif parent != folder:
            self._storage.copy(f"{parent}/{path}", f"{folder}/{path}")
        else:
            raise DatasetError(f"{self.name}: {folder}/{path} is broken; delete {folder} there")

    def stored(self, revision: str) -> dict[str, RemoteFile]:
        """The files of a version as they are when read back, byte for byte."""
        listed = self.files(revision)
        return {
            path: RemoteFile(path, file.bytes if whole else -1, file.sha256 if whole else "")
            for path, file in listed.items()
            for whole in [self._storage.holds(f"{revision}/{path}", file.bytes, file.sha256)]
        }

    @contextmanager
    def loadable(self, revision: str, paths: Collection[str]) -> Iterator[tuple[str, str | None]]:
        """A copy of these files: `datasets` takes its cards from a folder here or from the Hub."""
        listed = self.files(revision)
        with TemporaryDirectory(prefix="benchwright-") as folder:
            for path in paths:
                self.fetch(revision, listed[path], Path(folder, path))
            yield folder, None

    def release(self, version: Version, revision: str) -> None:
        """List a folder in the index.

        Raises:
            DatasetError: the version is in the index with other files.
        """
        index = self._index()
        files = self.files(revision)
        body = self._storage.read(f"{revision}/{FILES}") or b""
        entry = {
            "folder": revision,
            "files": len(files),
            "bytes": sum(file.bytes for file in files.values()),
            "files_sha256": hashlib.sha256(body).hexdigest(),
        }
        if index.get(str(version), entry) != entry:
            raise DatasetError(f"{self.name}: {version} has other files; choose a new version")
        ordered = sorted({**index, str(version): entry}.items(), key=lambda e: Version.parse(e[0]))
        self._write(INDEX, dict(ordered))

    def _index(self) -> dict[str, dict[str, Any]]:
        body = self._storage.read(INDEX)
        if body is None:
            return {}
        try:
            index = json.loads(body)
            for text, entry in index.items():
                if entry["folder"] != Version.parse(text).tag or not entry["files_sha256"]:
                    raise KeyError(text)
            return index
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
            raise DatasetError(f"{self.name}: {INDEX} is no index of versions") from error

    def _write(self, path: str, value: Any) -> None:
        body = json.dumps(value, indent=1, ensure_ascii=False) + "\n"
        self._storage.write(path, body.encode())
