"""Resampling: exact means, nothing lost, and the anchor stays where it is."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from benchwright.builders.resample import STEP_ONE, resample, step_between

LAYERS = arrays(np.int64, st.tuples(st.integers(1, 24), st.integers(1, 24), st.just(2)),
                elements=st.integers(0, 65535))  # fmt: skip


@given(LAYERS)
def test_scale_one_changes_nothing(layers):
    again, corner = resample(layers, (0, 0), STEP_ONE)
    assert corner == (0, 0)
    assert np.array_equal(again, layers)


@given(LAYERS, st.integers(0, 24), st.integers(0, 24), st.integers(STEP_ONE, 6 * STEP_ONE))
def test_shrinking_keeps_the_total(layers, column, row, step):
    small, _ = resample(layers, (column, row), step)
    whole, kept = layers.sum(axis=(0, 1)), small.sum(axis=(0, 1)) * (step / STEP_ONE) ** 2
    # Each destination pixel is rounded by at most half a unit of its own area.
    allowed = 0.51 * small.shape[0] * small.shape[1] * (step / STEP_ONE) ** 2
    assert np.abs(whole - kept).max() <= allowed + 1


@given(st.integers(0, 65535), st.floats(0.3, 5))
def test_the_inside_of_a_constant_stays_constant(value, scale):
    layers = np.full((40, 40, 1), value, dtype=np.int64)
    step = step_between(10, 10 * scale)
    again, (left, top) = resample(layers, (20, 20), step)
    middle = again[-top - 2 : -top + 2, -left - 2 : -left + 2]
    assert (middle == value).all()


@given(LAYERS, st.integers(2, 4))
def test_a_whole_factor_is_the_mean_of_blocks(layers, factor):
    layers = layers[: len(layers) // factor * factor, : layers.shape[1] // factor * factor]
    if not layers.size:
        return
    height, width = layers.shape[0] // factor, layers.shape[1] // factor
    blocks = layers.reshape(height, factor, width, factor, 2)
    small, corner = resample(layers, (0, 0), factor * STEP_ONE)
    assert corner == (0, 0)
    assert np.abs(small - blocks.mean(axis=(1, 3))).max() <= 0.51


@pytest.mark.parametrize("shift", [3, 9])
def test_a_moved_anchor_moves_the_corner_alone(shift):
    layers = np.random.default_rng(0).integers(0, 65535, (30, 30, 3))
    here, (left, top) = resample(layers, (6, 6), 3 * STEP_ONE)
    there, (left2, top2) = resample(layers, (6 + shift, 6), 3 * STEP_ONE)
    assert np.array_equal(here, there)
    assert (left - left2, top - top2) == (shift // 3, 0)
