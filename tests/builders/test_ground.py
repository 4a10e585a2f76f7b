"""Grounds: shadows multiply the light of whatever they fall on."""

import dataclasses
import hashlib
from itertools import pairwise

import numpy as np
import pytest
from PIL import Image

from benchwright.builders import colour
from benchwright.builders.backgrounds.textures import textures
from benchwright.builders.backgrounds.views import Photos, pixels
from benchwright.builders.compose import Composer
from benchwright.builders.flat import FlatSprites
from benchwright.builders.ground import Ground
from benchwright.errors import AssetError
from benchwright.record import Placed, Scene

COMPOSER = Composer(FlatSprites())
NONE = Photos([])


def scene(background, *places, size=128, camera="tilted"):
    objects = tuple(
        Placed("sphere", "sphere", at, x, y, 0, 0, "standing", 1.5, "same", "#2a4bd7", "rubber")
        for at, (x, y) in enumerate(places)
    )
    return Scene(size, size, background, camera, "flat", objects)


def shades(of):
    return [(stand.layers, *stand.anchor) for stand in COMPOSER._stands(of)]


@pytest.mark.parametrize("background", ["grass@3", "snow@60", "sky@1", "#7f6a55"])
def test_a_ground_without_objects_is_its_background(background):
    drawn = Ground().draw(scene(background), [])
    if background.startswith("#"):
        assert (drawn == colour.rgb(background)).all()
    else:
        assert np.array_equal(drawn, pixels(background, 128, "tilted", NONE))


@pytest.mark.parametrize("background", ["grass@3", "snow@60", "wood@1"])
def test_shadows_darken_light_by_their_ratio(background):
    """Against the product in floating point, to the rounding of a displayed level."""
    of = scene(background, (0, 0), (1, 0.5))
    drawn = Ground().draw(of, shades(of)).astype(int)
    ratio = np.zeros((128, 128, 3))
    for layers, column, row in shades(of):
        left, top = column + layers.shade_corner[0], row + layers.shade_corner[1]
        codes = layers.shade.view(np.int16)
        window = np.s_[top : top + codes.shape[0], left : left + codes.shape[1]]
        ratio[window] += codes
    plain = pixels(background, 128, "tilted", NONE)
    light = colour.LINEAR[plain] * np.exp2(ratio / colour.OCTAVE)
    exact = colour.DISPLAY[np.clip(np.rint(light), 0, colour.FULL).astype(int)].astype(int)
    assert np.abs(drawn - exact).max() <= 1
    assert (np.abs(drawn - exact) > 0).mean() < 0.01
    assert (drawn[ratio < -colour.OCTAVE // 2] < plain[ratio < -colour.OCTAVE // 2]).all()
    assert np.array_equal(drawn[ratio == 0], plain[ratio == 0])


def test_every_displayed_level_comes_back_from_its_logarithm():
    table = colour.ground_table("#ffffff").reshape(3, -1)
    at = colour.ZERO_CODE + colour.LOG_LIGHT.view(np.int16).astype(int)
    assert (table[:, at] == np.arange(256)).all()


def test_shadows_darken_a_picture_alike_however_many_meet():
    of = scene("snow@5", *[(0, 0)] * 60)
    row, column = 74, 64
    shown = [
        Ground().draw(of, shades(of)[:count])[row, column].astype(int)
        for count in (0, 1, 2, 4, 5, 20, 60)
    ]
    assert all((b <= a).all() for a, b in pairwise(shown))
    assert shown[1].max() < shown[0].min()
    assert shown[-1].max() < 10


def test_a_photograph_of_one_colour_is_a_ground_of_that_colour(tmp_path):
    folder = tmp_path / "photos"
    folder.mkdir()
    Image.new("RGB", (200, 150), "#7f6a55").save(folder / "plain.png")
    of = scene("photos/plain", (0, 0), (-2, 1))
    photo = Ground((str(folder),)).draw(of, shades(of)).astype(int)
    plain = Ground().draw(dataclasses.replace(of, background="#7f6a55"), shades(of)).astype(int)
    assert np.abs(photo - plain).max() <= 1
    assert photo.min() < colour.rgb("#7f6a55")[2] - 10


def test_a_drawn_ground_is_no_part_of_the_next():
    of = scene("grass@3", (0, 0))
    ground = Ground()
    first = ground.draw(of, shades(of))
    kept = first.copy()
    first[:] = 0
    assert np.array_equal(ground.draw(of, shades(of)), kept)


def test_a_window_shows_the_same_part_at_every_size():
    large, small = (pixels("road@11", size, "tilted", NONE).astype(int) for size in (512, 128))
    means = large.reshape(128, 4, 128, 4, 3).mean(axis=(1, 3))
    assert np.abs(means - small).mean() < 8


def test_from_above_a_ground_is_not_foreshortened():
    tilted, top = (pixels("wood@2", 256, camera, NONE) for camera in ("tilted", "top"))
    joints = [(np.diff(picture.mean(axis=(1, 2))) < -12).sum() for picture in (tilted, top)]
    assert joints[0] > joints[1] > 0


@pytest.mark.parametrize("background", ["gras", "photos/none", "nowhere@3"])
def test_an_unknown_background_is_refused(background):
    with pytest.raises(AssetError, match="there is no background"):
        Ground().draw(scene(background), [])


def test_pixels_are_pinned():
    of = [scene(f"{name}@7", (0, 0), (2, 2), size=96) for name in textures()]
    drawn = b"".join(Ground().draw(s, shades(s)).tobytes() for s in of)
    assert hashlib.sha256(drawn).hexdigest()[:16] == "dca9f24a0f40fd2f"
