"""Windows: clipping keeps what is inside, and a union is covered once."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from benchwright.builders.windows import Window, clipped, disjoint

ENDS = st.tuples(st.integers(0, 12), st.integers(0, 12)).map(sorted)
WINDOWS = st.builds(lambda x, y: Window(x[0], y[0], x[1], y[1]), ENDS, ENDS)


@given(st.lists(WINDOWS, max_size=5))
def test_a_union_is_covered_exactly_once(windows):
    expected, covered = np.zeros((12, 12), int), np.zeros((12, 12), int)
    for window in windows:
        expected[window.slices()] = 1
    for window in disjoint(windows):
        covered[window.slices()] += 1
    assert np.array_equal(covered, expected)


@given(WINDOWS, WINDOWS)
def test_windows_overlap_where_they_share_a_pixel(one, other):
    drawn = np.zeros((12, 12), int)
    drawn[one.slices()] += 1
    drawn[other.slices()] += 1
    assert (drawn == 2).any() == one.overlaps(other) or 0 in (
        one.right - one.left, one.bottom - one.top,
        other.right - other.left, other.bottom - other.top,
    )  # fmt: skip


@given(st.integers(-15, 25), st.integers(-15, 25), st.integers(0, 9), st.integers(0, 9))
def test_what_is_clipped_is_what_lies_inside(column, row, width, height):
    layer = np.arange(1, height * width + 1).reshape(height, width)
    window = clipped((column, row), layer.shape, (10, 12))
    frame = np.zeros((60, 60), int)
    frame[20 + row : 20 + row + height, 20 + column : 20 + column + width] = layer
    drawn = np.zeros((10, 12), int)
    drawn[window.slices()] = layer[window.slices((column, row))]
    assert np.array_equal(drawn, frame[20:30, 20:32])
