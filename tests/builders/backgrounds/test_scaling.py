"""Scaling: exact means of light."""

from fractions import Fraction

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from benchwright.builders.backgrounds.scaling import shrunk, softened
from benchwright.builders.colour import LINEAR

RNG = np.random.default_rng(0)


def exact(column, count):
    """Means of a column over ``count`` equal parts, as fractions."""
    length = len(column)
    return [
        sum(
            int(value) * max(Fraction(0), min(Fraction(at + 1), end) - max(Fraction(at), start))
            for at, value in enumerate(column)
        )
        / (end - start)
        for start, end in (
            (Fraction(part * length, count), Fraction((part + 1) * length, count))
            for part in range(count)
        )
    ]


@settings(max_examples=30)
@given(st.lists(st.integers(0, 255), min_size=1, max_size=40), st.data())
def test_a_pixel_is_the_mean_light_of_what_it_covers(column, data):
    count = data.draw(st.integers(1, len(column)))
    picture = np.array(column, dtype=np.uint8)[:, None, None].repeat(3, axis=2)
    shown = shrunk(picture, count, 1)[:, 0, 0].astype(int)
    light = exact(LINEAR[column], count)
    for code, mean in zip(shown, light, strict=True):
        below, above = int(LINEAR[max(0, code - 1)]), int(LINEAR[min(255, code + 1)])
        assert below <= mean <= above


def test_a_picture_of_that_size_stays_as_it_is():
    picture = RNG.integers(0, 256, (30, 20, 3), dtype=np.uint8)
    assert np.array_equal(shrunk(picture, 30, 20), picture)


def test_a_tile_stays_seamless():
    """Shifting by whole destination pixels before and after gives the same picture."""
    picture = RNG.integers(0, 256, (60, 300, 3), dtype=np.uint8)
    before = shrunk(np.roll(picture, (15, 30), axis=(0, 1)), 20, 100)
    assert np.array_equal(before, np.roll(shrunk(picture, 20, 100), (5, 10), axis=(0, 1)))


def test_softening_keeps_even_ground_and_spreads_a_point():
    even = np.full((20, 20, 3), 137, dtype=np.uint8)
    assert np.array_equal(softened(even, 4), even)
    point = np.zeros((41, 41, 3), dtype=np.uint8)
    point[20, 20] = 255
    spread = softened(point, 3)[:, :, 0]
    assert spread[20, 20] == spread.max() < 100
    assert np.array_equal(spread, spread.T) and np.array_equal(spread, spread[::-1])
    assert spread[20, 26] > 0 == spread[20, 27]
