"""What is left to do for a set: parts that are there stay, and numbers are never changed."""

from __future__ import annotations

import importlib.metadata
import time
from collections.abc import Sequence
from itertools import count
from pathlib import Path
from typing import Any

from benchwright.curation.embed.devices import Target
from benchwright.curation.embed.part_files import Finished, finished_parts, made_by
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

        Parts of another key, such as those of an earlier version that kept none, count as not
        there; they are made anew under their numbers.

        Raises:
            DatasetError: it holds the embeddings of another model or mode.
        """
        self.folder, self.identity, self.made_by = folder, identity, made_by(identity, mode)
        found = read_json(folder / MODEL)
        if found is None:
            write_model(folder, identity, mode, versions())
        elif not isinstance(found, dict) or not _is_same(found, identity, mode):
            wanted = {"model": identity.to_dict(), "mode": mode}
            raise DatasetError(
                f"{folder}: holds embeddings of {_told(found)}, not of {_told(wanted)}; "
                "choose another --out, or remove the folder"
            )
        there = finished_parts(folder)
        self.finished = {
            name: finished for name, finished in there.items() if finished.made_by == self.made_by
        }
        self._numbers = {name: finished.part.number for name, finished in there.items()}
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

    def target(self, shards: Sequence[Shard]) -> Target:
        """Where the parts of shards go: under the numbers they have, else the smallest free."""
        used = set(self._numbers.values())
        free = (number for number in count() if number not in used)
        for shard in shards:
            if shard.name not in self._numbers:
                self._numbers[shard.name] = next(free)
        numbers = {shard.name: self._numbers[shard.name] for shard in shards}
        return Target(self.identity.id, self.identity.sha256, self.made_by, self.folder, numbers)

    def add(self, part: Part, shard: Shard) -> None:
        """Take note of a part that was written."""
        self.finished[part.shard] = Finished(part, shard.bytes, shard.stamp, self.made_by)
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


def _is_same(found: dict[str, Any], identity: ModelIdentity, mode: Mode) -> bool:
    """Whether vectors of both are comparable: the id is only a name."""
    model = found.get("model")
    return found.get("mode") == mode and isinstance(model, dict) and all(
        model.get(name) == value for name, value in identity.to_dict().items() if name != "id"
    )  # fmt: skip


def _told(facts: object) -> str:
    """A model and a mode as ``model.json`` names them, in a few words."""
    model = facts.get("model") if isinstance(facts, dict) else None
    if not isinstance(facts, dict) or not isinstance(model, dict):
        return "an unknown model"
    sha256 = str(model.get("sha256"))[:12]
    return f"{model.get('id')} ({facts.get('mode')}, {model.get('dtype')}, weights {sha256})"
