"""Verdicts: probabilities that add up, the first of equals, and abstention."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from benchwright.curation.labelling import verdicts

LOGITS = arrays(
    np.float32,
    st.tuples(st.integers(1, 6), st.integers(2, 7)),
    elements=st.floats(-200, 200, width=32),
)


@given(LOGITS)
def test_probabilities_add_up_and_keep_the_order(logits):
    probabilities = verdicts.softmax(logits)
    assert probabilities.dtype == np.float32
    np.testing.assert_allclose(probabilities.sum(axis=1), 1, rtol=1e-5)
    likeliest = np.take_along_axis(probabilities, logits.argmax(axis=1)[:, None], axis=1)
    assert (likeliest[:, 0] == probabilities.max(axis=1)).all()


@given(LOGITS, st.integers(-1, 1))
def test_the_crowd_is_never_the_likelier(logits, claimed):
    probabilities = verdicts.softmax(logits)
    verdict = verdicts.class_verdict(probabilities, np.full(len(logits), claimed))
    assert (verdict.crowd <= verdict.probability).all()
    assert (verdict.crowd <= 0.5 + 1e-6).all()
    if claimed < 0:
        assert not verdict.probability.any()
    else:
        np.testing.assert_array_equal(verdict.probability, probabilities[:, claimed])
        first = verdict.first == claimed
        others = np.delete(probabilities, claimed, axis=1).max(axis=1)
        np.testing.assert_array_equal(verdict.crowd[first], others[first])


@given(LOGITS, st.floats(0, 1, width=32), st.floats(0, 1, width=32))
def test_a_choice_is_clear_where_both_thresholds_are_met(logits, least, lead):
    probabilities = verdicts.softmax(logits)
    choice = verdicts.choose(probabilities, least, lead)
    ordered = np.sort(probabilities, axis=1)
    np.testing.assert_array_equal(choice.margin, ordered[:, -1] - ordered[:, -2])
    clear = (ordered[:, -1] >= least) & (choice.margin >= lead)
    np.testing.assert_array_equal(choice.index, np.where(clear, choice.first, -1))


def test_the_lowest_index_wins_a_tie():
    tied = np.array([[0.2, 0.4, 0.4], [1 / 3] * 3], np.float32)
    assert verdicts.choose(tied, 0, 0).index.tolist() == [1, 0]
    assert verdicts.choose(tied, 0, 0.01).index.tolist() == [-1, -1]
    assert verdicts.class_verdict(tied, np.array([2, 2])).first.tolist() == [1, 0]


@given(LOGITS, st.data())
def test_a_parent_is_as_likely_as_its_backgrounds_together(logits, data):
    columns = logits.shape[1]
    parent_of = data.draw(st.lists(st.integers(0, 2), min_size=columns, max_size=columns))
    probabilities = verdicts.softmax(logits)
    total = verdicts.parents(probabilities, parent_of)
    np.testing.assert_allclose(total.sum(axis=1), 1, rtol=1e-5)
    for parent in range(total.shape[1]):
        own = probabilities[:, [at for at, of in enumerate(parent_of) if of == parent]]
        np.testing.assert_allclose(total[:, parent], own.sum(axis=1), rtol=1e-5, atol=1e-7)
