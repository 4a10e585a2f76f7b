"""Pairs: by accuracy or by frequency, ties by name, and a reason for every class without one."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from simulated_rows import group_rows_of, scored, table_of

from benchwright.curation.mining.groups import Group, GroupTable, tabulate
from benchwright.curation.mining.pairs import (
    Outcome,
    Pair,
    Pairless,
    Rule,
    choose,
    find,
    original_rule,
)


def table(counts: dict[tuple[str, str], tuple[int, int]], confirmation: int = 50) -> GroupTable:
    """Groups of the discovery half with (right, images), and as many to confirm each."""
    groups = []
    for (cls, background), (right, n) in counts.items():
        groups.append(Group(cls, background, "discovery", n, right, n, n, 0, 0, 0))
        if confirmation:
            groups.append(
                Group(cls, background, "confirmation", confirmation, 0, confirmation, confirmation,
                      0, 0, 0)
            )  # fmt: skip
    return GroupTable(tuple(groups), {})


OWL = {("owl", "tree"): (45, 50), ("owl", "sky"): (30, 60), ("owl", "snow"): (10, 40)}


def test_the_pair_by_accuracy_is_best_against_worst():
    assert find(table(OWL))["owl"] == Pair("owl", "tree", "snow")


def test_the_pair_by_frequency_is_most_frequent_against_rarest_whatever_was_right():
    assert find(table(OWL), Rule.FREQUENCY)["owl"] == Pair("owl", "sky", "snow")
    turned = {place: (n - right, n) for place, (right, n) in OWL.items()}
    assert find(table(turned), Rule.FREQUENCY)["owl"] == Pair("owl", "sky", "snow")


def test_equals_go_by_name():
    even = {("owl", name): (right, 50) for name, right in
            (("sky", 40), ("rock", 40), ("tree", 10), ("sand", 10))}  # fmt: skip
    assert find(table(even))["owl"] == Pair("owl", "rock", "sand")


def test_the_confirmation_half_is_never_looked_at_for_answers():
    blind = find(table(OWL))
    seeing = GroupTable(
        tuple(
            Group(g.cls, g.background, g.half, g.n, g.n - g.correct, g.n, g.n, 0, 0, 0)
            if g.half == "confirmation" else g
            for g in table(OWL)
        ),
        {},
    )  # fmt: skip
    assert find(seeing) == blind


@pytest.mark.parametrize(
    ("rows", "outcome", "detail"),
    [
        (group_rows_of("owl", "tree", "discovery", 2, 1), Outcome.ONE_BACKGROUND, "tree 3+0"),
        (group_rows_of("owl", "", "discovery", 90, 9), Outcome.NO_BACKGROUND, ""),
        (
            [row for name in ("sky", "tree", "sea") for row in
             group_rows_of("owl", name, "discovery", 1, 0)],
            Outcome.TOO_FEW, "sea 1+0, sky 1+0, tree 1+0; 20 are needed in each half",
        ),
        (
            [row for name in ("sky", "tree") for half in ("discovery", "confirmation") for row in
             group_rows_of("owl", name, half, 15, 15)],
            Outcome.NO_DIFFERENCE, "sky 30+30, tree 30+30; none by accuracy",
        ),
    ],
)  # fmt: skip
def test_a_class_without_a_pair_has_a_reason(tmp_path, rows, outcome, detail):
    with scored(tmp_path, table_of(rows)) as connection:
        found = find(tabulate(connection))
    assert found == {"owl": Pairless("owl", outcome, detail)}


def test_a_background_needs_images_in_both_halves():
    assert isinstance(find(table(OWL, confirmation=19))["owl"], Pairless)
    assert isinstance(find(table(OWL, confirmation=20))["owl"], Pair)
    assert find(table(OWL), minimum=45)["owl"] == Pair("owl", "tree", "sky")
    assert isinstance(find(table(OWL, confirmation=0), minimum=0)["owl"], Pairless)


def test_the_originals_rule_takes_any_difference_above_five_points():
    assert original_rule(table(OWL, confirmation=0)) == {"owl": Pair("owl", "tree", "snow")}
    close = {("owl", "tree"): (53, 100), ("owl", "sky"): (48, 100)}
    assert original_rule(table(close, confirmation=0)) == {}
    wider = {("owl", "tree"): (54, 100), ("owl", "sky"): (48, 100)}
    assert set(original_rule(table(wider, confirmation=0))) == {"owl"}
    few = {("owl", "tree"): (1, 1), ("owl", "sky"): (0, 1)}
    assert set(original_rule(table(few, confirmation=0))) == {"owl"}


COUNTS = st.lists(st.tuples(st.integers(0, 30), st.integers(0, 30), st.booleans()), min_size=2)


@given(COUNTS, st.sampled_from(Rule))
def test_what_is_chosen_is_eligible_and_extreme(counts, rule):
    n = np.array([right + wrong for right, wrong, _ in counts])
    right = np.array([right for right, _, _ in counts])
    eligible = np.array([ok for *_, ok in counts]) & (n > 0)
    chosen = choose(rule, n, right, eligible)
    values = right / np.maximum(n, 1) if rule is Rule.ACCURACY else n
    if chosen.found:
        assert eligible[chosen.common]
        assert eligible[chosen.counter]
        assert values[chosen.common] == values[eligible].max()
        assert values[chosen.counter] == values[eligible].min()
        assert values[chosen.common] > values[chosen.counter]
    else:
        assert eligible.sum() < 2 or np.ptp(values[eligible]) == 0


@settings(max_examples=50)
@given(st.lists(COUNTS.map(lambda counts: counts[:2]), min_size=1), st.sampled_from(Rule))
def test_choosing_for_many_is_choosing_for_each(many, rule):
    n = np.array([[a + b for a, b, _ in counts] for counts in many])
    right = np.array([[a for a, _, _ in counts] for counts in many])
    eligible = np.array([[ok for *_, ok in counts] for counts in many])
    together = choose(rule, n, right, eligible)
    for i in range(len(many)):
        alone = choose(rule, n[i], right[i], eligible[i])
        assert alone.found == together.found[i]
        if alone.found:
            assert (alone.common, alone.counter) == (together.common[i], together.counter[i])
