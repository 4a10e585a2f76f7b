"""Captions that name several objects, by design, and their vectors."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from itertools import combinations
from typing import TYPE_CHECKING, Literal

import numpy as np
from numpy.typing import NDArray

from benchwright.builders.captions import caption
from benchwright.builders.designs import Design
from benchwright.cards.audits.text_vectors import encoded
from benchwright.errors import BenchwrightError
from benchwright.recipe import Sample
from benchwright.seeding import generator

if TYPE_CHECKING:
    from benchwright.curation.models.identity import Model

Order = Literal["permutations", "combinations"]

MOST_CAPTIONS = 1_000_000
"""Of one number of objects: with 512 numbers each their vectors are 2 GB."""

TEXTS_AT_ONCE = 4096
"""Captions whose vectors are held at a time: 16 MB at 1,024 numbers each."""


def mentions(objects: int, named: int, number: int, order: Order, seed: int) -> NDArray[np.int64]:
    """Which objects captions name, first mentioned first.

    Args:
        objects: in the vocabulary.
        named: in a caption; at most ``objects``.
        number: captions, at most; 0 for all there are.
        order: ``permutations`` has every object equally often in every mention position;
            ``combinations`` names objects in the order of the vocabulary, as the papers do, so
            that position goes with identity.
        seed: of the sample.

    Returns:
        int64 [captions, named], indices into the vocabulary.

    Raises:
        BenchwrightError: all are asked for, and they are more than can be looked at.
    """
    total = (math.perm if order == "permutations" else math.comb)(objects, named)
    if number == 0 and total > MOST_CAPTIONS:
        raise BenchwrightError(
            f"number=0: {objects} objects make {total:,} captions of {named}; ask for a sample, of "
            f"at most {MOST_CAPTIONS:,}"
        )
    if order == "permutations":
        drawn = 0 < number < total
        sample = Sample(scenes=number, of_objects=objects) if drawn else None
        design = Design(seed, f"audit-{named}", objects, named, sample)
        return np.array([assignment.objects for assignment in design], np.int64)
    if not 0 < number < total:
        return np.array(list(combinations(range(objects), named)), np.int64)
    draws, chosen = generator(seed, "combinations", objects, named), dict[tuple[int, ...], None]()
    while len(chosen) < number:
        chosen[tuple(sorted(draws.sample(range(objects), named)))] = None
    return np.array(list(chosen), np.int64)


def spoken(names: Sequence[str], template: str) -> str:
    """A caption that names objects in the given order."""
    return caption(names, template, tuple(range(len(names)))).text


def single_vectors(model: Model, names: Sequence[str], template: str) -> NDArray[np.float32]:
    """float32 [names, width], of unit length: the text that names one object, for each.

    Raises:
        ModelError: a text encodes to NaN.
    """
    return encoded(model, [spoken([name], template) for name in names])


def caption_vectors(
    model: Model, names: Sequence[str], named: NDArray[np.int64], template: str
) -> Iterator[tuple[slice, list[str], NDArray[np.float32]]]:
    """Captions and their vectors, some thousand at a time.

    Yields:
        Which rows of ``named`` they are of, the texts, and float32 [rows, width] of unit length.

    Raises:
        ModelError: a text encodes to NaN.
    """
    for start in range(0, len(named), TEXTS_AT_ONCE):
        part = slice(start, start + TEXTS_AT_ONCE)
        texts = [spoken([names[i] for i in row], template) for row in named[part].tolist()]
        yield part, texts, encoded(model, texts)
