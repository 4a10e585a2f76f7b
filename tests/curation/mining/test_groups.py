"""Groups: what is counted, and how many images a group of clusters weighs."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from simulated_rows import group_rows_of, scored, simulated, table_of

from benchwright.curation.mining.groups import SCHEMA, design_effect, merged, tabulate
from benchwright.statistics.intervals import wilson


def test_every_image_is_counted_once(tmp_path):
    rows = [
        *group_rows_of("owl", "tree", "discovery", 6, 4),
        *group_rows_of("owl", "sky", "discovery", 2, 3),
        *group_rows_of("owl", "tree", "confirmation", 7, 1),
        *group_rows_of("owl", "", "confirmation", 2, 1),
        *group_rows_of("eel", "", "discovery", 1, 0),
    ]
    with scored(tmp_path, table_of(rows)) as connection:
        table = tabulate(connection)
    counts = {(g.cls, g.background, g.half): (g.n, g.correct) for g in table}
    assert counts == {
        ("owl", "sky", "discovery"): (5, 2),
        ("owl", "tree", "confirmation"): (8, 7),
        ("owl", "tree", "discovery"): (10, 6),
    }
    assert table.abstained == {"eel": 1, "owl": 3}
    assert sum(g.n for g in table) + sum(table.abstained.values()) == len(rows)
    assert table.classes == ["eel", "owl"]


def test_a_group_has_its_accuracy_interval_frequency_and_means(tmp_path):
    rows = group_rows_of("owl", "tree", "discovery", 6, 4)
    for row, scale in zip(rows, [0.1] * 5 + [0.3] * 3 + [math.nan] * 2, strict=True):
        row["subject_scale"], row["brightness"] = scale, math.nan
    rows += group_rows_of("owl", "sky", "discovery", 20, 10)
    with scored(tmp_path, table_of(rows)) as connection:
        table = tabulate(connection)
    group = table.of("discovery")["owl"]["tree"]
    assert group.accuracy == 0.6
    assert group.frequency == 0.25
    assert group.effective == group.clusters == 10
    assert group.interval() == pytest.approx([float(bound) for bound in wilson(6, 10)])
    assert group.subject_scale == pytest.approx((5 * 0.1 + 3 * 0.3) / 8)
    assert math.isnan(group.brightness)
    stored = table.to_arrow()
    assert stored.schema == SCHEMA
    assert stored["low"].to_pylist()[1] == pytest.approx(group.interval()[0])


def test_both_halves_together_are_what_they_are_made_of(tmp_path):
    rows = [*group_rows_of("owl", "tree", "discovery", 6, 4),
            *group_rows_of("owl", "tree", "confirmation", 3, 7),
            *group_rows_of("owl", "sky", "confirmation", 1, 9)]  # fmt: skip
    with scored(tmp_path, table_of(rows)) as connection:
        found = merged(tabulate(connection))
    assert [(g.background, g.half, g.n, g.correct) for g in found] == [
        ("sky", "", 10, 1),
        ("tree", "", 20, 9),
    ]
    assert [g.frequency for g in found] == pytest.approx([1 / 3, 2 / 3])


def test_images_of_a_cluster_that_err_together_count_as_one(tmp_path):
    rows = [
        {"cls": "owl", "cluster": f"nest {i // 5}", "correct": i // 5 % 2 == 0} for i in range(200)
    ]
    with scored(tmp_path, table_of(rows)) as connection:
        group = tabulate(connection).groups[0]
    assert (group.n, group.clusters) == (200, 40)
    assert group.effective == pytest.approx(40, rel=0.03)


def test_independent_images_in_clusters_keep_their_weight(tmp_path):
    truth = {("owl", "tree"): 0.6}
    with scored(tmp_path, simulated(0, truth, {("owl", "tree"): 8000}, cluster_size=4)) as rows:
        assert all(group.effective > 0.9 * group.n for group in tabulate(rows))


CLUSTERS = st.lists(st.integers(1, 9).flatmap(lambda n: st.tuples(st.just(n), st.integers(0, n))),
                    min_size=1, max_size=30)  # fmt: skip


@given(CLUSTERS)
def test_a_design_effect_lies_between_one_and_the_number_of_images(clusters):
    n, k = np.array(clusters).T
    sums = [float(np.sum(product)) for product in (n * n, k * k, n * k)]
    effect = design_effect(int(n.sum()), int(k.sum()), len(n), *sums)
    assert effect >= 1
    if np.all(n == 1):
        assert effect == 1
    if k.sum() in (0, n.sum()):
        assert effect == pytest.approx(np.sum(n * n) / n.sum())


def test_intervals_over_clusters_hold_the_truth(tmp_path):
    truth = {(f"class {i}", "tree"): 0.7 for i in range(150)}
    table = simulated(3, truth, dict.fromkeys(truth, 240), cluster_size=6, correlation=0.4)
    with scored(tmp_path, table) as connection:
        groups = tabulate(connection).groups
    held = sum(g.interval()[0] <= 0.7 <= g.interval()[1] for g in groups)
    naive = sum(low <= 0.7 <= high for low, high in (wilson(g.correct, g.n) for g in groups))
    low, high = wilson(held, len(groups), 0.999)
    assert low <= 0.95 <= high
    assert naive < 0.85 * len(groups)  # what taking the images for independent comes to
