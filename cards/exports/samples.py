"""Reading a dataset for export: its splits, its labels, and its samples one by one."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, NamedTuple

from benchwright import record_schema
from benchwright.dataset import MANIFEST, RECIPE, Dataset, Row, read_table
from benchwright.errors import DatasetError, RecipeError, did_you_mean
from benchwright.recipe_file import load
from benchwright.sample_kinds import SampleKind, kind_of
from benchwright.samples import members_of, unreadable


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
        image: the bytes of its picture.
        picture: extension of the picture.
        record: its JSON.
        mask: PNG bytes, or None in a set that has no masks.
    """

    row: Row
    image: bytes
    picture: str
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
    kind = kind_of(dataset)
    return (_sample(dataset, row, kind) for row in rows(dataset, place))


def _sample(dataset: Dataset, row: Row, kind: SampleKind) -> Sample:
    members = members_of(dataset, row)
    try:
        record = json.loads(members["json"])
        image = members[kind.picture]
    except (KeyError, ValueError, RecursionError) as error:
        raise unreadable(dataset, row) from error
    return Sample(row, image, kind.picture, record, members.get("mask.png"))


def labels(dataset: Dataset) -> list[str]:
    """Every label of the set: its classes, or the recipe's objects, in their order, then others.

    Not only those of one split: a label's number is the same in every split, and a model chooses
    among the same classes.
    """
    listed = list(kind_of(dataset).classes)
    with suppress(RecipeError):  # not a recipe of scenes: imported sets list no objects
        listed = listed or load(dataset.folder / RECIPE).objects.names
    table = read_table(dataset.folder / MANIFEST, record_schema.MANIFEST)
    found = {name for names in table["objects"].to_pylist() for name in names}
    return [*listed, *sorted(found.difference(listed))]
