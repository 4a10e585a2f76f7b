"""Colour: tinting gives back what was baked, and tables turn light and display into each other."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchwright.builders import colour
from benchwright.builders.sprites import ALBEDOS, RATIO_ONE


def test_display_codes_survive_linear_light():
    assert np.array_equal(colour.DISPLAY[colour.LINEAR], np.arange(256))


@pytest.mark.parametrize("layer", range(3))
def test_a_tint_at_a_baked_albedo_is_that_layer(layer):
    layers = np.random.default_rng(0).integers(0, colour.FULL, (5, 7, 3))
    weights = colour.tint_weights(np.full(3, ALBEDOS[layer]))
    assert np.array_equal(colour.tint(layers, weights), np.repeat(layers[..., [layer]], 3, axis=2))


@given(st.lists(st.floats(0, 1), min_size=3, max_size=3), st.integers(0, colour.FULL))
def test_what_does_not_depend_on_the_albedo_keeps_its_light(albedos, light):
    layers = np.full((1, 1, 3), light, dtype=np.int64)
    tinted = colour.tint(layers, colour.tint_weights(np.array(albedos)))
    assert (tinted == light).all()


@given(st.from_regex(r"#[0-9a-f]{6}", fullmatch=True))
def test_an_unshaded_ground_shows_its_own_colour(code):
    table = colour.ground_table(code).reshape(3, -1)
    assert tuple(table[:, colour.ZERO_CODE]) == colour.rgb(code)


def test_the_shadow_code_of_one_is_a_ratio_of_one():
    assert colour.RATIO[RATIO_ONE] == colour.RATIO_UNIT
    assert colour.log_codes(np.array([colour.RATIO_UNIT]))[0] == 0


@given(st.integers(2000, 30000), st.integers(2000, 30000))
def test_shadows_multiply_as_their_codes_add(a, b):
    product = np.array([a * b // colour.RATIO_UNIT])
    if not 600 < product[0] < 2 * colour.RATIO_UNIT:
        return
    codes = colour.log_codes(np.array([a, b]))
    assert abs(int(codes.sum()) - int(colour.log_codes(product)[0])) <= 2


@pytest.mark.parametrize(
    "exact",
    [
        colour._to_linear(np.arange(256) / 255) * colour.FULL,
        colour._to_display(np.arange(colour.FULL + 1) / colour.FULL) * 255,
        np.log2(np.arange(1, 2 * colour.RATIO_UNIT + 1) / colour.RATIO_UNIT) * colour.OCTAVE,
        np.exp2((np.arange(colour.CHANNEL_SPAN) - colour.ZERO_CODE) / colour.OCTAVE) * (1 << 24),
    ],
    ids=["linear", "display", "log", "gain"],
)
def test_no_table_entry_hangs_on_the_last_bits_of_a_power(exact):
    """Powers differ by a few last bits between machines: rounded entries must be far from halves.

    A power of two that is itself a half is exact everywhere.
    """
    margin = np.abs(exact - np.floor(exact) - 0.5)
    assert ((margin == 0) | (margin > 16 * np.spacing(np.abs(exact)))).all()
    assert (margin == 0).sum() <= 1


@given(st.lists(st.floats(0, 1), min_size=3, max_size=3), st.integers(0, 2**32))
def test_a_tint_is_the_quadratic_through_the_layers(albedos, seed):
    layers = np.random.default_rng(seed).integers(0, colour.FULL + 1, (4, 4, 3))
    tinted = colour.tint(layers, colour.tint_weights(np.array(albedos)))
    quadratic = np.polyfit(ALBEDOS, layers.reshape(-1, 3).T, 2)
    expected = [np.polyval(quadratic[:, pixel], albedos) for pixel in range(16)]
    assert np.abs(tinted.reshape(16, 3) - expected).max() < 10
