"""Accuracy as the label set grows: the measures of openness, by running maxima.

"Delving into the Openness of CLIP" (Ren et al., arXiv 2206.01986). ``Acc(A | B)`` is the accuracy
on images of classes A with candidate labels B; the labels fall into vocabularies V_1..V_N. Which
vocabularies beat an image's true label decides all accuracies at once, so an image's scores are
looked at once, whatever the number of permutations: no product is repeated.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from benchwright.seeding import generator


@dataclass(frozen=True, slots=True)
class Beaten:
    """What decides the accuracy of every union of vocabularies.

    Attributes:
        home: int32 [n], the vocabulary of each image's class.
        truth: int32 [n], the class.
        stands: bool [n], whether the true label is first among its own vocabulary's.
        by: bool [n, N], vocabularies other than its own with a label that comes before it.
    """

    home: NDArray[np.int32]
    truth: NDArray[np.int32]
    stands: NDArray[np.bool_]
    by: NDArray[np.bool_]

    @property
    def vocabularies(self) -> int:
        """N."""
        return int(self.by.shape[1])


def beaten(
    scores: NDArray[np.float32], truth: NDArray[np.int32], vocabulary: NDArray[np.int32]
) -> Beaten:
    """Which vocabularies hold a label that scores above the true one.

    Of equal scores the label with the lower index comes first, as ``argmax`` has it.

    Args:
        scores: float32 [n, C], of each image with each label.
        truth: int32 [n], index of its class among the labels.
        vocabulary: int32 [C], number 0..N-1 of each label's vocabulary.
    """
    rows, count = np.arange(len(truth)), int(vocabulary.max()) + 1
    own = scores[rows, truth][:, None]
    before = np.arange(scores.shape[1]) < truth[:, None]
    above = (scores > own) | ((scores == own) & before)
    order = np.argsort(vocabulary, kind="stable")
    starts = np.searchsorted(vocabulary[order], np.arange(count))
    by = np.logical_or.reduceat(above[:, order], starts, axis=1)
    home = vocabulary[truth]
    stands = ~by[rows, home]
    by[rows, home] = False
    return Beaten(home.astype(np.int32), truth, stands, by)


def merged(parts: list[Beaten]) -> Beaten:
    """Several batches of images as one."""
    return Beaten(
        np.concatenate([part.home for part in parts]),
        np.concatenate([part.truth for part in parts]),
        np.concatenate([part.stands for part in parts]),
        np.concatenate([part.by for part in parts]),
    )


def orders(vocabularies: int, trials: int, seed: int) -> Iterator[tuple[int, NDArray[np.int32]]]:
    """For each vocabulary V_t and each trial, a random order of all that begins with V_t.

    Args:
        vocabularies: N.
        trials: permutations s of the others (the paper: 3).
        seed: of the permutations.
    """
    for target in range(vocabularies):
        for trial in range(trials):
            others = [number for number in range(vocabularies) if number != target]
            generator(seed, "openness", target, trial).shuffle(others)
            yield target, np.array([target, *others], np.int32)


def closed(found: Beaten) -> NDArray[np.bool_]:
    """Bool [n]: right among the labels of the image's own vocabulary; Acc-C is the mean."""
    return found.stands


def stability(found: Beaten, order: NDArray[np.int32]) -> NDArray[np.float64]:
    """Acc(V_t | V_t u V_s1 u ... u V_si) for i = 1..N-1: the images stay, the labels grow.

    Averaged over the classes of V_t, as the authors' code does.

    Args:
        found: of all images.
        order: int32 [N], t and then s, of ``orders``.

    Returns:
        float64 [N-1]; NaN where no image is of V_t.
    """
    mine = np.flatnonzero(found.home == order[0])
    until = _until(found, mine, order)
    classes, at = np.unique(found.truth[mine], return_inverse=True)
    if not len(classes):
        return np.full(len(order) - 1, np.nan)
    sizes = np.bincount(at)
    steps = np.arange(1, len(order))
    right = found.stands[mine, None] & (until[:, None] > steps)
    shares = np.zeros((len(classes), len(steps)))
    np.add.at(shares, at, right)
    means: NDArray[np.float64] = (shares / sizes[:, None]).mean(axis=0)
    return means


def extensibility(found: Beaten, order: NDArray[np.int32]) -> NDArray[np.float64]:
    """Acc(U_i | U_i), U_i the first i vocabularies of the order: images and labels grow together.

    Averaged over images, as the authors' code does.

    Returns:
        float64 [N], i = 1..N; NaN before the first image enters.
    """
    count = len(order)
    place = np.empty(count, np.int64)
    place[order] = np.arange(count)
    enters = place[found.home]
    leaves = _until(found, np.arange(len(found.home)), order)
    leaves = np.where(found.stands, np.maximum(leaves, enters), enters)
    there = np.cumsum(np.bincount(enters, minlength=count)[:count])
    change = np.bincount(enters, minlength=count + 1) - np.bincount(leaves, minlength=count + 1)
    right = np.cumsum(change)[:count]
    return np.where(there > 0, right / np.maximum(there, 1), np.nan)


def _until(found: Beaten, images: NDArray[np.int64], order: NDArray[np.int32]) -> NDArray[np.int64]:
    """int64: the place in the order of the first vocabulary that beats an image; N if none does."""
    count = len(order)
    beats = found.by[images][:, order]
    return np.where(beats.any(axis=1), beats.argmax(axis=1), count)


def alignment(images: NDArray[np.float32], texts: NDArray[np.float32]) -> float:
    """E ||f(x) - g(t)||^2 over matching pairs (Wang & Isola 2020, with alpha = 2).

    Args:
        images: float32 [n, width], of unit length.
        texts: float32 [n, width], of unit length: each image's own label.
    """
    return float(((images - texts) ** 2).sum(axis=1, dtype=np.float64).mean())


def uniformity(vectors: NDArray[np.float32]) -> float:
    """Log E exp(-2 ||u - v||^2) over pairs of different vectors (Wang & Isola 2020, t = 2).

    Args:
        vectors: float32 [n, width], of unit length; n^2 / 2 pairs are looked at.
    """
    total, count = 0.0, len(vectors)
    for start in range(0, count, 1024):
        block = vectors[start : start + 1024]
        cosines = block @ vectors.T
        kernel = np.exp(-4 * (1 - np.clip(cosines, -1, 1).astype(np.float64)))
        at = np.arange(len(block))
        total += float(kernel.sum() - kernel[at, start + at].sum())
    return float(np.log(total / (count * (count - 1)))) if count > 1 else 0.0


def margins(scores: NDArray[np.float32], truth: NDArray[np.int32]) -> NDArray[np.float32]:
    """float32 [n]: sim(x, t_y) - max over j != y of sim(x, t_j).

    Args:
        scores: float32 [n, C], C at least 2.
        truth: int32 [n].
    """
    rows = np.arange(len(truth))
    others = scores.copy()
    others[rows, truth] = -np.inf
    found: NDArray[np.float32] = scores[rows, truth] - others.max(axis=1)
    return found


def everywhere(found: Beaten) -> NDArray[np.bool_]:
    """Bool [n]: right among the labels of all vocabularies."""
    return found.stands & ~found.by.any(axis=1)


def survived(found: Beaten, order: NDArray[np.int32]) -> NDArray[np.float64]:
    """Each image of V_t: the share of the steps of ``stability`` at which it is still right.

    Returns:
        float64 [n]; 0 for the images of other vocabularies.
    """
    shares = np.zeros(len(found.home))
    mine = np.flatnonzero(found.home == order[0])
    steps = np.clip(_until(found, mine, order) - 1, 0, len(order) - 1)
    shares[mine] = found.stands[mine] * steps / (len(order) - 1)
    return shares


def carried(found: Beaten, order: NDArray[np.int32]) -> NDArray[np.float64]:
    """What each image adds to the mean of ``extensibility`` over the steps that have images.

    Returns:
        float64 [n], which sum to that mean.
    """
    count = len(order)
    place = np.empty(count, np.int64)
    place[order] = np.arange(count)
    enters = place[found.home]
    leaves = np.maximum(_until(found, np.arange(len(enters)), order), enters)
    there = np.cumsum(np.bincount(enters, minlength=count))
    weights = np.concatenate([[0.0], np.cumsum(np.where(there > 0, 1 / np.maximum(there, 1), 0))])
    added = (weights[leaves] - weights[enters]) * found.stands
    mean: NDArray[np.float64] = added / max(int((there > 0).sum()), 1)
    return mean
