"""Pictures of several named objects, as the audits of order and size look at them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from benchwright.sample_kinds import IMPORTED, SCENES

if TYPE_CHECKING:
    from benchwright.cards.audits.subject import Batch, Subject

UNMEASURED = -1
"""Area of an object that nobody measured."""

LARGE, SMALL = "large", "small"


@dataclass(frozen=True, slots=True)
class Pictures:
    """Pictures of one shard that hold the same number of objects, all of different names.

    Attributes:
        config, split: where they belong.
        keys: of the m samples.
        names: of each picture's n objects, in mention order.
        areas: int64 [m, n], visible pixels of each; ``UNMEASURED`` where nobody measured.
        sizes: the role in the layout of each: ``large``, ``small``, ``same`` or "".
        slots: int64 [m, n], place in the layout of each; -1 where placement is free.
        vectors: float32 [m, width], of unit length.
    """

    config: str
    split: str
    keys: tuple[str, ...]
    names: tuple[tuple[str, ...], ...]
    areas: NDArray[np.int64]
    sizes: tuple[tuple[str, ...], ...]
    slots: NDArray[np.int64]
    vectors: NDArray[np.float32]

    def __len__(self) -> int:
        """Pictures."""
        return len(self.keys)

    @property
    def objects(self) -> int:
        """Objects a picture: n."""
        return len(self.names[0])

    def size_roles(self) -> NDArray[np.int64]:
        """Int64 [m, n]: 0 for the large object, 1.. for the small ones by slot; -1 without roles.

        A picture has roles if exactly one of its objects is the large one. Where placement is free
        the small ones come in mention order.
        """
        roles = np.full(self.areas.shape, -1, np.int64)
        for row, sizes in enumerate(self.sizes):
            if sizes.count(LARGE) == 1 and sizes.count(SMALL) == len(sizes) - 1:
                small = np.argsort(self.slots[row], kind="stable").tolist()
                small.remove(sizes.index(LARGE))
                roles[row, [sizes.index(LARGE), *small]] = np.arange(len(sizes))
        return roles

    def area_ranks(self) -> NDArray[np.int64]:
        """Int64 [m, n]: 0 for the largest visible area; -1 where areas tie or are unknown."""
        ranks = np.argsort(np.argsort(-self.areas, axis=1, kind="stable"), axis=1)
        ordered = np.sort(self.areas, axis=1)
        unclear = (ordered[:, 1:] == ordered[:, :-1]).any(axis=1) | (ordered[:, 0] < 0)
        ranks[unclear] = -1
        return ranks

    def area_ratios(self) -> NDArray[np.float64]:
        """Float64 [m]: largest visible area by the next; NaN where unknown or the next is 0."""
        ordered = np.sort(self.areas, axis=1)
        known = ordered[:, -2] > 0
        next_area = np.where(known, ordered[:, -2], 1)
        return np.where(known, ordered[:, -1] / next_area, np.nan)


def pictures(subject: Subject, fewest: int = 2) -> Iterator[Pictures]:
    """A dataset's pictures of several objects, by shard and number of objects.

    Twins are left out: they are no part of a balanced design.

    Args:
        subject: a set of scenes or of imported compositions.
        fewest: objects a picture; with 1 those of single objects come too.
    """
    for batch in subject.batches():
        groups: defaultdict[int, list[int]] = defaultdict(list)
        for row, record in enumerate(batch.records):
            names = [thing["name"] for thing in record.get("objects", ())]
            if len(names) >= fewest and len(set(names)) == len(names) and _is_original(record):
                groups[len(names)].append(row)
        for count in sorted(groups):
            yield _pictures(batch, groups[count])


def vocabulary(subject: Subject) -> tuple[str, ...]:
    """Names of all objects that the set's pictures show, in alphabetical order."""
    found = {
        thing["name"]
        for batch in subject.batches()
        for record in batch.records
        for thing in record.get("objects", ())
    }
    return tuple(sorted(found))


def misfit(subject: Subject) -> str:
    """Why a dataset and a model do not fit audits of pictures and captions; empty if they do."""
    if subject.kind not in (SCENES.name, IMPORTED.name):
        return f"looks at pictures of several named objects; this set holds {subject.kind} samples"
    if not subject.has_text:
        return f"compares with texts, and {subject.model.identity.id} has no text tower"
    if next(pictures(subject), None) is None:
        return "no picture of this set shows several objects"
    return ""


def _pictures(batch: Batch, rows: list[int]) -> Pictures:
    objects = [batch.records[row]["objects"] for row in rows]
    return Pictures(
        batch.config,
        batch.split,
        tuple(batch.keys[row] for row in rows),
        tuple(tuple(str(thing["name"]) for thing in things) for things in objects),
        np.array(
            [[thing.get("visible_area", UNMEASURED) for thing in things] for things in objects],
            np.int64,
        ),
        tuple(tuple(str(thing.get("size", "")) for thing in things) for things in objects),
        np.array([[thing.get("slot", -1) for thing in things] for things in objects], np.int64),
        batch.vectors[rows],
    )


def _is_original(record: dict[str, Any]) -> bool:
    return not record.get("twin_of")
