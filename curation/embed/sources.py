"""Which shards are meant: a folder, a tar, a pattern, or a URL of any of these."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import product
from pathlib import Path, PurePosixPath
from typing import Any

from benchwright.errors import DatasetError
from benchwright.storage import Stored

TAR, STATS = ".tar", "_stats.json"
"""img2dataset writes ``00000_stats.json`` once ``00000.tar`` is whole."""

_BRACES = re.compile(r"\{([^{}]*)\}")
_WILD = re.compile(r"[*?\[{]")

MOST_BRACES = 1_000_000
"""Names a pattern may expand to: a typing error should not fill the memory."""


@dataclass(frozen=True, slots=True)
class Shard:
    """A tar of samples.

    Attributes:
        name: its path below the folder that holds all of them, with slashes: what parts record.
        path: where it is read from: a local path, or a URL that fsspec opens.
        bytes: of the whole tar.
        stamp: changes when the file does; empty where the storage says nothing of that kind.
    """

    name: str
    path: str
    bytes: int
    stamp: str

    @property
    def is_remote(self) -> bool:
        """Whether it must be fetched first."""
        return is_url(self.path)


@dataclass(frozen=True, slots=True)
class Source:
    """Shards and the folder that holds all of them.

    Attributes:
        root: local path or URL; where embeddings go unless told otherwise.
        shards: by name.
        unfinished: names of tars that their writer has not finished; left out.
    """

    root: str
    shards: tuple[Shard, ...]
    unfinished: tuple[str, ...]


def is_url(place: str) -> bool:
    """Whether a place is a URL and not a local path."""
    return "://" in place


def find_shards(place: str) -> Source:
    """The shards that ``place`` means.

    Args:
        place: a folder (every tar below it), one tar, a pattern (``shards/*.tar``,
            ``shards/{00000..00042}.tar``), or a URL of one of these.

    Raises:
        DatasetError: there are none, or the place cannot be reached.
    """
    import fsspec

    try:
        system, path = fsspec.core.url_to_fs(place if is_url(place) else str(Path(place).resolve()))
        paths, root = _tars(system, path)
        facts = [(tar, system.info(tar)) for tar in paths]
        left = _unfinished(system, paths)
    except (OSError, ValueError, ImportError) as error:
        raise DatasetError(f"{place}: cannot be read: {_first_line(error)}") from error
    if len(facts) == len(left):
        kind = "no shard that its writer has finished" if facts else f"no shards (*{TAR})"
        raise DatasetError(f"{place}: {kind} here; give a folder that holds some, or a pattern")
    protocol = "" if not is_url(place) else place.partition("://")[0] + "://"
    shards = [
        Shard(
            os.path.relpath(tar, root),
            protocol + tar,
            int(info.get("size") or 0),
            Stored.of(info).stamp,
        )
        for tar, info in facts
        if tar not in left
    ]
    names = sorted(os.path.relpath(tar, root) for tar in left)
    return Source(protocol + root, tuple(sorted(shards, key=lambda s: s.name)), tuple(names))


def _tars(system: Any, path: str) -> tuple[list[str], str]:
    """Paths of the tars that are meant, and the folder that holds all of them."""
    if system.isfile(path):
        return [path], str(PurePosixPath(path).parent)
    if _WILD.search(path):
        root = str(PurePosixPath(_WILD.split(path, maxsplit=1)[0] + "x").parent)
        found = {tar for pattern in expanded(path) for tar in system.glob(pattern)}
    else:
        root = path.rstrip("/") or "/"
        found = {tar for tar in system.find(path) if tar.endswith(TAR)}
    return sorted(tar for tar in found if not _is_hidden(os.path.relpath(tar, root))), root


def _is_hidden(name: str) -> bool:
    """Whether a path leads through a staging folder or is a temporary file of a writer."""
    return any(part.startswith(".") for part in PurePosixPath(name).parts)


def _unfinished(system: Any, tars: Sequence[str]) -> set[str]:
    """Tars without img2dataset's statistics, in folders where others have them."""
    left: set[str] = set()
    for folder in {str(PurePosixPath(tar).parent) for tar in tars}:
        listed = {name for name in system.ls(folder, detail=False) if name.endswith(STATS)}
        here = {tar for tar in tars if str(PurePosixPath(tar).parent) == folder}
        if listed:
            left |= {tar for tar in here if tar.removesuffix(TAR) + STATS not in listed}
    return left


def expanded(pattern: str) -> Iterable[str]:
    """A pattern with its braces expanded: ``{a,b}`` and ``{000..042}``, as shells have them.

    Raises:
        ValueError: to more than ``MOST_BRACES`` names.
    """
    pieces = _BRACES.split(pattern)  # every other one was in braces
    choices = [_choices(piece) if index % 2 else [piece] for index, piece in enumerate(pieces)]
    count = 1
    for choice in choices:
        count *= len(choice)
    if count > MOST_BRACES:
        raise ValueError(f"the braces stand for {count:,} names; at most {MOST_BRACES:,}")
    return ("".join(parts) for parts in product(*choices))


def _choices(inside: str) -> Sequence[str]:
    if ends := re.fullmatch(r"(\d+)\.\.(\d+)", inside):
        first, last = (int(end) for end in ends.groups())
        if last - first >= MOST_BRACES:
            raise ValueError(f"{{{inside}}} stands for more than {MOST_BRACES:,} names")
        return [str(number).zfill(len(ends[1])) for number in range(first, last + 1)]
    return inside.split(",")


def _first_line(error: Exception) -> str:
    return (str(error) or type(error).__name__).splitlines()[0]
