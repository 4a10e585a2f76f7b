"""Trials of image-text matching: pictures, their right captions, and wrong ones.

A right caption names the large object first or last; the order with it last is that with it first
turned round. A wrong one has the name of an absent object in the place of the first or last name.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from benchwright.cards.audits.mentions import spoken
from benchwright.cards.audits.pictures import pictures
from benchwright.cards.audits.text_vectors import encoded
from benchwright.seeding import generator

if TYPE_CHECKING:
    from benchwright.cards.audits.subject import Subject
    from benchwright.curation.models.identity import Model

CAPTIONS = 6
"""Of a trial: two right ones, and a wrong one a cell of the 2x2."""

TEXTS_AT_ONCE = 50_000
"""Captions that are encoded together, equal ones once: 100 MB at 512 numbers each."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A picture to be matched.

    Attributes:
        key: of the sample.
        first: names of its objects, the large one first, then the small ones by role.
        vector: float32 [width], of unit length.
    """

    key: str
    first: tuple[str, ...]
    vector: NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Margins:
    """Of pictures of one number of objects.

    Attributes:
        keys: of the m pictures.
        absent: names of the t absent objects that each was tried with.
        values: float32 [m, t, 6]: margins in the four cells, in scenario 2, and of the orders.
    """

    keys: tuple[str, ...]
    absent: tuple[tuple[str, ...], ...]
    values: NDArray[np.float32]


def captions(first: Sequence[str], absent: str, template: str) -> tuple[str, ...]:
    """A picture's captions: right with the large object first and last, and the wrong four.

    Args:
        first: names of its objects, the large one first.
        absent: the name put in another's place.
        template: of the captions.

    Returns:
        Two right captions, then a wrong one for each of ``matching.CELLS``. Scenario 2 takes the
        second and the fourth.
    """
    no_large, no_small = [absent, *first[1:]], [*first[:-1], absent]
    said = (first, first[::-1], no_large, no_small, no_large[::-1], no_small[::-1])
    return tuple(spoken(names, template) for names in said)


def blocks(subject: Subject, wanted: Mapping[int, set[str]], trials: int) -> Iterator[list[Asked]]:
    """Pictures with one large object, those of one number of objects together, so many at a time.

    Args:
        subject: the dataset.
        wanted: number of objects to keys of the pictures.
        trials: absent objects that a picture is tried with, at most.
    """
    waiting: defaultdict[int, list[Asked]] = defaultdict(list)
    most = max(1, TEXTS_AT_ONCE // (CAPTIONS * trials))
    for group in pictures(subject):
        roles, block = group.size_roles(), waiting[group.objects]
        for row, key in enumerate(group.keys):
            if key in wanted[group.objects]:
                first = tuple(group.names[row][at] for at in np.argsort(roles[row]))
                block.append(Asked(key, first, group.vectors[row]))
                if len(block) == most:
                    yield block
                    block = waiting[group.objects] = []
    yield from (block for _, block in sorted(waiting.items()) if block)


def margins(
    model: Model, asked: Sequence[Asked], names: Sequence[str], tried: int, template: str, seed: int
) -> Margins:
    """How much nearer pictures are to their right captions than to wrong ones.

    Args:
        model: a CLIP.
        asked: pictures of one number of objects.
        names: the vocabulary.
        tried: absent objects of each picture, drawn; 0 for all there are.
        template: of the captions.
        seed: of the draws.

    Raises:
        ModelError: a text encodes to NaN.
    """
    absent, texts = [], list[tuple[str, ...]]()
    for picture in asked:
        others = [name for name in names if name not in picture.first]
        if 0 < tried < len(others):
            others = generator(seed, "absent", picture.key).sample(others, tried)
        absent.append(tuple(others))
        texts += [captions(picture.first, other, template) for other in others]
    images = np.repeat([picture.vector for picture in asked], len(absent[0]), axis=0)
    cosines = _cosines(model, images, texts)
    right_first, right_last = cosines[:, :1], cosines[:, 1:2]
    values = np.concatenate(
        [
            right_first - cosines[:, 2:4],
            right_last - cosines[:, 4:6],
            right_last - cosines[:, 3:4],
            right_first - right_last,
        ],
        axis=1,
    )
    keys = tuple(picture.key for picture in asked)
    return Margins(keys, tuple(absent), values.reshape(len(asked), len(absent[0]), 6))


def _cosines(
    model: Model, images: NDArray[np.float32], texts: Sequence[tuple[str, ...]]
) -> NDArray[np.float32]:
    """float32 [trials, 6]: of each trial's picture with its captions; equal texts go in once."""
    distinct = dict.fromkeys(chain.from_iterable(texts))
    unique = {text: number for number, text in enumerate(distinct)}
    vectors = encoded(model, list(unique))
    index = np.array([[unique[text] for text in trial] for trial in texts])
    columns = [np.einsum("tw,tw->t", images, vectors[index[:, k]]) for k in range(CAPTIONS)]
    return np.stack(columns, axis=1)
