"""Differences of two models: paired over samples and clusters, or not; as true as they claim."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchwright.cards.audits.compare_trials import Trials, combined, paired_difference
from benchwright.statistics.intervals import newcombe, newcombe_paired, wilson


@given(st.integers(0, 50), st.integers(50, 80), st.integers(0, 40), st.integers(40, 90))
def test_two_independent_shares_have_newcombes_interval(k1, n1, k2, n2):
    bounds = [(k / n, *map(float, wilson(k, n))) for k, n in ((k1, n1), (k2, n2))]
    low, high = newcombe(k1, n1, k2, n2)
    assert combined((1, -1), bounds) == pytest.approx((k1 / n1 - k2 / n2, low, high))


def test_two_answers_to_the_same_samples_have_newcombes_paired_interval():
    keys = [f"k{at}" for at in range(100)]
    a, b = np.arange(100) < 80, np.arange(100) % 2 == 0
    low, high = newcombe_paired(40, 40, 10, 10)
    got = paired_difference(Trials.of(keys, a), Trials.of(keys[::-1], b[::-1]), 0)
    assert got == pytest.approx((0.3, float(low), float(high)))


def test_samples_of_a_cluster_count_as_often_as_they_tell_something_new():
    rng = np.random.default_rng(0)
    a, b = (rng.random(100) < p for p in (0.7, 0.5))
    once = paired_difference(*(Trials.of([f"{i}" for i in range(100)], v) for v in (a, b)), 0)
    keys, clusters = [f"{i}" for i in range(400)], np.arange(400) // 4
    copied = [Trials.of(keys, np.repeat(v, 4), clusters=clusters) for v in (a, b)]
    assert paired_difference(*copied, 0) == pytest.approx(once, abs=2e-3)
    means = [Trials.of(keys, np.repeat(v, 4) / 2, clusters=clusters) for v in (a, b)]
    _, low, high = paired_difference(*means, 0)
    assert (2 * low, 2 * high) == pytest.approx(once[1:], abs=0.02)


def coverage(runs, seed=0):
    """Share of runs whose paired interval holds the true difference of two class means."""
    rng, held = np.random.default_rng(seed), 0
    strata = np.repeat(np.arange(4), 25)
    keys = [f"{at}" for at in range(100)]
    for _ in range(runs):
        p, q = rng.uniform(0.1, 0.9, (2, 4))
        luck = np.where(rng.random(100) < 0.5, rng.random(100), np.nan)  # what both models share
        a, b = (np.where(np.isnan(luck), rng.random(100), luck) < of[strata] for of in (p, q))
        trials = [Trials.of(keys, v, strata, np.full(4, 0.25)) for v in (a, b)]
        _, low, high = paired_difference(*trials, 0)
        held += low <= (p - q).mean() <= high
    return held / runs


def test_paired_differences_of_class_means_hold_the_truth_as_often_as_they_claim():
    assert coverage(200) >= 0.90  # 0.95 less three standard errors of 200 runs


@pytest.mark.slow
def test_paired_differences_of_class_means_hold_the_truth_in_93_of_100_runs():
    assert coverage(3000) >= 0.93
