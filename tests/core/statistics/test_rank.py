"""Spearman's rho against SciPy's, and its interval."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy import stats

from benchwright.statistics.rank import spearman

NUMBERS = arrays(np.int64, 12, elements=st.integers(0, 6))


@settings(max_examples=40)
@given(NUMBERS, NUMBERS)
def test_rho_agrees_with_scipy_ties_and_all(x, y):
    found = spearman(x, y, resamples=20)
    if np.ptp(x) == 0 or np.ptp(y) == 0:
        assert np.isnan(found.estimate)
    else:
        assert found.estimate == pytest.approx(stats.spearmanr(x, y).statistic)


def test_the_interval_holds_rho_and_narrows_with_more_pairs():
    generator = np.random.default_rng(0)
    few, many = generator.normal(size=(2, 20)), generator.normal(size=(2, 500))
    few[1] += few[0]
    many[1] += many[0]
    small, large = spearman(*few), spearman(*many)
    assert small.low < small.estimate < small.high
    assert large.high - large.low < (small.high - small.low) / 3


def test_order_is_all_that_counts():
    x = np.array([1.0, 5, 2, 8, 3])
    assert spearman(x, x**3).estimate == pytest.approx(1)
    assert spearman(x, -np.exp(x)).estimate == pytest.approx(-1)
