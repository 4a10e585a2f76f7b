"""1 vs 20: the labels that a class's images are most easily taken for, its own among them."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchwright.curation.mining.label_sets import ScoreSums


def sums_of(scores, classes, number=3, batch=2):
    sums = ScoreSums(number, scores.shape[1])
    for start in range(0, len(scores), batch):
        sums.add(scores[start : start + batch], classes[start : start + batch])
    return sums


@given(st.integers(0, 2**32), st.integers(1, 7))
def test_sums_do_not_depend_on_batches(seed, batch):
    generator = np.random.default_rng(seed)
    scores, classes = generator.normal(size=(11, 5)).astype(np.float32), np.arange(11) % 3
    found = sums_of(scores, classes, batch=batch).totals
    expected = np.stack([scores[classes == c].sum(axis=0, dtype=float) for c in range(3)])
    assert found == pytest.approx(expected)


def test_the_labels_with_the_largest_sums_are_kept():
    scores = np.array([[0.9, 0.1, 0.8, 0.2], [0.3, 0.9, 0.1, 0.8]])
    found = sums_of(scores, np.array([0, 1]), number=2).label_sets(np.array([0, 1]), count=2)
    assert found.labels.tolist() == [[0, 2], [1, 3]]
    assert not found.added.any()


def test_a_class_can_always_be_right():
    scores = np.array([[0.9, 0.1, 0.8, 0.2]])
    found = sums_of(scores, np.array([0]), number=1).label_sets(np.array([1]), count=2)
    assert found.labels.tolist() == [[0, 1]]
    assert found.added.tolist() == [True]


def test_equal_sums_go_by_the_labels_order():
    found = sums_of(np.ones((1, 6)), np.array([0]), number=1).label_sets(np.array([0]), count=3)
    assert found.labels.tolist() == [[0, 1, 2]]


@given(st.integers(0, 2**32))
def test_fewer_labels_never_make_a_right_answer_wrong(seed):
    generator = np.random.default_rng(seed)
    scores, classes = generator.normal(size=(40, 9)), generator.integers(0, 3, 40)
    own = np.array([4, 0, 8])
    few = sums_of(scores, classes).label_sets(own, count=4).correct(scores, classes)
    every = sums_of(scores, classes).label_sets(own, count=99)
    assert every.labels.tolist() == [list(range(9))] * 3
    against_all = every.correct(scores, classes)
    assert (against_all == (scores.argmax(axis=1) == own[classes])).all()
    assert (few | ~against_all).all()


def test_a_score_that_is_no_number_is_refused():
    with pytest.raises(ValueError, match="not a finite number"):
        ScoreSums(1, 2).add(np.array([[np.nan, 0.1]]), np.array([0]))


def test_one_label_tells_nothing_apart():
    with pytest.raises(ValueError, match="one label"):
        ScoreSums(1, 2).label_sets(np.array([0]), count=1)
