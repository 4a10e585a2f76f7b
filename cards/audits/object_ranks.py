"""Which of its own objects a caption or picture is nearest to: TOR, IOR and I2TOR's arithmetic.

"CLIP Under the Microscope" (Abbasi et al., CVPR 2025) publishes, among the queries whose top n are
exactly their n objects, the share whose top 1 is the k-th. Such queries can be one in a hundred, so
the same share over all queries stands beside it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from benchwright.cards.audits.result import Result
from benchwright.cards.audits.shares import share


def ranks(scores: NDArray[np.float32], truth: NDArray[np.int64]) -> NDArray[np.int64]:
    """How many candidates come before each true object.

    Of equal scores the candidate with the lower index comes first.

    Args:
        scores: float32 [m, C], of each query with each candidate.
        truth: int64 [m, n], index among the candidates of each query's objects.

    Returns:
        int64 [m, n]; 0 for the nearest candidate.
    """
    order = np.argsort(-scores, axis=1, kind="stable")
    places = np.empty_like(order)
    np.put_along_axis(places, order, np.arange(scores.shape[1])[None], axis=1)
    return np.take_along_axis(places, truth, axis=1)


@dataclass(frozen=True, slots=True)
class Grouping:
    """A way to tell a query's objects apart.

    Attributes:
        labels: what groups are called.
        member: int64 [m, n], index into ``labels`` of each object; -1 of one in no group.
    """

    labels: tuple[str, ...]
    member: NDArray[np.int64]


def shares(
    protocol: str, found: NDArray[np.int64], groupings: Sequence[Grouping]
) -> Iterator[Result]:
    """Shares of queries by which of their own objects is nearest, in all three readings.

    Args:
        protocol: what measures are called after, such as ``TOR``.
        found: int64 [m, n], of ``ranks``; m may be 0.
        groupings: of the objects.
    """
    if not len(found):
        return
    count = found.shape[1]
    complete = (found < count).all(axis=1)
    everything = np.ones(len(found), np.bool_)
    yield from nearest_of_own(protocol, found, groupings)
    yield from _among(f"{protocol}, as published", found, groupings, complete, complete)
    top = found.min(axis=1) == 0
    yield from _among(f"{protocol}, nearest of all", found, groupings, everything, top)
    yield share(f"{protocol}, all found", f"{count} objects", int(complete.sum()), len(found))


def nearest_of_own(
    protocol: str, found: NDArray[np.int64], groupings: Sequence[Grouping]
) -> Iterator[Result]:
    """The unconditional share alone: of all queries, whatever else is nearer than their own."""
    everything = np.ones(len(found), np.bool_)
    yield from _among(f"{protocol}, nearest of its own", found, groupings, everything, everything)


def _among(
    measure: str,
    found: NDArray[np.int64],
    groupings: Sequence[Grouping],
    asked: NDArray[np.bool_],
    counted: NDArray[np.bool_],
) -> Iterator[Result]:
    """Of the queries asked that hold an object of a group, those counted where it is nearest."""
    nearest = found.argmin(axis=1)
    for grouping in groupings:
        first = grouping.member[np.arange(len(found)), nearest]
        for number, label in enumerate(grouping.labels):
            there = asked & (grouping.member == number).any(axis=1)
            hits = there & counted & (first == number)
            if there.any():
                group = f"{found.shape[1]} objects, {label}"
                yield share(measure, group, int(hits.sum()), int(there.sum()))
