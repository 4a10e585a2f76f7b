"""Accuracy over classes: plain and class-balanced, with intervals that hold the truth."""

import numpy as np
import pytest
from test_confirm import HELD, LUCK, table

from benchwright.curation.mining.accuracy import balanced, balanced_drop, plain
from benchwright.curation.mining.confirm import confirm, drops
from benchwright.curation.mining.groups import Group
from benchwright.curation.mining.pairs import Pair, find
from benchwright.statistics.intervals import newcombe, wilson


def group(cls: str, right: int, n: int) -> Group:
    return Group(cls, "sky", "confirmation", n, right, n, n, 1, 0.5, 0.5)


def test_plain_counts_images_and_balanced_counts_classes():
    groups = [group("owl", 90, 100), group("eel", 1, 10)]
    assert plain(groups).estimate == pytest.approx(91 / 110)
    assert balanced(groups).estimate == pytest.approx(0.5)
    assert (balanced(groups).n, balanced(groups).classes) == (110, 2)


def test_one_class_has_wilsons_interval_and_its_drop_newcombes():
    low, high = map(float, wilson(30, 40))
    for figure in (plain([group("owl", 30, 40)]), balanced([group("owl", 30, 40)])):
        assert (figure.low, figure.high) == pytest.approx((low, high))
    found = table(HELD)
    drop = balanced_drop(drops(found, [Pair("owl", "tree", "sky")], "confirmation"))
    assert drop.estimate == pytest.approx(0.35)
    assert (drop.low, drop.high) == pytest.approx(
        [float(bound) for bound in newcombe(85, 100, 50, 100)]
    )


def test_the_balanced_drop_is_balanced_common_less_balanced_counter():
    found = table(HELD, LUCK)
    measured = [v.confirmation for v in confirm(found, find(found)) if v.confirmation]
    whole = balanced_drop(measured).estimate
    common = balanced([drop.common for drop in measured]).estimate
    counter = balanced([drop.counter for drop in measured]).estimate
    assert whole == pytest.approx(common - counter)


def test_the_balanced_interval_holds_the_truth():
    generator = np.random.default_rng(0)
    held = 0
    for _ in range(1000):
        truth = generator.uniform(0.02, 0.98, 8)
        right = generator.binomial(40, truth)
        found = balanced([group(f"class {i}", int(k), 40) for i, k in enumerate(right)])
        held += found.low <= truth.mean() <= found.high
    low, high = wilson(held, 1000, 0.999)
    assert low <= 0.95 <= high


@pytest.mark.parametrize("figure", [balanced, plain])
def test_nothing_has_no_accuracy(figure):
    with pytest.raises(ValueError, match="no "):
        figure([])


def test_a_class_counts_once():
    with pytest.raises(ValueError, match="counts once"):
        balanced([group("owl", 1, 2), group("owl", 1, 2)])
