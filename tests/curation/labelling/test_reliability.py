"""A judge held against the truth: counts, calibration, and what abstaining buys."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchwright.curation.labelling.label_rows import LABELS, table_of
from benchwright.curation.labelling.reliability import (
    BINS,
    abstention,
    bins,
    expected_error,
    reliability,
)
from benchwright.errors import DatasetError
from benchwright.statistics.intervals import wilson

PROBABILITIES = st.lists(st.tuples(st.floats(0, 1), st.booleans()), min_size=1, max_size=60)


def rows(entries):
    """LABELS of (cls, named background, likeliest, vouched, class and background probability)."""
    count = len(entries)
    cls, named, first, vouched, sure, clear = zip(*entries, strict=True)
    return table_of(
        LABELS,
        key=[f"k{n}" for n in range(count)], shard=["a.tar"] * count, cls=list(cls),
        class_source=["caption"] * count, classes=[[c] for c in cls], judge_class=list(cls),
        judge_probability=list(sure), vouched=list(vouched), crowd=[0.0] * count,
        background=list(named), background_first=list(first),
        background_probability=list(clear), background_margin=[0.5] * count,
        background_parent=[""] * count, prediction=[""] * count, score=[0.0] * count,
        correct=[False] * count,
    )  # fmt: skip


FOUR = [
    ("dog", "sand", "sand", True, 0.95, 0.95),
    ("dog", "", "snow", True, 0.9, 0.4),
    ("dog", "snow", "snow", False, 0.2, 0.8),
    ("cat", "snow", "snow", True, 0.7, 0.7),
]
TRUTH = {
    "k0": ("dog", "sand"), "k1": ("dog", "sand"), "k2": ("dog", "sand"), "k3": ("dog", "snow"),
    "other": ("dog", "sand"),
}  # fmt: skip


def test_cells_count_what_is_vouched_kept_and_right():
    found = reliability(rows(FOUR), TRUTH)
    cells = {(cell.cls, cell.background): cell for cell in found.cells}
    assert set(cells) == {("dog", "sand"), ("dog", ""), ("", "sand"), ("", "")}
    for cell in cells.values():  # k3 claims the wrong class and counts in none
        assert (cell.vouched.k, cell.vouched.n) == (2, 3)
        assert (cell.kept.k, cell.kept.n) == (2, 3)
        assert (cell.right.k, cell.right.n) == (1, 2)
        assert (cell.right.low, cell.right.high) == pytest.approx(tuple(map(float, wilson(1, 2))))
    assert (found.wrong_claims.k, found.wrong_claims.n) == (1, 1)
    assert sum(one.right.n for one in found.class_bins) == 4
    assert [(one.right.k, one.right.n) for one in found.background_bins if one.right.n] == [
        (0, 1), (0, 1), (1, 1)]  # fmt: skip


@given(PROBABILITIES)
def test_bins_hold_each_sample_once(pairs):
    probability, right = np.array([p for p, _ in pairs]), np.array([r for _, r in pairs])
    table = bins(probability, right)
    assert len(table) == BINS
    assert sum(one.right.n for one in table) == len(pairs)
    assert sum(one.right.k for one in table) == right.sum()
    for one in table:
        if one.right.n:
            assert one.low - 1e-9 <= one.mean <= one.high + 1e-9
    assert 0 <= expected_error(table) <= 1


def test_a_judge_that_knows_its_doubts_has_no_calibration_error():
    probability = np.repeat([0.25, 0.75], 400)
    right = np.concatenate(
        [np.tile([True, False, False, False], 100), np.tile([True, True, True, False], 100)]
    )
    assert expected_error(bins(probability, right)) == 0
    assert expected_error(bins(np.ones(4), np.zeros(4, bool))) == 1


@given(PROBABILITIES)
def test_a_higher_threshold_keeps_no_more(pairs):
    points = abstention(np.array([p for p, _ in pairs]), np.array([r for _, r in pairs]))
    kept = [point.kept.k for point in points]
    assert kept[0] == len(pairs)
    assert kept == sorted(kept, reverse=True)
    assert all(point.wrong.n == point.kept.k for point in points)


def test_abstaining_removes_errors_that_are_unsure():
    points = abstention(np.array([0.3, 0.6, 0.9]), np.array([False, True, True]))
    at = {point.threshold: point for point in points}
    assert (at[0.0].wrong.k, at[0.3].wrong.k, at[0.35].wrong.k) == (1, 1, 0)


def test_a_truth_of_another_set_is_an_error():
    with pytest.raises(DatasetError, match="none of 4 keys"):
        reliability(rows(FOUR), {"x": ("dog", "sand")})
