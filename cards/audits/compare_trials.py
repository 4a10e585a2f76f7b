"""What a number of an audit is made of, sample by sample: what two models are paired by."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import ArrayLike, NDArray

from benchwright.cards.audits.shares import expanded_level
from benchwright.statistics.bootstrap import clustered
from benchwright.statistics.intervals import newcombe_paired, wilson

Bounds = tuple[float, float, float]
"""An estimate with the bounds of its interval."""


@dataclass(frozen=True, slots=True)
class Trials:
    """Samples whose values make an estimate: a weighted sum of the strata's means.

    Most have one stratum; a mean over classes has one a class, and a drop has two.

    Attributes:
        keys: [n] of the samples, sorted; each once.
        values: float64 [n]: whether the model was right, or a figure of the sample.
        strata: int64 [n], the stratum of each.
        weights: float64 [strata]; together with the strata's means they make the estimate.
        clusters: int64 [n]: samples of one cluster are right or wrong together.
    """

    keys: NDArray[np.str_]
    values: NDArray[np.float64]
    strata: NDArray[np.int64]
    weights: NDArray[np.float64]
    clusters: NDArray[np.int64]

    @classmethod
    def of(
        cls,
        keys: Sequence[str] | NDArray[np.str_],
        values: ArrayLike,
        strata: ArrayLike | None = None,
        weights: ArrayLike = (1.0,),
        clusters: ArrayLike | None = None,
    ) -> Self:
        """From rows in any order; a sample with several trials counts by their mean.

        Args:
            keys: [rows], at least one.
            values: [rows].
            strata: [rows], numbers; all 0 by default.
            weights: of the strata.
            clusters: [rows], numbers; by default each sample is one of its own.
        """
        known, first, at = np.unique(np.array(keys, str), return_index=True, return_inverse=True)
        sums = np.bincount(at.reshape(-1), weights=np.asarray(values, np.float64))
        return cls(
            known,
            sums / np.bincount(at.reshape(-1)),
            np.zeros(len(known), np.int64) if strata is None else np.asarray(strata)[first],
            np.asarray(weights, np.float64),
            np.arange(len(known)) if clusters is None else np.asarray(clusters)[first],
        )

    @property
    def estimate(self) -> float:
        """What they amount to."""
        sizes = np.bincount(self.strata, minlength=len(self.weights))
        sums = np.bincount(self.strata, weights=self.values, minlength=len(self.weights))
        return float(self.weights @ (sums / np.maximum(sizes, 1)))

    def are_those_of(self, other: Trials) -> bool:
        """Whether two models were asked the very same."""
        return (
            np.array_equal(self.keys, other.keys)
            and np.array_equal(self.strata, other.strata)
            and np.array_equal(self.weights, other.weights)
        )


def paired_difference(first: Trials, second: Trials, seed: object) -> Bounds:
    """First less second, over the same samples.

    Where both have yes or no of every sample, a stratum's interval is Newcombe's for paired
    samples, at the effective number of samples where they come in clusters; else a percentile
    bootstrap over clusters. Strata are put together by ``combined``.

    Args:
        first: of one model.
        second: of another; ``first.are_those_of(second)``.
        seed: of the resamples.
    """
    bounds = []
    for number in range(len(first.weights)):
        mine = first.strata == number
        one, other, clusters = first.values[mine], second.values[mine], first.clusters[mine]
        if np.isin(one, (0, 1)).all() and np.isin(other, (0, 1)).all():
            bounds.append(_of_answers(one, other, clusters))
        else:
            bounds.append(_of_means(one - other, clusters, (seed, number)))
    return combined(first.weights, bounds)


def combined(weights: ArrayLike, bounds: Sequence[Bounds]) -> Bounds:
    """A weighted sum of independent estimates, with an interval put together from theirs.

    The method of variance estimates recovery (Zou and Donner 2008). Of two shares with Wilson's
    intervals and the weights 1 and -1 it is Newcombe's interval of their difference.
    """
    each = np.asarray(weights, np.float64)
    estimates, low, high = np.array(bounds, np.float64).T
    below, above = each * (estimates - low), each * (high - estimates)
    below, above = np.where(each < 0, -above, below), np.where(each < 0, -below, above)
    total = float(each @ estimates)
    return total, total - float(np.hypot.reduce(below)), total + float(np.hypot.reduce(above))


def _of_answers(
    one: NDArray[np.float64], other: NDArray[np.float64], clusters: NDArray[np.int64]
) -> Bounds:
    cells = [float(x @ y) for x in (one, 1 - one) for y in (other, 1 - other)]
    effect = design_effect(one - other, clusters)
    both, first, second, neither = (cell / effect for cell in cells)
    low, high = newcombe_paired(both, first, second, neither)
    return float((one - other).mean()), float(low), float(high)


def design_effect(values: NDArray[np.float64], clusters: NDArray[np.int64]) -> float:
    """Variance of their mean over clusters, relative to that of independent ones; at least 1.

    Where all are alike nothing can be estimated, and a cluster counts as one sample.
    """
    _, at = np.unique(clusters, return_inverse=True)
    sizes = np.bincount(at)
    if len(sizes) == len(values):
        return 1.0
    away = values - values.mean()
    spread = float(away @ away)
    if len(sizes) == 1 or spread == 0:
        return float(sizes @ sizes) / len(values)
    sums = np.bincount(at, weights=away)
    return max(1.0, float(sums @ sums) * len(sizes) / (len(sizes) - 1) / spread)


def _of_means(values: NDArray[np.float64], clusters: NDArray[np.int64], seed: object) -> Bounds:
    """The mean; where all values are alike, what unseen samples might add is Wilson's bound."""
    _, at = np.unique(clusters, return_inverse=True)
    sums = np.stack([np.bincount(at, weights=values), np.bincount(at)], axis=1)
    found = clustered(
        lambda totals: totals[:, 0] / totals[:, 1], sums, seed=seed, level=expanded_level(len(sums))
    )
    unseen = float(wilson(0, len(sums))[1]) if np.ptp(values) == 0 else 0.0
    low, high = min(found.low, found.estimate), max(found.high, found.estimate)
    return found.estimate, low - unseen, high + unseen
