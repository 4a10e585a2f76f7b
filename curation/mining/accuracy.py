"""Accuracy over classes: plain (each image counts the same) and class-balanced (each class does).

The originals' headline is class-balanced: the mean over classes of the accuracy on a class's
images; their drop is common less counter.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from benchwright.curation.mining.confirm import Drop
from benchwright.curation.mining.groups import Group
from benchwright.statistics.intervals import LEVEL, mean_interval, wilson


@dataclass(frozen=True, slots=True)
class Accuracy:
    """A figure over classes with its interval; shares, not points.

    Attributes:
        n: images.
        classes: classes.
        estimate: the figure.
        low: lower bound.
        high: upper bound.
    """

    n: int
    classes: int
    estimate: float
    low: float
    high: float


def plain(groups: Sequence[Group], level: float = LEVEL) -> Accuracy:
    """Right images over images, with Wilson's interval at the groups' effective n together.

    Raises:
        ValueError: no groups.
    """
    n = sum(group.n for group in groups)
    if not n:
        raise ValueError("no images to take the accuracy of")
    share = sum(group.correct for group in groups) / n
    effective = sum(group.effective for group in groups)
    low, high = wilson(share * effective, effective, level)
    return Accuracy(n, len(groups), share, float(low), float(high))


def balanced(groups: Sequence[Group], level: float = LEVEL) -> Accuracy:
    """The mean over classes of their accuracies.

    Args:
        groups: one a class.
        level: nominal coverage.

    Raises:
        ValueError: no groups, or two of a class.
    """
    _one_each([group.cls for group in groups])
    bounds = [group.interval(level) for group in groups]
    low, high = [bound[0] for bound in bounds], [bound[1] for bound in bounds]
    figures = mean_interval([group.accuracy for group in groups], low, high)
    return Accuracy(sum(group.n for group in groups), len(groups), *figures)


def balanced_drop(drops: Sequence[Drop]) -> Accuracy:
    """The mean over classes of their drops, at the level that their intervals have.

    Args:
        drops: one a class.

    Raises:
        ValueError: no drops, or two of a class.
    """
    _one_each([drop.common.cls for drop in drops])
    figures = mean_interval(
        [drop.drop for drop in drops],
        [drop.low for drop in drops],
        [drop.high for drop in drops],
    )
    return Accuracy(sum(drop.common.n + drop.counter.n for drop in drops), len(drops), *figures)


def _one_each(classes: Sequence[str]) -> None:
    if len(set(classes)) != len(classes):
        raise ValueError("each class counts once in a balanced figure")
