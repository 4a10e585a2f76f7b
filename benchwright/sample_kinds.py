"""Kinds of samples: what each holds and declares. Whatever depends on the kind asks here.

A dataset folder's ``build.json`` says its kind; one that says nothing holds scenes, or captions if
its shards are Parquet.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import pyarrow as pa

from benchwright import imported_record, mined_record, record_schema, text_schema
from benchwright.dataset import BUILD, PARQUET, Dataset, read_json
from benchwright.errors import DatasetError

PICTURES = ("jpg", "png")
"""Extensions an image may have; a set has one of them throughout."""

MAX_CLASSES = 100_000
"""Classes of a set: above any vocabulary; keeps a runaway file from filling the memory."""


@dataclass(frozen=True, slots=True)
class Label:
    """A class of a set.

    Attributes:
        name: what records and captions call it.
        id: what its source numbers it by (an ImageNet index), or "".
    """

    name: str
    id: str = ""


@dataclass(frozen=True, slots=True)
class SampleKind:
    """What a set's samples are.

    Attributes:
        name: as ``build.json`` has it.
        noun: what a sample is called.
        picture: extension of the image.
        others: extensions of the members that follow it.
        record: schema of the ``json`` member.
        labels: classes of the ``cls`` member, by its number.
        collected: whether the images were found, so that no recipe draws them again.
    """

    name: str
    noun: str
    picture: str
    others: tuple[str, ...]
    record: pa.StructType
    labels: tuple[Label, ...] = ()
    collected: bool = False

    @property
    def members(self) -> tuple[str, ...]:
        """Extensions of a sample's members, in order."""
        return (self.picture, *self.others)

    @property
    def classes(self) -> tuple[str, ...]:
        """Names of the classes, by number."""
        return tuple(label.name for label in self.labels)

    def features(self) -> list[dict[str, Any]]:
        """The features of a sample as the dataset card's front matter declares them."""
        if not self.picture:
            return text_schema.features()
        masks = [member for member in self.others if member.endswith(".png")]
        classes = self.classes if "cls" in self.others else None
        return record_schema.features(self.record, (self.picture, *masks), classes)


SCENES = SampleKind("scenes", "scene", "jpg", ("json", "mask.png"), record_schema.SCENE)
CAPTIONS = SampleKind("captions", "caption", "", (), pa.struct(list(text_schema.CAPTION)))
MINED = SampleKind("mined", "image", "jpg", ("cls", "json"), mined_record.MINED, collected=True)
IMPORTED = SampleKind(
    "imported", "image", "jpg", ("json",), imported_record.IMPORTED, collected=True
)

KINDS = {kind.name: kind for kind in (SCENES, MINED, IMPORTED)}
"""Kinds whose samples lie in tars."""


def kind_of(dataset: Dataset) -> SampleKind:
    """The kind of a set's samples, with its own picture format and classes.

    Raises:
        DatasetError: ``build.json`` names none that this version knows.
    """
    if dataset.ending == PARQUET:
        return CAPTIONS
    facts = read_json(dataset.folder / BUILD)
    stated = facts if isinstance(facts, dict) else {}
    kind = KINDS.get(str(stated.get("kind", SCENES.name)))
    if kind is None:
        raise DatasetError(
            f"{dataset.folder / BUILD}: this version knows no samples of kind "
            f'"{str(stated["kind"])[:40]}"; upgrade Benchwright'
        )
    if not kind.collected:
        return kind
    picture = stated.get("picture")
    if picture not in PICTURES:
        raise DatasetError(f"{dataset.folder / BUILD}: picture is not {' or '.join(PICTURES)}")
    return replace(kind, picture=picture, labels=_labels(dataset, stated.get("classes")))


def _labels(dataset: Dataset, stated: Any) -> tuple[Label, ...]:
    where = f"{dataset.folder / BUILD}: classes"
    try:
        labels = tuple(Label(str(entry["name"]), str(entry["id"])) for entry in stated)
    except (TypeError, KeyError) as error:
        raise DatasetError(f"{where}: no list of name and id") from error
    if len(labels) > MAX_CLASSES or len({label.name for label in labels}) < len(labels):
        raise DatasetError(f"{where}: too many, or one is there twice")
    return labels
