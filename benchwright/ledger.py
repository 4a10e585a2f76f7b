"""The licence ledger: where everything in a dataset comes from, and on what terms."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path

from benchwright.dataset import LICENCES, read_json, write_json
from benchwright.errors import DatasetError


@dataclass(frozen=True, slots=True)
class Source:
    """A thing a dataset shows, or was made from.

    Attributes:
        name: what it is called in the dataset: an object, a background, a source of photographs.
        source: the pack, catalogue or site it was taken from.
        creator: who made it; empty where nobody is named.
        licence: its licence as the Hub names it (``apache-2.0``, ``cc-by-4.0``); empty if unknown.
        url: where it can be had; empty where it comes with Benchwright.
        sha256: of what was used, or the digest of the sprites made of it; hex.
    """

    name: str
    source: str
    creator: str
    licence: str
    url: str
    sha256: str


def write_ledger(folder: Path, sources: Iterable[Source]) -> None:
    """Write ``licences.json``, sorted by name."""
    ordered = sorted(sources, key=lambda source: source.name)
    write_json(folder / LICENCES, [asdict(source) for source in ordered])


def read_ledger(folder: Path) -> list[Source]:
    """The ledger of a dataset folder.

    Raises:
        DatasetError: it is missing or not a list of sources.
    """
    entries = read_json(folder / LICENCES)
    try:
        return [Source(**{field: str(value) for field, value in e.items()}) for e in entries]
    except (TypeError, AttributeError) as error:
        raise DatasetError(f"{folder / LICENCES}: no licence ledger; build again") from error
