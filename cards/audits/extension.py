"""Accuracy as the label set grows, vocabulary after vocabulary: the curves of openness.

"Delving into the Openness of CLIP" (Ren et al., arXiv 2206.01986). ``Acc(A | B)`` is the accuracy
on images of classes A with candidate labels B; the labels fall into vocabularies V_1..V_N. Along an
order of them an image comes in with its own and is lost to the first that beats it: no product of
images and labels is repeated.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from benchwright.cards.audits.beaten import Beaten
from benchwright.seeding import generator


@dataclass(frozen=True, slots=True)
class Course:
    """When each image comes in and is lost as vocabularies are added in some order.

    Attributes:
        found: of all images.
        target: V_t, the vocabulary that the order begins with.
        enters: int64 [n], the place in the order of each image's own vocabulary.
        beaten: int64 [n], the place of the first other vocabulary that beats its label; N if none
            does.
    """

    found: Beaten
    target: int
    enters: NDArray[np.int64]
    beaten: NDArray[np.int64]

    @classmethod
    def along(cls, found: Beaten, order: NDArray[np.int32]) -> Course:
        """Along an order, int32 [N], of ``orders``."""
        count = found.vocabularies
        place = np.empty(count, np.int64)
        place[order] = np.arange(count)
        first = np.full(len(found.home), count, np.int64)
        some = found.rivals > 0
        if some.any():
            starts = (np.cumsum(found.rivals) - found.rivals)[some]
            first[some] = np.minimum.reduceat(place[found.by], starts)
        return cls(found, int(order[0]), place[found.home], first)

    @property
    def leaves(self) -> NDArray[np.int64]:
        """Int64 [n], when each is no longer right; as it enters, where it never is."""
        right_until = np.maximum(self.beaten, self.enters)
        return np.where(self.found.stands, right_until, self.enters)


def orders(vocabularies: int, trials: int, seed: int) -> Iterator[NDArray[np.int32]]:
    """For each vocabulary V_t and each trial, a random order of all that begins with V_t.

    Args:
        vocabularies: N.
        trials: permutations s of the others (the paper: 3).
        seed: of the permutations.

    Yields:
        int32 [N], t and then s.
    """
    for target in range(vocabularies):
        for trial in range(trials):
            others = [number for number in range(vocabularies) if number != target]
            generator(seed, "openness", target, trial).shuffle(others)
            yield np.array([target, *others], np.int32)


def stability(course: Course) -> NDArray[np.float64]:
    """Acc(V_t | V_t u V_s1 u ... u V_si) for i = 1..N-1: the images stay, the labels grow.

    Averaged over the classes of V_t, as the authors' code does.

    Returns:
        float64 [N-1]; NaN where no image is of V_t.
    """
    found = course.found
    mine = np.flatnonzero(found.home == course.target)
    steps = np.arange(1, found.vocabularies)
    classes, at = np.unique(found.truth[mine], return_inverse=True)
    if not len(classes):
        return np.full(len(steps), np.nan)
    right = found.stands[mine, None] & (course.beaten[mine, None] > steps)
    shares = np.zeros((len(classes), len(steps)))
    np.add.at(shares, at, right)
    means: NDArray[np.float64] = (shares / np.bincount(at)[:, None]).mean(axis=0)
    return means


def extensibility(course: Course) -> NDArray[np.float64]:
    """Acc(U_i | U_i), U_i the first i vocabularies of the order: images and labels grow together.

    Averaged over images, as the authors' code does.

    Returns:
        float64 [N], i = 1..N; NaN before the first image enters.
    """
    count = course.found.vocabularies
    entering = np.bincount(course.enters, minlength=count + 1)
    there = np.cumsum(entering)[:count]
    right = np.cumsum(entering - np.bincount(course.leaves, minlength=count + 1))[:count]
    return np.where(there > 0, right / np.maximum(there, 1), np.nan)


def survived(course: Course) -> NDArray[np.float64]:
    """Each image of V_t: the share of the steps of ``stability`` at which it is still right.

    Returns:
        float64 [n]; 0 for the images of other vocabularies.
    """
    found, last = course.found, course.found.vocabularies - 1
    kept = found.stands & (found.home == course.target)
    shares: NDArray[np.float64] = kept * np.clip(course.beaten - 1, 0, last) / last
    return shares


def carried(course: Course) -> NDArray[np.float64]:
    """What each image adds to the mean of ``extensibility`` over the steps that have images.

    Returns:
        float64 [n], which sum to that mean.
    """
    there = np.cumsum(np.bincount(course.enters, minlength=course.found.vocabularies))
    each = np.where(there > 0, 1 / np.maximum(there, 1), 0)
    until = np.concatenate([[0.0], np.cumsum(each)])
    added = until[course.leaves] - until[course.enters]
    mean: NDArray[np.float64] = added / max(int((there > 0).sum()), 1)
    return mean
