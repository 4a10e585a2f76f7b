"""Largest remainder: whole numbers as near to their shares as can be."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchwright.builders.corpus.apportion import apportioned

weights = st.lists(st.integers(0, 1000), min_size=1, max_size=30).filter(any)


@given(st.integers(0, 100_000), weights)
def test_counts_add_up_and_are_within_one_of_their_share(total, weights):
    counts = apportioned(total, weights)
    assert sum(counts) == total
    for count, weight in zip(counts, weights, strict=True):
        assert abs(count - total * weight / sum(weights)) < 1
        assert weight or not count


@pytest.mark.parametrize(
    ("total", "weights", "counts"),
    [
        (10, [1, 1, 1], [4, 3, 3]),
        (100, [0.9, 0.1], [90, 10]),
        (7, [0.5, 0.3, 0.2], [4, 2, 1]),
        (0, [1, 2], [0, 0]),
    ],
)
def test_known_shares(total, weights, counts):
    assert apportioned(total, weights) == counts
