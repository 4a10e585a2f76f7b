"""What is left to do for a set: parts that are there stay, and numbers are never changed."""

from __future__ import annotations

import importlib.metadata
import time
from collections.abc import Iterable, Sequence
from itertools import count
from pathlib import Path

from benchwright.curation.embed.part_files import Finished, finished_parts
from benchwright.curation.embed.sources import Shard
from benchwright.curation.embeddings import MODEL, Part, write_model, write_parts
from benchwright.curation.models.identity import ModelIdentity
from benchwright.curation.models.preprocess import Mode
from benchwright.dataset import read_json
from benchwright.errors import DatasetError
from benchwright.shards import file_sha256

LIST_EVERY = 30.0
"""Seconds between writings of the list of parts; the parts themselves need none of it."""

_COUNTED = ("torch", "open_clip_torch", "timm", "pillow", "numpy")
"""Packages whose version can change a vector's last bits."""


def set_name(identity: ModelIdentity, mode: Mode) -> str:
    """Name of a set's folder: ``ViT-B-32--laion2b_s34b_b79k--exact``."""
    return f"{identity.id.replace('/', '--')}--{mode}"


class SetPlan:
    """A set's folder, opened for writing; the caller holds its lock."""

    def __init__(self, folder: Path, identity: ModelIdentity, mode: Mode) -> None:
        """Open the folder, new or begun.

        Raises:
            DatasetError: it holds the embeddings of another model.
        """
        self.folder, self.identity = folder, identity
        found = read_json(folder / MODEL)
        if found is None:
            write_model(folder, identity, mode, versions())
        elif not isinstance(found, dict) or not _is_same(found.get("model"), identity):
            was = found.get("model") if isinstance(found, dict) else None
            raise DatasetError(
                f"{folder}: holds embeddings of {_told(was)}, not of {_told(identity.to_dict())}; "
                "choose another --out, or remove the folder"
            )
        self.finished = finished_parts(folder)
        self._listed = time.monotonic()

    def left(self, shards: Sequence[Shard]) -> list[Shard]:
        """The shards whose part is not there, or is of other bytes.

        Raises:
            DatasetError: a shard whose bytes must be compared cannot be read.
        """
        return [shard for shard in shards if not self._is_done(shard)]

    def _is_done(self, shard: Shard) -> bool:
        known = self.finished.get(shard.name)
        if known is None or known.bytes != shard.bytes:
            return False
        if shard.stamp and known.stamp == shard.stamp:
            return True
        if shard.is_remote:
            return False
        try:  # copied or touched: only its bytes can tell
            return file_sha256(Path(shard.path)) == known.part.sha256
        except OSError as error:
            raise DatasetError(f"{shard.path}: cannot be read: {error.strerror}") from error

    def numbers(self, shards: Iterable[Shard]) -> dict[str, int]:
        """Shard's name to its part's number: the one it has, else the smallest that is free."""
        taken = {name: finished.part.number for name, finished in self.finished.items()}
        used = set(taken.values())
        free = (number for number in count() if number not in used)
        return {
            shard.name: taken[shard.name] if shard.name in taken else next(free) for shard in shards
        }

    def add(self, part: Part, shard: Shard) -> None:
        """Take note of a part that was written."""
        self.finished[part.shard] = Finished(part, shard.bytes, shard.stamp)
        if time.monotonic() - self._listed > LIST_EVERY:
            self.write_list()

    def write_list(self) -> None:
        """Write ``parts.json``."""
        write_parts(self.folder, self.parts)
        self._listed = time.monotonic()

    @property
    def parts(self) -> list[Part]:
        """All that are finished, in order of their numbers."""
        return sorted((f.part for f in self.finished.values()), key=lambda part: part.number)


def versions() -> dict[str, str]:
    """Package to version, of what can change a vector's last bits."""
    return {name: importlib.metadata.version(name) for name in _COUNTED}


def _is_same(found: object, identity: ModelIdentity) -> bool:
    """Whether vectors of both are comparable: the id is only a name."""
    expected = identity.to_dict()
    return isinstance(found, dict) and all(
        found.get(name) == value for name, value in expected.items() if name != "id"
    )


def _told(model: object) -> str:
    if not isinstance(model, dict):
        return "an unknown model"
    sha256 = str(model.get("sha256"))[:12]
    return f"{model.get('id')} ({model.get('dtype')}, weights {sha256})"
