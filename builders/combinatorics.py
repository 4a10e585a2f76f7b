"""Draws without replacement from spaces too large to list, ordered choices by rank, rotations."""

from __future__ import annotations

import random
from collections.abc import Iterator


def draw(rng: random.Random, size: int, count: int) -> Iterator[int]:
    """``count`` distinct numbers below ``size``: a shuffle that remembers only what it moved.

    The first k of a longer draw are the draw of k, so raising a count keeps what was drawn.
    """
    moved: dict[int, int] = {}
    for first in range(count):
        at = rng.randrange(first, size)
        yield moved.get(at, at)
        moved[at] = moved.get(first, first)


def unrank(rank: int, size: int, length: int) -> tuple[int, ...]:
    """The ordered choice of ``length`` distinct numbers below ``size`` that has this rank."""
    chosen: list[int] = []
    for taken in range(length):
        rank, number = divmod(rank, size - taken)
        for earlier in sorted(chosen):
            number += number >= earlier
        chosen.append(number)
    return tuple(chosen)


def rotated(order: tuple[int, ...], by: int) -> tuple[int, ...]:
    """An order begun ``by`` places later, going round."""
    turn = by % len(order)
    return order[turn:] + order[:turn]
