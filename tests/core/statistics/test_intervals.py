"""Intervals: the published examples, laws that hold for all counts, and exact coverage."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from benchwright.statistics.coverage import newcombe_coverage, wilson_coverage
from benchwright.statistics.intervals import mean_interval, newcombe, newcombe_paired, wilson

COUNTS = st.integers(1, 400).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n)))


@pytest.mark.parametrize(
    ("k", "n", "low", "high"),
    [
        (81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605),
        (0, 20, 0, 0.1611), (1, 29, 0.0061, 0.1718),
    ],
)  # fmt: skip
def test_wilson_gives_the_published_examples(k, n, low, high):
    # Newcombe (1998), Statistics in Medicine 17:857, Table I, method 3.
    assert wilson(k, n) == pytest.approx((low, high), abs=5e-5)


@pytest.mark.parametrize(
    ("counts", "low", "high"),
    [
        ((56, 70, 48, 80), 0.0524, 0.3339), ((9, 10, 3, 10), 0.1705, 0.8090),
        ((6, 7, 2, 7), 0.0582, 0.8062), ((5, 56, 0, 29), -0.0381, 0.1926),
        ((0, 10, 0, 20), -0.1611, 0.2775), ((10, 10, 0, 20), 0.6791, 1.0),
    ],
)  # fmt: skip
def test_newcombe_gives_the_published_examples(counts, low, high):
    # Newcombe (1998), Statistics in Medicine 17:873, Table II, method 10.
    assert newcombe(*counts) == pytest.approx((low, high), abs=5e-5)


def test_paired_newcombe_gives_a_published_example():
    # Newcombe (1998), Statistics in Medicine 17:2635, Table III, method 10.
    assert newcombe_paired(36, 12, 2, 0) == pytest.approx((0.0569, 0.3404), abs=5e-5)


@given(COUNTS, st.sampled_from([0.5, 0.9, 0.95, 0.99]))
def test_wilson_agrees_with_scipy(counts, level):
    expected = stats.binomtest(*counts).proportion_ci(level, method="wilson")
    assert wilson(*counts, level) == pytest.approx((expected.low, expected.high), abs=1e-12)


@given(COUNTS)
def test_wilson_holds_the_share_and_mirrors_successes_and_failures(counts):
    k, n = counts
    low, high = wilson(k, n)
    assert 0 <= low <= k / n <= high <= 1
    assert wilson(n - k, n) == pytest.approx((1 - high, 1 - low), abs=1e-12)


@given(COUNTS, COUNTS)
def test_newcombe_holds_the_difference_and_turns_with_the_order(first, second):
    low, high = newcombe(*first, *second)
    assert -1 <= low <= first[0] / first[1] - second[0] / second[1] <= high <= 1
    assert newcombe(*second, *first) == pytest.approx((-high, -low), abs=1e-12)


@given(st.tuples(*[st.integers(0, 60)] * 4))
def test_paired_newcombe_holds_the_difference_and_turns_with_the_order(cells):
    both, first, second, neither = cells
    low, high = newcombe_paired(*cells)
    difference = (first - second) / sum(cells) if sum(cells) else 0
    assert -1 <= low <= difference + 1e-12
    assert difference - 1e-12 <= high <= 1
    turned = newcombe_paired(both, second, first, neither)
    assert turned == pytest.approx((-high, -low), abs=1e-12)


def test_pairing_narrows_the_interval_of_answers_that_agree():
    low, high = newcombe_paired(60, 10, 5, 25)
    apart = newcombe(70, 100, 65, 100)
    assert high - low < apart[1] - apart[0]


def test_counts_are_taken_as_arrays():
    low, high = wilson([[0, 5], [10, 3]], [10, 10])
    assert low.shape == high.shape == (2, 2)
    assert low[0, 0] == 0
    assert high[1, 0] == 1


def test_no_trials_say_nothing():
    assert wilson(0, 0) == (0, 1)
    assert newcombe(0, 0, 5, 10)[0] < 0 < newcombe(0, 0, 5, 10)[1]
    assert newcombe_paired(0, 0, 0, 0) == (-1, 1)


@pytest.mark.parametrize(("k", "n"), [(5, 4), (-1, 4), (np.nan, 4), (1, np.nan)])
def test_impossible_counts_are_refused(k, n):
    with pytest.raises(ValueError, match="between 0 and the number of trials"):
        wilson(k, n)


@pytest.mark.parametrize("level", [0, 1, 95])
def test_impossible_levels_are_refused(level):
    with pytest.raises(ValueError, match="level"):
        wilson(1, 2, level)


def test_the_interval_of_a_mean_narrows_as_the_root_of_the_number():
    low, high = map(float, wilson(50, 100))
    one = mean_interval([0.5], [low], [high])
    sixteen = mean_interval([0.5] * 16, [low] * 16, [high] * 16)
    assert one == pytest.approx((0.5, low, high))
    assert (sixteen[2] - sixteen[1]) * 4 == pytest.approx(one[2] - one[1])


@pytest.mark.parametrize("n", [30, 100, 500])
def test_95_percent_intervals_hold_the_truth_95_percent_of_the_time(n):
    single, difference = wilson_coverage(n), newcombe_coverage(n)
    assert 0.94 <= single.mean() <= 0.96
    assert 0.94 <= difference.mean() <= 0.96
    assert single.min() >= 0.92
    assert difference.min() >= 0.90


def test_enumerated_coverage_is_what_simulation_sees():
    generator = np.random.default_rng(0)
    first, second = generator.binomial(30, 0.3, 200_000), generator.binomial(30, 0.1, 200_000)
    low, high = newcombe(first, 30, second, 30)
    seen = np.mean((low <= 0.2) & (high >= 0.2))
    assert newcombe_coverage(30)[29, 9] == pytest.approx(seen, abs=0.002)
