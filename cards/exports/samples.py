"""Reading a dataset for export: its splits, its labels, and its samples one by one."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple

from benchwright import record_schema, shards
from benchwright.dataset import MANIFEST, RECIPE, Dataset, Row, read_table
from benchwright.errors import DatasetError, RecipeError, did_you_mean
from benchwright.recipe_file import load


class Place(NamedTuple):
    """A split of a config: what every export writes one of."""

    config: str
    split: str

    def __str__(self) -> str:
        return f"{self.config}/{self.split}"

    @property
    def folder(self) -> str:
        """Its name as one folder; unambiguous, since neither part may hold a dash."""
        return f"{self.config}-{self.split}"


@dataclass(frozen=True, slots=True)
class Sample:
    """A sample as published.

    Attributes:
        row: its row in the manifest; ``row.objects`` are its labels.
        image: JPEG bytes.
        record: its JSON.
        mask: PNG bytes, or None in a set that has no masks.
    """

    row: Row
    image: bytes
    record: dict[str, Any]
    mask: bytes | None


def select(dataset: Dataset, config: str | None, split: str | None) -> list[Place]:
    """The splits asked for, in table order; all where neither is given.

    Raises:
        DatasetError: there is no such config, or it has no such split.
    """
    places = [Place(*place) for place in dataset.splits()]
    if config is not None:
        _known("config", config, [place.config for place in places])
        places = [place for place in places if place.config == config]
    if split is not None:
        _known("split", split, [place.split for place in places])
        places = [place for place in places if place.split == split]
    return places


def _known(kind: str, name: str, names: list[str]) -> None:
    if name not in names:
        listed = ", ".join(dict.fromkeys(names))
        raise DatasetError(
            f'there is no {kind} "{name}"{did_you_mean(name, names)}; {kind}s here: {listed}'
        )


def rows(dataset: Dataset, place: Place) -> Iterator[Row]:
    """The manifest rows of one split, in the order its samples lie in the shards."""
    for shard in dataset.shards:
        if (shard.config, shard.split) == place:
            yield from dataset.rows(shard.shard)


def read(dataset: Dataset, place: Place) -> Iterator[Sample]:
    """The samples of one split, in the order they lie in the shards.

    Raises:
        DatasetError: a sample's bytes are not those recorded, or hold no image and record.
    """
    return (_sample(dataset, row) for row in rows(dataset, place))


def _sample(dataset: Dataset, row: Row) -> Sample:
    try:
        blocks = shards.read_segment(dataset.folder / row.shard, row.placement)
        if hashlib.sha256(blocks).hexdigest() != row.sha256:
            raise DatasetError("its sha256 differs")
        members = shards.members(blocks)
        record = json.loads(members[f"{row.key}.json"])
        return Sample(row, members[f"{row.key}.jpg"], record, members.get(f"{row.key}.mask.png"))
    except (OSError, KeyError, ValueError, DatasetError) as error:
        raise DatasetError(
            f"{row.shard}#{row.key}: not a readable sample; "
            f"benchwright verify {dataset.folder} names what is wrong"
        ) from error


def labels(dataset: Dataset) -> list[str]:
    """Every label of the set: the recipe's objects in its order, then any others by alphabet.

    Not only those of one split: a label's number is the same in every split, and a model chooses
    among the same classes.
    """
    try:
        listed = load(dataset.folder / RECIPE).objects.names
    except RecipeError:  # not a recipe of scenes: mined sets list their classes otherwise
        listed = []
    table = read_table(dataset.folder / MANIFEST, record_schema.MANIFEST)
    found = {name for names in table["objects"].to_pylist() for name in names}
    return [*listed, *sorted(found.difference(listed))]
