"""Textures: the same pixels everywhere, without a seam."""

import hashlib

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from benchwright.builders.backgrounds.noise import ONE, fractal, integers
from benchwright.builders.backgrounds.stamps import SHAPES
from benchwright.builders.backgrounds.textures import DEPTH, WIDTH, digest, textures, tile

PIXELS = {
    "grass": "5574c1a9043c0922",
    "sand": "ecf544ece7a7bd2b",
    "snow": "3216185226a97a80",
    "water": "e6d495a395a1c31e",
    "rock": "bd2c9de2abe866e6",
    "earth": "ea174f1f8f9ce22f",
    "forest_floor": "384436deae01e03e",
    "road": "c044227c1d275d38",
    "wood": "fa00091cb65911a0",
    "sky": "8a799818c538ed31",
}


@pytest.mark.parametrize("name", textures())
def test_tiles_are_pinned(name):
    assert hashlib.sha256(tile(name).tobytes()).hexdigest()[:16] == PIXELS[name]


@pytest.mark.parametrize("name", textures())
def test_a_tile_goes_on_at_its_other_edge(name):
    """Across the seam neighbours differ no more than neighbours within do."""
    pixels = tile(name).astype(int)
    assert pixels.shape == ((WIDTH if textures()[name].stands else DEPTH), WIDTH, 3)
    axes = (1,) if textures()[name].stands else (0, 1)
    for axis in axes:
        steps = np.abs(np.roll(pixels, -1, axis=axis) - pixels).mean(axis=(1 - axis, 2))
        assert steps[-1] <= steps[:-1].max()


@pytest.mark.parametrize("name", textures())
def test_objects_stay_readable(name):
    """Light and dark of a ground stay within a part of the range, and none of it is clipped."""
    grey = tile(name).mean(axis=2)
    assert np.percentile(grey, 95) - np.percentile(grey, 5) < 120
    assert (grey < 4).mean() < 0.001
    if name != "snow":
        assert (grey > 251).mean() < 0.01


def test_the_catalogue_holds_what_the_guide_lists():
    assert list(textures()) == [
        "grass", "sand", "snow", "water", "rock", "earth", "forest_floor", "road", "wood", "sky",
    ]  # fmt: skip


def test_a_digest_is_that_of_all_parameters():
    assert len({digest(name) for name in textures()}) == len(textures())


@settings(max_examples=25)
@given(st.integers(0, 2**64 - 1), st.integers(1, 9), st.integers(1, 9), st.integers(1, 4))
def test_noise_fills_its_range_and_wraps(seed, across, down, octaves):
    field = fractal(seed, (across, down), octaves, (96, 64))
    assert (field.min(), field.max()) >= (0, 0)
    assert field.max() < ONE
    if across * down > 1:
        assert field.max() > ONE * 9 // 10
    steps = np.abs(np.diff(np.concatenate([field, field[:1]]), axis=0)).max(axis=1)
    assert steps[-1] <= 2 * max(1, steps[:-1].max())


@given(st.integers(0, 2**64 - 1), st.integers(-50, 50), st.integers(0, 40))
def test_integers_keep_their_bounds(seed, low, span):
    drawn = integers(seed, 500, low, low + span)
    assert low <= drawn.min() and drawn.max() <= low + span
    assert len(set(drawn.tolist())) > span // 2


@pytest.mark.parametrize("shape", SHAPES)
def test_a_stamp_is_of_its_size(shape):
    stamp = SHAPES[shape](40, 12, 0)
    tall, broad = np.ptp(stamp.rows) + 1, np.ptp(stamp.columns) + 1
    assert sorted((tall, broad)) == pytest.approx([12, 40], abs=2)
