"""The dataset folder, which is also the layout of the Hub repository.

    README.md  recipe.yaml  build.json  manifest.parquet  shards.parquet  run.json
    <config>/<split>-00000.tar  <config>/_info.json

``run.json`` and ``.build/`` are this machine's own and never published.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from itertools import groupby
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import yaml

from benchwright import record_schema
from benchwright.errors import DatasetError
from benchwright.shards import Placement, replacing

MANIFEST, SHARDS, RECIPE = "manifest.parquet", "shards.parquet", "recipe.yaml"
BUILD, RUN, CARD, INFO = "build.json", "run.json", "README.md", "_info.json"
STAGING = ".build"


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
    """A dataset folder, opened: what its tables say; samples are read when asked for."""

    folder: Path
    shards: tuple[Shard, ...]

    @classmethod
    def open(cls, folder: Path) -> Dataset:
        """Read the table of shards.

        Raises:
            DatasetError: no folder of ours, or a broken table.
        """
        path = folder / SHARDS
        if not path.is_file():
            raise DatasetError(f"{folder}: no dataset here ({SHARDS} is missing); build one first")
        table = read_table(path, record_schema.SHARDS)
        return cls(folder, tuple(Shard(**row) for row in table.to_pylist()))

    def rows(self, shard: str) -> list[Row]:
        """The manifest rows of one shard, in the order they lie in it."""
        return sorted(self._rows([("shard", "=", shard)]), key=lambda row: row.offset)

    def find(self, keys: set[str]) -> dict[str, Row]:
        """Key to a manifest row of each of these samples that the dataset holds."""
        return {row.key: row for row in self._rows([("key", "in", keys)])}

    def _rows(self, where: list[tuple[str, str, Any]]) -> list[Row]:
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
        """One sha256 for the whole set: over the names and digests of its shards."""
        lines = sorted(f"{shard.shard} {shard.sha256}\n" for shard in self.shards)
        return hashlib.sha256("".join(lines).encode()).hexdigest()


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


def write_tables(folder: Path, parts: Iterable[tuple[Shard, list[Row]]]) -> None:
    """Write both tables, one row group of the manifest a shard, so a shard's rows are read alone.

    Args:
        folder: the dataset.
        parts: shards with their rows, in table order.
    """
    shards: list[Shard] = []
    with (
        replacing(folder / MANIFEST) as file,
        pq.ParquetWriter(file, record_schema.MANIFEST, compression="zstd") as writer,
    ):
        for shard, rows in parts:
            shards.append(shard)
            table = pa.Table.from_pylist([asdict(row) for row in rows], record_schema.MANIFEST)
            writer.write_table(table, row_group_size=max(1, len(rows)))
    with replacing(folder / SHARDS) as file:
        table = pa.Table.from_pylist([asdict(shard) for shard in shards], record_schema.SHARDS)
        pq.write_table(table, file, compression="zstd")


def write_json(path: Path, value: Any) -> None:
    """Write JSON a person can read and ``git diff`` can compare."""
    write_text(path, json.dumps(value, indent=2, ensure_ascii=False) + "\n")


def write_text(path: Path, text: str) -> None:
    """Write a text file whole or not at all, UTF-8."""
    with replacing(path) as file:
        file.write(text.encode())


def write_info(dataset: Dataset) -> None:
    """Write timm's ``_info.json`` beside each config's shards."""
    for config, of_config in groupby(dataset.shards, key=lambda shard: shard.config):
        splits = {}
        for split, group in groupby(of_config, key=lambda shard: shard.split):
            shards = list(group)
            splits[split] = {
                "name": split,
                "num_samples": sum(shard.samples for shard in shards),
                "filenames": [Path(shard.shard).name for shard in shards],
                "shard_lengths": [shard.samples for shard in shards],
            }
        write_json(dataset.folder / config / INFO, {"splits": splits})


def front_matter(dataset: Dataset, licence: str, title: str) -> dict[str, Any]:
    """The card's YAML: configs and declared features, without which `datasets` would guess.

    The first config is the default one.
    """
    configs: list[dict[str, Any]] = []
    info: list[dict[str, Any]] = []
    for config, group in groupby(dataset.splits().items(), key=lambda item: item[0][0]):
        counts = {split: count for (_, split), count in group}
        files = [{"split": split, "path": f"{config}/{split}-*.tar"} for split in counts]
        configs.append({"config_name": config, "data_files": files})
        sizes = [{"name": s, "num_examples": n} for s, n in counts.items()]
        info.append({"config_name": config, "features": record_schema.features(), "splits": sizes})
    configs[0]["default"] = True
    return {"license": licence, "pretty_name": title, "configs": configs, "dataset_info": info}


def write_card(dataset: Dataset, licence: str, title: str) -> None:
    """Write a minimal README.md: the front matter, and how to load the set."""
    config, split = next(iter(dataset.splits()))
    front = yaml.safe_dump(
        front_matter(dataset, licence, title), sort_keys=False, allow_unicode=True
    )
    write_text(
        dataset.folder / CARD,
        f"---\n{front}---\n\n# {title}\n\nBuilt by Benchwright from `{RECIPE}`; digest "
        f"`{dataset.digest[:16]}`.\n\n```python\nfrom datasets import load_dataset\n\n"
        f'scenes = load_dataset("path/to/this/folder", "{config}", split="{split}")\n```\n',
    )
