"""What a place said the last time it could be reached, so that what was pulled works without it.

A revision never changes, so what is remembered of one stays true; only "the newest" may be old,
and the person is told.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any, BinaryIO

from benchwright import console
from benchwright.caches import cache_folder
from benchwright.cards.places import REPOSITORY
from benchwright.cards.remote import Remote, RemoteFile
from benchwright.cards.version import Version, is_range, newest
from benchwright.dataset import read_json, write_json
from benchwright.errors import DatasetError

BRANCH = "main"
"""The state of a Hub repository that is meant where no version has been published."""


class Remembered:
    """A place as a ``Remote``; where it cannot answer, its last answer is used, and said so."""

    def __init__(self, remote: Remote) -> None:
        """Of a place; nothing is asked yet."""
        self.name, self._remote = remote.name, remote
        self._failure: DatasetError | None = None

    def versions(self) -> dict[Version, str]:
        """Version to revision; empty where nothing has been published."""
        notes = self._notes()
        remembered = _versions(notes)
        try:
            found = self._reached().versions()
        except DatasetError as error:
            if "versions" not in notes:
                raise
            self._fall_back(error)
            return remembered
        if remembered and not found:
            self._fall_back(DatasetError(f"{self.name}: not there, or without versions"))
            return remembered
        told = {str(version): revision for version, revision in found.items()}
        self._write({**notes, "versions": told})
        return found

    def resolve(self, text: str) -> str:
        """The revision that a text means; the newest of all, or ``main``, if it is empty."""
        if not text or is_range(text):
            versions = self.versions()
            if versions or text or not REPOSITORY.fullmatch(self.name):
                return versions[self._newest(text, versions)]
            text = BRANCH
        notes = self._notes()
        names = _texts(notes.get("names"))
        try:
            revision = self._reached().resolve(text)
        except DatasetError as error:
            if text not in names:
                raise
            self._fall_back(error)
            return names[text]
        self._write({**notes, "names": {**names, text: revision}})
        return revision

    def _newest(self, text: str, versions: dict[Version, str]) -> Version:
        try:
            return newest(text, versions)
        except DatasetError as error:
            raise DatasetError(f"{self.name}: {error}") from error

    def files(self, revision: str) -> dict[str, RemoteFile]:
        """Path to file of a revision."""
        path = self._folder / f"{_slug(revision)}.json"
        try:
            found = self._reached().files(revision)
        except DatasetError as error:
            remembered = _files(read_json(path))
            if not remembered:
                raise
            self._fall_back(error)
            return remembered
        write_json(path, [asdict(file) for file in found.values()])
        return found

    def fetch(self, revision: str, file: RemoteFile, target: Path) -> None:
        """Bring a file to ``target``, going on where an earlier call was cut; bytes not checked."""
        self._reached().fetch(revision, file, target)

    def open(self, revision: str, path: str) -> BinaryIO:
        """A file's bytes as a stream, without keeping them."""
        return self._reached().open(revision, path)

    def pulled(self, revision: str) -> list[Path]:
        """Folders that this revision was pulled into, wholly or in part, and that are left."""
        folders = _texts(self._notes().get("folders"))
        return [Path(at) for at, held in folders.items() if held == revision and Path(at).is_dir()]

    def note_pull(self, revision: str, folder: Path) -> None:
        """Remember that a folder holds files of a revision."""
        notes = self._notes()
        folders = {at: held for at, held in _texts(notes.get("folders")).items()
                   if Path(at).is_dir()}  # fmt: skip
        self._write({**notes, "folders": {**folders, str(folder.absolute()): revision}})

    @property
    def cached(self) -> Path:
        """Where datasets of this place are kept that nobody named a folder for."""
        return cache_folder() / "datasets" / _slug(self.name)

    @property
    def _folder(self) -> Path:
        return cache_folder() / "places" / _slug(self.name)

    def _reached(self) -> Remote:
        """The place; once it has failed, it is not waited for again."""
        if self._failure:
            raise self._failure
        return self._remote

    def _fall_back(self, error: DatasetError) -> None:
        if self._failure is None:
            console.say(f"{error}; using what is remembered from the last time")
        self._failure = error

    def _notes(self) -> dict[str, Any]:
        notes = read_json(self._folder / "place.json")
        return notes if isinstance(notes, dict) else {}

    def _write(self, notes: dict[str, Any]) -> None:
        write_json(self._folder / "place.json", {"name": self.name, **notes})


def _slug(text: str) -> str:
    """A file name for any text: readable, and never that of another."""
    words = re.sub(r"[^\w.-]+", "-", text, flags=re.ASCII).strip("-.")[-60:]
    return f"{words}-{hashlib.sha256(text.encode()).hexdigest()[:12]}"


def _texts(value: Any) -> dict[str, str]:
    return {str(k): str(v) for k, v in value.items()} if isinstance(value, dict) else {}


def _versions(notes: dict[str, Any]) -> dict[Version, str]:
    return {Version.parse(v): revision for v, revision in _texts(notes.get("versions")).items()}


def _files(listed: Any) -> dict[str, RemoteFile]:
    def entries() -> Iterator[tuple[str, RemoteFile]]:
        for entry in listed if isinstance(listed, list) else []:
            yield entry["path"], RemoteFile(**entry)

    try:
        return dict(entries())
    except (TypeError, KeyError):
        return {}
