"""The class-wise matching margin equals its two definitions, computed by loops."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchwright.cards.audits.matching_margin import (
    MarginSums,
    geometric_mean,
    harmonic_mean,
    prompt_weights,
    worst_first,
    worst_k,
    worst_k_split,
)


def case(seed, images=60, classes=6):
    rng = np.random.default_rng(seed)
    truth = rng.integers(0, classes - 1, images).astype(np.int32)  # the last has no image
    scores = rng.normal(size=(images, classes)).astype(np.float32)
    scores[np.arange(images), truth] += 1
    return scores, truth


def summed(scores, truth, batches=3):
    sums = MarginSums.nothing(scores.shape[1])
    for part in range(batches):
        sums.add(scores[part::batches], truth[part::batches])
    return sums


@pytest.mark.parametrize("seed", range(4))
def test_both_forms_are_those_of_the_definitions(seed):
    scores, truth = case(seed)
    sums = summed(scores, truth)
    for i in range(5):
        mine = scores[truth == i].astype(float)
        means = mine.mean(axis=0)
        others = [j for j in range(6) if j != i]
        assert sums.form_a()[i] == pytest.approx(means[i] - max(means[j] for j in others))
        each = [x[i] - max(x[j] for j in others) for x in mine]
        assert sums.form_b()[i] == pytest.approx(np.mean(each), abs=1e-6)
    assert np.isnan(sums.form_a()[5]) and np.isnan(sums.form_b()[5])
    assert worst_first(sums.form_a())[0] == 5


@given(st.integers(0, 100))
def test_form_b_is_at_most_form_a(seed):
    sums = summed(*case(seed))
    assert (sums.form_b()[:5] <= sums.form_a()[:5] + 1e-6).all()


def test_with_pseudo_labels_no_margin_is_negative_and_the_unpredicted_are_named():
    scores, _ = case(0)
    scores[:, 3] -= 100
    sums = summed(scores, scores.argmax(axis=1).astype(np.int32))
    there = sums.weight > 0
    assert (sums.form_a()[there] >= 0).all() and (sums.form_b()[there] >= 0).all()
    assert np.flatnonzero(sums.never_predicted).tolist() == [3]


def test_soft_assignment_by_certain_shares_is_assignment():
    scores, truth = case(1)
    soft = MarginSums.nothing(6)
    soft.add_soft(scores, np.eye(6, dtype=np.float32)[truth])
    hard = summed(scores, truth)
    np.testing.assert_allclose(soft.form_a(), hard.form_a(), atol=1e-6)
    np.testing.assert_allclose(soft.form_b(), hard.form_b(), atol=1e-6)


def test_soft_assignment_weighs_each_image_by_its_share():
    scores, _ = case(2)
    shares = np.random.default_rng(3).dirichlet(np.ones(6), len(scores)).astype(np.float32)
    soft = MarginSums.nothing(6)
    for part in range(3):
        soft.add_soft(scores[part::3], shares[part::3])
    for i in range(6):
        total = sum(float(p[i]) for p in shares)
        pairs = list(zip(shares, scores, strict=True))
        mean = [sum(float(p[i] * x[j]) for p, x in pairs) / total for j in range(6)]
        rival = max(mean[j] for j in range(6) if j != i)
        assert soft.form_a()[i] == pytest.approx(mean[i] - rival, abs=1e-5)
        each = [p[i] * (x[i] - max(x[j] for j in range(6) if j != i)) for p, x in pairs]
        assert soft.form_b()[i] == pytest.approx(sum(map(float, each)) / total, abs=1e-5)


def test_prompts_weigh_by_their_margin():
    margin = np.array([[0.1, np.nan], [0.3, np.nan]])
    weights = prompt_weights(margin, 0.1)
    np.testing.assert_allclose(weights[:, 0], np.exp([1, 3]) / np.exp([1, 3]).sum())
    np.testing.assert_allclose(weights[:, 1], [0.5, 0.5])


def test_worst_k_chosen_where_it_is_measured_is_too_low_and_the_split_one_is_not():
    rng = np.random.default_rng(0)
    naive, split = [], []
    for _ in range(200):  # 50 classes, all of accuracy 0.6, 40 images each in two halves
        halves = rng.binomial(20, 0.6, (2, 50)) / 20
        naive.append(worst_k(halves.mean(axis=0), 10))
        split.append(worst_k_split(*halves, 10))
    assert np.mean(naive) < 0.52
    assert abs(np.mean(split) - 0.6) < 3 * np.std(split) / np.sqrt(len(split))


def test_means_of_class_accuracies_say_zero_where_one_is():
    accuracy = np.array([0.5, 1.0, np.nan])
    assert harmonic_mean(accuracy) == pytest.approx(2 / 3)
    assert geometric_mean(accuracy) == pytest.approx(np.sqrt(0.5))
    assert harmonic_mean(np.array([0.0, 1.0])) == geometric_mean(np.array([0.0, 1.0])) == 0
    assert worst_k(accuracy, 5) == 0.75
