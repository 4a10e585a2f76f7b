"""Images that show one thing of a known class: mined photographs, or scenes of one object."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchwright.cards.audits.subject import Subject
from benchwright.errors import DatasetError
from benchwright.sample_kinds import MINED, SCENES, kind_of

MOST_ROWS = 1024
"""Images at a time: their scores for 1,000 labels are 4 MB."""


@dataclass(frozen=True, slots=True)
class Classed:
    """Images with a class each.

    Attributes:
        keys: of the samples.
        records: what their JSON says.
        classes: int32 [n], index of the class in ``ClassImages.names``.
        vectors: float32 [n, width].
    """

    keys: tuple[str, ...]
    records: tuple[dict[str, Any], ...]
    classes: NDArray[np.int32]
    vectors: NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class ClassImages:
    """The images of a set that have a class.

    Of a mined set these are all of them. Of composed scenes those with one object, whose name is
    the class; twins are left out, being copies of others but for one factor.

    Attributes:
        subject: the set.
        names: of its classes; of scenes in order of names.
        ids: what the classes' source numbers them by, or "".
    """

    subject: Subject
    names: tuple[str, ...]
    ids: tuple[str, ...]

    @classmethod
    def of(cls, subject: Subject) -> ClassImages:
        """The images of a set; nothing is scored yet.

        Raises:
            DatasetError: ``build.json`` is broken.
        """
        if subject.kind == MINED.name:
            labels = kind_of(subject.dataset).labels
            return cls(
                subject, tuple(label.name for label in labels), tuple(label.id for label in labels)
            )
        found = {class_of(record) for batch in subject.batches() for record in batch.records}
        names = tuple(sorted(found - {""}))
        return cls(subject, names, ("",) * len(names))

    def batches(self) -> Iterator[Classed]:
        """The images, in table order, ``MOST_ROWS`` at most at a time.

        Raises:
            DatasetError: a record names a class that the set does not list, or no image has one.
        """
        empty = True
        number = {name: at for at, name in enumerate(self.names)}
        for batch in self.subject.batches():
            names = [class_of(record) for record in batch.records]
            if unknown := sorted(set(names) - set(number) - {""}):
                raise DatasetError(
                    f'{self.subject.dataset.folder}: a sample is of the class "{unknown[0]}", '
                    "which build.json does not list; write the set anew"
                )
            shown = [row for row, name in enumerate(names) if name]
            for start in range(0, len(shown), MOST_ROWS):
                rows, empty = shown[start : start + MOST_ROWS], False
                yield Classed(
                    tuple(batch.keys[row] for row in rows),
                    tuple(batch.records[row] for row in rows),
                    np.array([number[names[row]] for row in rows], np.int32),
                    batch.vectors[rows],
                )
        if empty:
            raise DatasetError(f"{self.subject.dataset.folder}: no image has a class")


def class_of(record: dict[str, Any]) -> str:
    """The class that a sample shows; "" where it shows several things, or is a twin."""
    if "class" in record:
        return str(record["class"])
    objects = record.get("objects", ())
    return str(objects[0]["name"]) if len(objects) == 1 and not record.get("twin_of") else ""


def misfit(subject: Subject) -> str:
    """Why a set cannot be classified; empty if it can."""
    if subject.kind not in (MINED.name, SCENES.name):
        return "its samples have no class: it takes mined sets and composed scenes"
    shown: set[str] = set()
    if subject.kind == MINED.name:
        shown = set(kind_of(subject.dataset).classes)
    else:
        for batch in subject.batches():
            shown |= {class_of(record) for record in batch.records} - {""}
            if len(shown) > 1:
                break
    if len(shown) < 2:
        return "it has fewer than two classes that images show alone"
    return ""
