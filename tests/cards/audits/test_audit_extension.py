"""The measures of openness equal their definitions, computed by loops."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchwright.cards.audits.beaten import beaten, merged
from benchwright.cards.audits.extension import Course, extensibility, orders, stability
from benchwright.cards.audits.features import distances, margins, uniformity


def case(seed, images=40, labels=12, vocabularies=4, ties=False):
    rng = np.random.default_rng(seed)
    vocabulary = np.array([i % vocabularies for i in range(labels)], np.int32)
    truth = rng.integers(0, labels, images).astype(np.int32)
    scores = rng.normal(size=(images, labels)).astype(np.float32)
    scores[np.arange(images), truth] += 1
    return (np.round(scores) if ties else scores), truth, vocabulary


def accuracy(scores, truth, images, labels):
    """Acc(A | B) by its definition: images of classes A, arg max over labels B."""
    right = []
    for x in images:
        best = max(labels, key=lambda label: (scores[x, label], -label))
        right.append(best == truth[x])
    return right


@pytest.mark.parametrize("ties", [False, True])
@pytest.mark.parametrize("seed", range(5))
def test_curves_are_those_of_the_definitions(seed, ties):
    scores, truth, vocabulary = case(seed, ties=ties)
    found = beaten(scores, truth, vocabulary)
    labels_of = [[i for i, v in enumerate(vocabulary) if v == number] for number in range(4)]
    images_of = [[x for x, t in enumerate(truth) if vocabulary[t] == n] for n in range(4)]
    for n in range(4):
        naive = accuracy(scores, truth, images_of[n], labels_of[n])
        assert found.stands[images_of[n]].tolist() == naive
    for order in orders(4, 2, seed):
        course, target = Course.along(found, order), order[0]
        grow = [[label for v in order[:i] for label in labels_of[v]] for i in range(1, 5)]
        seen = [[image for v in order[:i] for image in images_of[v]] for i in range(1, 5)]
        together = [
            np.mean(accuracy(scores, truth, images, labels))
            for images, labels in zip(seen, grow, strict=True)
        ]
        np.testing.assert_allclose(extensibility(course), together)
        stay = []
        for labels in grow[1:]:
            right = np.array(accuracy(scores, truth, images_of[target], labels))
            of = truth[images_of[target]]
            stay.append(np.mean([right[of == c].mean() for c in sorted(set(of))]))
        np.testing.assert_allclose(stability(course), stay)


def test_batches_make_no_difference():
    scores, truth, vocabulary = case(3)
    whole = beaten(scores, truth, vocabulary)
    halves = merged([beaten(scores[i::2], truth[i::2], vocabulary) for i in (0, 1)])
    for order in orders(4, 1, 0):
        one, other = Course.along(whole, order), Course.along(halves, order)
        np.testing.assert_allclose(extensibility(one), extensibility(other))
        np.testing.assert_allclose(stability(one), stability(other))


@given(st.integers(0, 50))
def test_more_labels_never_help_images_that_stay(seed):
    found = beaten(*case(seed))
    for target, order in enumerate(orders(4, 1, seed)):
        curve = stability(Course.along(found, order))
        assert (np.diff(curve) <= 1e-12).all()
        assert order[0] == target
        assert sorted(order) == [0, 1, 2, 3]


def test_a_vocabulary_without_images_has_no_stability():
    scores, truth, vocabulary = case(0)
    absent = vocabulary[truth] != 2
    found = beaten(scores[absent], truth[absent], vocabulary)
    order = np.array([2, 0, 1, 3], np.int32)
    course = Course.along(found, order)
    assert np.isnan(stability(course)).all()
    assert np.isnan(extensibility(course)[0])
    assert not np.isnan(extensibility(course)[1:]).any()


def test_features_are_measured_as_wang_and_isola_define_them():
    rng = np.random.default_rng(0)
    u, v = (x / np.linalg.norm(x, axis=1, keepdims=True) for x in rng.normal(size=(2, 30, 8)))
    u, v = u.astype(np.float32), v.astype(np.float32)
    naive = np.mean([np.sum((a - b) ** 2) for a, b in zip(u, v, strict=True)])
    assert distances(u, v).mean() == pytest.approx(naive, rel=1e-5)
    pairs = [
        np.exp(-2 * np.sum((u[i] - u[j]) ** 2)) for i in range(30) for j in range(30) if i != j
    ]
    assert uniformity(u) == pytest.approx(np.log(np.mean(pairs)), rel=1e-5)


def test_a_margin_is_positive_exactly_where_the_answer_is_right():
    scores, truth, _ = case(1)
    right = scores.argmax(axis=1) == truth
    assert ((margins(scores, truth) > 0) == right).all()
