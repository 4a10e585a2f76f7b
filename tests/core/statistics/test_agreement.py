"""Cohen's kappa: known values, its laws, and an interval that resampling agrees with."""

import math

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from benchwright.statistics.agreement import cohen_kappa

LABELS = st.lists(st.tuples(st.sampled_from("abc"), st.sampled_from("abc")), min_size=1)


def pairs(both_yes, first_only, second_only, both_no):
    first = [True] * (both_yes + first_only) + [False] * (second_only + both_no)
    second = [True] * both_yes + [False] * first_only + [True] * second_only + [False] * both_no
    return first, second


def test_a_textbook_table():
    found = cohen_kappa(*pairs(20, 5, 10, 15))
    assert (found.n, found.agreed, found.expected) == pytest.approx((50, 0.7, 0.5))
    assert found.kappa == pytest.approx(0.4)


@given(LABELS)
@example([("b", "a"), ("b", "a"), ("b", "c"), ("b", "b"), ("b", "b")])  # no variance but rounding
def test_kappa_lies_in_its_interval_and_does_not_care_who_is_first(labels):
    first, second = zip(*labels, strict=True)
    found, turned = cohen_kappa(first, second), cohen_kappa(second, first)
    if math.isnan(found.kappa):
        assert len({*first, *second}) == 1
    else:
        assert -1 <= found.low <= found.kappa <= found.high <= 1
        assert turned.kappa == pytest.approx(found.kappa)
        assert turned.low == pytest.approx(found.low)


def test_full_agreement_is_one_and_chance_is_none():
    assert cohen_kappa(["a", "b", "a"], ["a", "b", "a"]).kappa == 1
    assert cohen_kappa(*pairs(25, 25, 25, 25)).kappa == pytest.approx(0)


def test_the_interval_is_as_wide_as_resampling_finds():
    first, second = (np.array(labels) for labels in pairs(90, 20, 30, 60))
    generator = np.random.default_rng(0)
    draws = generator.integers(0, 200, (1500, 200))
    spread = np.std([cohen_kappa(list(first[d]), list(second[d])).kappa for d in draws])
    found = cohen_kappa(list(first), list(second))
    assert (found.high - found.low) / (2 * 1.96) == pytest.approx(spread, rel=0.06)


def test_nothing_labelled_has_no_kappa():
    assert math.isnan(cohen_kappa([], []).kappa)


def test_labels_of_different_items_are_refused():
    with pytest.raises(ValueError, match="same items"):
        cohen_kappa(["a"], [])
