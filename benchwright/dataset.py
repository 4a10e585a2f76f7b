"""The dataset folder, which is also the layout of the Hub repository.

    README.md  recipe.yaml  build.json  licences.json  manifest.parquet  shards.parquet
    <config>/<split>-00000.tar  <config>/_info.json

A set of found images adds ``rejects.parquet`` and, if it was mined, ``groups.parquet`` and
``sensitivity.json``. A card adds ``croissant.json``, ``eval.yaml``, ``CHANGELOG.md`` and
``figures/``; publishing adds ``release.json`` and ``changes/``. ``run.json``, ``pull.json``,
``.build/`` and, of audits on a cluster, ``.embeddings/`` are never published.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from benchwright import record_schema
from benchwright.errors import DatasetError
from benchwright.shards import Placement, file_sha256, replacing

MANIFEST, SHARDS, RECIPE = "manifest.parquet", "shards.parquet", "recipe.yaml"
BUILD, RUN, CARD, INFO = "build.json", "run.json", "README.md", "_info.json"
LICENCES, CROISSANT, EVAL = "licences.json", "croissant.json", "eval.yaml"
CHANGELOG, RELEASE, PULL = "CHANGELOG.md", "release.json", "pull.json"
REJECTS, GROUPS, SENSITIVITY = "rejects.parquet", "groups.parquet", "sensitivity.json"
STAGING = ".build"
MANIFEST_DIGEST = b"manifest_sha256"  # in the metadata of the table of shards
TAR, PARQUET = ".tar", ".parquet"
MANIFEST_COLUMNS = tuple(record_schema.MANIFEST.names)
PLACEMENT = ("offset", "bytes", "sha256")


@dataclass(frozen=True, slots=True)
class Row:
    """A sample's row in the manifest; fields as ``record_schema.MANIFEST`` declares them."""

    key: str
    config: str
    split: str
    shard: str
    offset: int
    bytes: int
    sha256: str
    plan: str
    objects: tuple[str, ...]
    twin_of: str
    factor: str

    @property
    def placement(self) -> Placement:
        """Where the sample lies in its shard."""
        return Placement(self.offset, self.bytes, self.sha256)


@dataclass(frozen=True, slots=True)
class Shard:
    """A shard's row in ``shards.parquet``; fields as ``record_schema.SHARDS`` declares them."""

    shard: str
    config: str
    split: str
    samples: int
    bytes: int
    sha256: str
    plan: str


@dataclass(frozen=True, slots=True)
class Dataset:
    """A dataset folder, opened: what its tables say; samples are read when asked for.

    Attributes:
        folder: where it lies.
        shards: those that lie in it, in table order.
        absent: those that its tables list and that were not pulled.
    """

    folder: Path
    shards: tuple[Shard, ...]
    absent: tuple[Shard, ...] = ()

    @classmethod
    def open(cls, folder: Path) -> Dataset:
        """Read the table of shards.

        Raises:
            DatasetError: no folder of ours, or a broken table.
        """
        path = folder / SHARDS
        if not path.is_file():
            raise DatasetError(f"{folder}: no dataset here ({SHARDS} is missing); build one first")
        listed = [Shard(**row) for row in read_table(path, record_schema.SHARDS).to_pylist()]
        not_pulled = _not_pulled(folder)
        return cls(
            folder,
            tuple(shard for shard in listed if shard.shard not in not_pulled),
            tuple(shard for shard in listed if shard.shard in not_pulled),
        )

    @property
    def ending(self) -> str:
        """How its shards' names end: ``.tar`` of scenes, ``.parquet`` of captions."""
        return next((Path(s.shard).suffix for s in (*self.shards, *self.absent)), TAR)

    def rows(self, shard: str) -> list[Row]:
        """The manifest rows of one shard, in the order they lie in it."""
        return sorted(self._rows([("shard", "=", shard)]), key=lambda row: row.offset)

    def placements(self) -> dict[str, pa.Table]:
        """Shard to where its samples lie in it (``PLACEMENT``), in their order.

        Of all at once, packed: a hundred bytes a sample, where ``rows`` takes a thousand.

        Raises:
            DatasetError: the manifest cannot be read.
        """
        path = self.folder / MANIFEST
        try:
            with pq.ParquetFile(path) as file:
                table = file.read(["shard", *PLACEMENT])
            table = table.sort_by([("shard", "ascending"), ("offset", "ascending")])
            counts = table["shard"].value_counts().to_pylist()  # in the order of the table
        except (OSError, KeyError, pa.ArrowException) as error:
            raise DatasetError(f"{path}: not readable as Parquet; build again") from error
        found, start = {}, 0
        for count in counts:
            found[count["values"]] = table.slice(start, count["counts"])
            start += count["counts"]
        return found

    def find(self, keys: set[str]) -> dict[str, Row]:
        """Key to a manifest row of each of these samples that lie in the folder."""
        absent = {shard.shard for shard in self.absent}
        rows = self._rows([("key", "in", keys)])
        return {row.key: row for row in rows if row.shard not in absent}

    def _rows(self, where: list[tuple[str, str, Any]]) -> list[Row]:
        if self.ending == PARQUET:
            raise DatasetError(
                f"{self.folder}: holds captions without images; this takes a set of scenes"
            )
        table = read_table(self.folder / MANIFEST, record_schema.MANIFEST, where)
        return [Row(**{**row, "objects": tuple(row["objects"])}) for row in table.to_pylist()]

    def splits(self) -> dict[tuple[str, str], int]:
        """(config, split) to number of samples, in the order of the table."""
        counts: dict[tuple[str, str], int] = {}
        for shard in self.shards:
            place = (shard.config, shard.split)
            counts[place] = counts.get(place, 0) + shard.samples
        return counts

    @property
    def digest(self) -> str:
        """One sha256 for the whole set, pulled or not: over its shards' names and digests."""
        listed = (*self.shards, *self.absent)
        lines = sorted(f"{shard.shard} {shard.sha256}\n" for shard in listed)
        return hashlib.sha256("".join(lines).encode()).hexdigest()

    def manifest_is_recorded(self) -> bool:
        """Whether the manifest is, byte by byte, the one that the table of shards was written with.

        Raises:
            DatasetError: either cannot be read.
        """
        try:
            said = pq.read_schema(self.folder / SHARDS).metadata or {}
            return said.get(MANIFEST_DIGEST) == file_sha256(self.folder / MANIFEST).encode()
        except (OSError, pa.ArrowException) as error:
            raise DatasetError(f"{self.folder / MANIFEST}: cannot be read; build again") from error


def check_ending(folder: Path, ending: str, kind: str = "scenes") -> None:
    """Refuse to build over a set of another kind.

    Args:
        folder: where a set is to be built; it may hold nothing yet.
        ending: how the names of the new set's shards will end.
        kind: of the new set's samples, where they lie in tars.

    Raises:
        DatasetError: the folder holds a set whose shards' names end otherwise, or of other samples.
    """
    try:
        held = Dataset.open(folder)
    except DatasetError:
        return
    if (held.shards or held.absent) and held.ending != ending:
        raise DatasetError(
            f"{folder}: holds a set of another kind ({held.ending} files); "
            "choose another folder for --out"
        )
    facts = read_json(folder / BUILD)
    held_kind = facts.get("kind", "scenes") if isinstance(facts, dict) else kind
    if ending == TAR and held_kind != kind:
        raise DatasetError(
            f'{folder}: holds a set of another kind ("{str(held_kind)[:40]}", not "{kind}"); '
            "choose another folder for --out"
        )


def _not_pulled(folder: Path) -> set[str]:
    if not (folder / PULL).is_file():
        return set()
    pulled = read_json(folder / PULL)
    if not isinstance(pulled, dict) or not isinstance(pulled.get("absent"), list):
        raise DatasetError(f"{folder / PULL}: not what a pull writes; pull again")
    return {str(name) for name in pulled["absent"]}


def read_table(path: Path, declared: pa.Schema, filters: Any = None) -> pa.Table:
    """A Parquet file of a dataset folder, with exactly the declared columns.

    Raises:
        DatasetError: missing, not Parquet, or of another schema.
    """
    try:
        table = pq.read_table(path, filters=filters)
    except (OSError, pa.ArrowException) as error:
        raise DatasetError(f"{path}: not readable as Parquet; build again") from error
    if not table.schema.equals(declared):
        raise DatasetError(f"{path}: its columns are not those of this version; build again")
    return table


def read_json(path: Path) -> Any:
    """What a JSON file of the folder holds, or None where there is no file that holds JSON."""
    try:
        return json.loads(path.read_text("utf-8"))
    except (OSError, ValueError, RecursionError):
        return None


def write_json(path: Path, value: Any) -> None:
    """Write JSON a person can read and ``git diff`` can compare."""
    write_text(path, json.dumps(value, indent=2, ensure_ascii=False) + "\n")


def write_text(path: Path, text: str) -> None:
    """Write a text file whole or not at all, UTF-8."""
    with replacing(path) as file:
        file.write(text.encode())
