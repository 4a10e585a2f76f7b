"""Tests of two proportions against SciPy's, and the false discovery rate."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy import stats

from benchwright.statistics import significance

COUNTS = st.integers(1, 80).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n)))
P_VALUES = arrays(np.float64, st.integers(1, 30), elements=st.floats(0, 1))


@given(COUNTS, COUNTS)
def test_the_z_test_is_the_chi_squared_test_without_correction(first, second):
    (k1, n1), (k2, n2) = first, second
    p = significance.two_proportion_z(k1, n1, k2, n2)
    if 0 < k1 + k2 < n1 + n2:
        table = [[k1, n1 - k1], [k2, n2 - k2]]
        assert p == pytest.approx(stats.chi2_contingency(table, correction=False).pvalue, abs=1e-9)
    else:
        assert p == 1


@given(COUNTS, COUNTS)
def test_one_sided_p_values_are_complementary(first, second):
    greater = significance.two_proportion_z(*first, *second, "greater")
    less = significance.two_proportion_z(*first, *second, "less")
    same = 0 < first[0] + second[0] < first[1] + second[1]
    assert greater + less == pytest.approx(1 if same else 2)


@given(COUNTS, COUNTS)
def test_fisher_agrees_with_scipy(first, second):
    (k1, n1), (k2, n2) = first, second
    expected = stats.fisher_exact([[k1, n1 - k1], [k2, n2 - k2]], "greater").pvalue
    assert significance.fisher_greater(k1, n1, k2, n2) == pytest.approx(
        expected, rel=1e-6, abs=1e-12
    )


@given(*[st.floats(0, 1)] * 2, *[st.floats(1, 60)] * 2)
def test_fractional_counts_are_rounded_against_the_alternative(p1, p2, n1, n2):
    p = significance.fisher_greater(p1 * n1, n1, p2 * n2, n2)
    kindest = significance.fisher_greater(
        np.ceil(p1 * n1), np.ceil(p1 * n1) + np.floor(n1 - p1 * n1),
        np.floor(p2 * n2), np.floor(p2 * n2) + np.ceil(n2 - p2 * n2),
    )  # fmt: skip
    assert p >= kindest - 1e-12


def test_small_groups_are_tested_exactly_and_large_ones_by_z():
    tested = significance.one_sided([9, 80, 99], [10, 100, 100], [5, 60, 97], [10, 100, 100])
    assert tested.exact.tolist() == [True, False, True]
    assert tested.p[0] == pytest.approx(significance.fisher_greater(9, 10, 5, 10))
    assert tested.p[1] == pytest.approx(significance.two_proportion_z(80, 100, 60, 100, "greater"))


def test_an_empty_group_is_no_evidence():
    assert significance.one_sided(0, 0, 3, 10).p == 1
    assert significance.two_proportion_z(0, 0, 0, 0) == 1


def test_a_one_sided_test_rejects_as_often_as_it_says():
    # By enumeration of every outcome of 60 and 40 images of equal accuracy.
    for share in (0.05, 0.3, 0.5, 0.9):
        first, second = np.arange(61)[:, None], np.arange(41)[None, :]
        chance = stats.binom.pmf(first, 60, share) * stats.binom.pmf(second, 40, share)
        p = significance.one_sided(first, 60, second, 40).p
        for size in (0.001, 0.01, 0.05):
            assert chance[p <= size].sum() <= 1.35 * size


@given(P_VALUES)
def test_adjusted_p_values_agree_with_scipy(p):
    assert significance.adjusted(p) == pytest.approx(stats.false_discovery_control(p))


@given(P_VALUES, st.integers(0, 5))
def test_what_was_not_tested_changes_nothing(p, untested):
    padded = np.concatenate([np.full(untested, np.nan), p])
    found = significance.adjusted(padded)
    assert np.isnan(found[:untested]).all()
    assert found[untested:] == pytest.approx(significance.adjusted(p))


@given(arrays(np.float64, (4, 7), elements=st.floats(0, 1)))
def test_families_lie_along_the_last_axis(p):
    apart = np.stack([significance.adjusted(row) for row in p])
    assert significance.adjusted(p) == pytest.approx(apart)


@given(P_VALUES, st.floats(0.01, 0.5))
def test_discoveries_grow_with_the_rate(p, q):
    few, many = significance.benjamini_hochberg(p, q / 2), significance.benjamini_hochberg(p, q)
    assert not np.any(few & ~many)
    assert np.all(p[many] <= q)


def test_the_false_discovery_rate_is_kept():
    generator = np.random.default_rng(1)
    z = generator.normal(size=(4000, 40)) + np.where(np.arange(40) < 10, 3, 0)
    found = significance.benjamini_hochberg(stats.norm.sf(z), 0.1)
    rates = found[:, 10:].sum(axis=1) / np.maximum(found.sum(axis=1), 1)
    # Exactly q times the share of true nulls, for independent significance.
    assert rates.mean() == pytest.approx(0.1 * 30 / 40, abs=4 * stats.sem(rates))


@pytest.mark.parametrize("q", [0, 1, 5])
def test_an_impossible_rate_is_refused(q):
    with pytest.raises(ValueError, match="false discovery rate"):
        significance.benjamini_hochberg([0.1], q)


def test_impossible_p_values_are_refused():
    with pytest.raises(ValueError, match="between 0 and 1"):
        significance.adjusted([0.1, 1.1])
