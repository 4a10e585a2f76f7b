"""What a revision holds: its card and tables, fetched and read before any shard."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchwright import record_schema
from benchwright.cards.card_safety import MAX_CARD, read_card
from benchwright.cards.fetching import Fetching
from benchwright.cards.remote import RemoteFile
from benchwright.cards.selection import Part, parts_of_card, parts_of_tables
from benchwright.cards.table_check import is_ours, listed_shards
from benchwright.dataset import BUILD, CARD, MANIFEST, SHARDS, Dataset
from benchwright.errors import DatasetError

METADATA = {CARD: MAX_CARD, SHARDS: 256 * 2**20, MANIFEST: 2 * 2**30, BUILD: 64 * 2**20}
"""Most bytes of the files that are read before the shards; 200,000 samples need a tenth of it."""


@dataclass(frozen=True, slots=True)
class Contents:
    """What a revision holds, as its own card and tables say.

    Attributes:
        front, body: of its card; empty if it has none.
        dataset: its shards, where it is one of ours; counted as absent.
        payload: ``images`` or ``references``.
        parts: its configs' splits; none where a card leaves readers to guess.
    """

    front: dict[str, Any]
    body: str
    dataset: Dataset | None
    payload: str
    parts: tuple[Part, ...]


def look(fetching: Fetching) -> tuple[Contents, set[str]]:
    """Read a revision's card and tables; and which files had to be fetched for that.

    Raises:
        DatasetError: they are hostile, or contradict each other.
    """
    found = fetching.revision
    names = (CARD, SHARDS, MANIFEST, BUILD) if found.has_tables else (CARD,)
    read = {name for name in names if name in found.files and _stage_small(fetching, name)}
    try:
        return _contents(fetching), read
    except DatasetError as error:
        raise DatasetError(f"{found.remote.name}: nothing was pulled: {error}") from error


def _contents(fetching: Fetching) -> Contents:
    files = fetching.revision.files
    front, body = read_card(staged(fetching, CARD))
    dataset = _tables(fetching) if fetching.revision.has_tables else None
    of_card = tuple(parts_of_card(front, files))
    if dataset is None:
        return Contents(front, body, None, "images", of_card)
    missing = [shard.shard for shard in dataset.absent if shard.shard not in files]
    if not missing:
        return Contents(front, body, dataset, "images", tuple(parts_of_tables(dataset)))
    if len(missing) < len(dataset.absent):
        raise DatasetError(f"{SHARDS} lists {missing[0]}, which is not in this revision")
    return Contents(front, body, dataset, "references", of_card)


def staged(fetching: Fetching, name: str) -> Path:
    """Where a file of a revision waits, by its path."""
    return fetching.staged(fetching.revision.files.get(name, RemoteFile(name, 0)))


def _stage_small(fetching: Fetching, name: str) -> bool:
    file = fetching.revision.files[name]
    if file.bytes > METADATA[name]:
        raise DatasetError(
            f"{fetching.revision.remote.name}: {name} has {file.bytes:,} bytes; at most "
            f"{METADATA[name]:,} are read"
        )
    return fetching.stage(file)


def _tables(fetching: Fetching) -> Dataset | None:
    """The dataset of ours that the tables describe, if they are of this version's kind."""
    shards, manifest = staged(fetching, SHARDS), staged(fetching, MANIFEST)
    if is_ours(shards, SHARDS, record_schema.SHARDS) and is_ours(
        manifest, MANIFEST, record_schema.MANIFEST
    ):
        return listed_shards(shards, fetching.folder)
    return None
