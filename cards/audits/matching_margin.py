"""The class-wise matching margin (CMM), and what it is used for: worst classes, weighted prompts.

"Investigating the Limitation of CLIP Models: The Worst-Performing Categories" (Shao et al.,
arXiv 2310.03324). Two readings of its formula are in use and both are given by name:

    A (mean, then max):  S_ij = mean over x in class i of sim(x, t_j);  S_ii - max_{j != i} S_ij
    B (a margin each):   mean over x in class i of [sim(x, t_i) - max_{j != i} sim(x, t_j)]

B is at most A. Sums are kept, not images: any number of images takes C^2 numbers.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from benchwright.cards.audits.features import margins


@dataclass(slots=True)
class MarginSums:
    """What batches of scores add up to.

    Attributes:
        similarity: float64 [C, C], row i: sum over the images of class i of their scores.
        margin: float64 [C], sum over the images of class i of their own margins.
        weight: float64 [C], images of class i, or the sum of their assignments.
        predicted: int64 [C], images that were predicted as class i, whatever they are.
    """

    similarity: NDArray[np.float64]
    margin: NDArray[np.float64]
    weight: NDArray[np.float64]
    predicted: NDArray[np.int64]

    @classmethod
    def nothing(cls, classes: int) -> MarginSums:
        """Before the first batch."""
        return cls(
            np.zeros((classes, classes)),
            np.zeros(classes),
            np.zeros(classes),
            np.zeros(classes, np.int64),
        )

    def add(self, scores: NDArray[np.float32], classes: NDArray[np.int32]) -> None:
        """Add images of known classes; with ``scores.argmax(axis=1)`` these are pseudo labels.

        Args:
            scores: float32 [n, C].
            classes: int32 [n].
        """
        count = len(self.weight)
        add_rows(self.similarity, scores, classes)
        self.margin += np.bincount(classes, margins(scores, classes), minlength=count)
        self.weight += np.bincount(classes, minlength=count)
        self._count(scores)

    def add_soft(self, scores: NDArray[np.float32], shares: NDArray[np.float32]) -> None:
        """Add images that belong to each class by a share: p(i | x) where no label is known.

        Args:
            scores: float32 [n, C].
            shares: float32 [n, C], each row summing to 1.
        """
        self.similarity += shares.T @ scores
        self.weight += shares.sum(axis=0, dtype=np.float64)
        second, best = np.partition(scores, -2, axis=1)[:, -2:].T
        rival = np.where(scores == best[:, None], second[:, None], best[:, None])
        self.margin += (shares * (scores - rival)).sum(axis=0, dtype=np.float64)
        self._count(scores)

    def _count(self, scores: NDArray[np.float32]) -> None:
        self.predicted += np.bincount(scores.argmax(axis=1), minlength=len(self.weight))

    @property
    def never_predicted(self) -> NDArray[np.bool_]:
        """Bool [C]: classes that no image was taken for; without labels they have no margin."""
        return self.predicted == 0

    def form_a(self) -> NDArray[np.float64]:
        """CMM, form A: float64 [C]; NaN of a class without images."""
        with np.errstate(invalid="ignore", divide="ignore"):
            mean = self.similarity / self.weight[:, None]
        own = np.diag(mean).copy()
        np.fill_diagonal(mean, -np.inf)
        found: NDArray[np.float64] = own - mean.max(axis=1)
        return found

    def form_b(self) -> NDArray[np.float64]:
        """CMM, form B: float64 [C]; NaN of a class without images."""
        with np.errstate(invalid="ignore", divide="ignore"):
            found: NDArray[np.float64] = self.margin / self.weight
        return found


def add_rows(
    sums: NDArray[np.float64], rows: NDArray[np.float32], classes: NDArray[np.integer]
) -> None:
    """Add each row [n, d] to the sum [C, d] of its class, in double precision."""
    order = np.argsort(classes, kind="stable")
    present, starts = np.unique(classes[order], return_index=True)
    if len(present):
        sums[present] += np.add.reduceat(rows[order].astype(np.float64), starts, axis=0)


def worst_first(margin: NDArray[np.float64]) -> NDArray[np.int64]:
    """Classes from the worst on; those without a margin come before all others."""
    return np.argsort(np.where(np.isnan(margin), -np.inf, margin), kind="stable")


def prompt_weights(margin: NDArray[np.float64], temperature: float) -> NDArray[np.float64]:
    """The weight of each prompt in a class's ensemble, by softmax of its CMM over the prompts.

    Args:
        margin: float64 [P, C], CMM of each class with each prompt; NaN counts as the least.
        temperature: of the softmax, in units of similarity.

    Returns:
        float64 [P, C], summing to 1 over the prompts.
    """
    known = np.isfinite(margin)
    least = np.where(known, margin, np.inf).min(axis=0)
    filled = np.where(known, margin, np.where(np.isfinite(least), least, 0.0))
    raised = np.exp((filled - filled.max(axis=0)) / temperature)
    weights: NDArray[np.float64] = raised / raised.sum(axis=0)
    return weights


def worst_k(accuracy: NDArray[np.float64], k: int) -> float:
    """Mean of the k lowest class accuracies: what papers print, biased low where classes are small.

    Args:
        accuracy: float64 [C]; NaN of a class without images is left out.
        k: at most the number of classes that have images; more are cut to it.
    """
    known = np.sort(accuracy[np.isfinite(accuracy)])
    return float(known[:k].mean()) if len(known) else float("nan")


def worst_k_split(first: NDArray[np.float64], second: NDArray[np.float64], k: int) -> float:
    """Mean accuracy of the k worst classes, chosen on one half of the images, seen on the other.

    Both ways, averaged: the choice then owes nothing to the luck of the images that measure it.

    Args:
        first: float64 [C], class accuracies on one half; NaN of a class without images there.
        second: float64 [C], on the other.
        k: classes.
    """
    known = np.isfinite(first) & np.isfinite(second)
    if not known.any():
        return float("nan")
    a, b = first[known], second[known]
    chosen_a, chosen_b = np.argsort(a, kind="stable")[:k], np.argsort(b, kind="stable")[:k]
    return float((b[chosen_a].mean() + a[chosen_b].mean()) / 2)


def harmonic_mean(accuracy: NDArray[np.float64]) -> float:
    """Harmonic mean of class accuracies: 0 as soon as one of them is."""
    known = accuracy[np.isfinite(accuracy)]
    if not len(known):
        return float("nan")
    return float(len(known) / (1 / known).sum()) if (known > 0).all() else 0.0


def geometric_mean(accuracy: NDArray[np.float64]) -> float:
    """Geometric mean of class accuracies: 0 as soon as one of them is."""
    known = accuracy[np.isfinite(accuracy)]
    if not len(known):
        return float("nan")
    return float(np.exp(np.log(known).mean())) if (known > 0).all() else 0.0
