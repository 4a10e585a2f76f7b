"""Composition: exact ground truth, whatever the order things are said in."""

import dataclasses
import hashlib
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from benchwright.builders.camera import Camera
from benchwright.builders.compose import Composer
from benchwright.builders.flat import FlatSprites
from benchwright.record import Placed, Scene

NAMES = FlatSprites().names()
COMPOSER = Composer(FlatSprites())


def _placed(name, x, y, scale, slot, colour="#2a4bd7"):
    return Placed(name, name, slot, x, y, 0, 0, "standing", scale, "same", colour, "rubber")


def _scene(*objects, size=128):
    return Scene(size, size, "#cdcdcd", "tilted", "softboxes", objects)


PLACES = st.floats(-7, 7).map(lambda value: round(value, 4))
OBJECTS = st.lists(
    st.tuples(st.sampled_from(NAMES), PLACES, PLACES, st.sampled_from([0.4, 1.0, 2.5])),
    min_size=1,
    max_size=5,
).map(lambda items: tuple(_placed(*item, slot) for slot, item in enumerate(items)))


@settings(deadline=None, max_examples=60)
@given(OBJECTS)
def test_areas_boxes_and_occlusion_are_those_of_the_masks(objects):
    scene = _scene(*objects)
    composition, full = COMPOSER.compose(scene), COMPOSER.full_masks(scene)
    for index, measured in enumerate(composition.objects):
        visible = composition.mask == index + 1
        assert measured.visible_area == visible.sum()
        assert measured.full_area == full[index].sum()
        assert not (visible & ~full[index]).any()
        rows, columns = np.nonzero(visible)
        box = (0, 0, 0, 0)
        if len(rows):
            left, top = columns.min(), rows.min()
            box = (left, top, columns.max() + 1 - left, rows.max() + 1 - top)
        assert measured.box == box
    assert np.array_equal(composition.mask > 0, full.any(axis=0))
    assert COMPOSER.full_areas(scene) == tuple(int(mask.sum()) for mask in full)


@settings(deadline=None, max_examples=30)
@given(OBJECTS, st.randoms(use_true_random=False))
def test_mention_order_changes_labels_and_no_pixel(objects, random):
    order = list(range(len(objects)))
    random.shuffle(order)
    one = COMPOSER.compose(_scene(*objects))
    other = COMPOSER.compose(_scene(*(objects[index] for index in order)))
    assert np.array_equal(one.image, other.image)
    relabelled = np.array([0, *(index + 1 for index in order)])[other.mask]
    assert np.array_equal(one.mask, relabelled)
    assert [one.objects[index] for index in order] == list(other.objects)


def test_moving_by_whole_pixels_moves_pixels_and_boxes():
    unit = 128 / 12
    here = COMPOSER.compose(_scene(_placed("mug", 0, 0, 1.0, 0)))
    there = COMPOSER.compose(_scene(_placed("mug", 5 / unit, 0, 1.0, 0)))
    assert np.array_equal(here.image[:, :-5], there.image[:, 5:])
    assert np.array_equal(here.mask[:, :-5], there.mask[:, 5:])
    x, *rest = here.objects[0].box
    assert there.objects[0].box == (x + 5, *rest)


def test_the_nearer_object_hides_the_farther_one():
    near, far = _placed("cube", 0, -1, 1.0, 0), _placed("sphere", 0, 0.2, 1.0, 1)
    cube, sphere = COMPOSER.compose(_scene(near, far)).objects
    assert cube.occluded == 0
    assert 0 < sphere.occluded < 1
    assert sphere.depth > cube.depth


def test_an_object_wholly_hidden_or_outside_has_no_box():
    hidden = _scene(_placed("cube", 0, 0, 2.5, 0), _placed("star", 0, 0.3, 0.4, 1))
    star = COMPOSER.compose(hidden).objects[1]
    assert (star.visible_area, star.box, star.occluded) == (0, (0, 0, 0, 0), 1.0)
    outside = COMPOSER.compose(_scene(_placed("star", 40, 0, 1.0, 0))).objects[0]
    assert (outside.full_area, outside.box, outside.occluded) == (0, (0, 0, 0, 0), 0.0)


def test_an_edge_pixel_mixes_light_with_the_ground():
    """A white object on a black ground: half covered is half the light, not half the code."""
    white = _placed("sphere", 0, 0, 2.0, 0, "#ffffff")
    scene = dataclasses.replace(_scene(white), background="#000000")
    composer = Composer(FlatSprites())
    image = composer.compose(scene).image
    layers = composer._cache.layers(white, Camera(128, 128))
    half = np.abs(layers.edge_clear[:, 0] - 128).argmin()
    row, column = layers.edge[:, half]

    anchor = Camera(128, 128).project(0, 0)
    pixel = image[row + layers.corner[1] + anchor[1], column + layers.corner[0] + anchor[0]]
    assert abs(int(pixel[0]) - 188) <= 12


def test_the_cache_stays_within_its_bound_and_changes_no_pixel():
    scenes = [_scene(_placed(name, 0, 0, s, 0)) for name in NAMES for s in (0.5, 1.0, 2.0)]
    small = Composer(FlatSprites(), cache_bytes=200_000)
    for scene in scenes:
        assert np.array_equal(small.compose(scene).image, COMPOSER.compose(scene).image)
        assert small._cache.held < 2_000_000


def test_pixels_are_pinned():
    objects = [_placed(n, x, y, 1.3, i) for i, (n, x, y) in enumerate(
        [("mug", -3, 1), ("star", 2, 2), ("leaf", 0, -2)])]  # fmt: skip
    composition = COMPOSER.compose(_scene(*objects))
    digest = hashlib.sha256(composition.image.tobytes() + composition.mask.tobytes())
    assert digest.hexdigest()[:16] == "c7578ad01ffe2874"


@pytest.mark.parametrize("name", NAMES)
def test_every_flat_shape_stands_near_its_anchor(name):
    measured = COMPOSER.compose(_scene(_placed(name, 0, 0, 2.0, 0))).objects[0]
    assert measured.full_area > 200
    x, y, width, height = measured.box
    assert x < 64 < x + width
    assert y < 0.56 * 128 < y + height + 3


def test_shadows_darken_alike_however_many_meet():
    """Past the count that the sums have room for, sums saturate instead of wrapping around."""
    stack = [_placed("sphere", 0, 0, 1.0, slot) for slot in range(60)]
    column, row = 64, 74  # on the ground, just before the contact point
    shown = [
        COMPOSER.compose(_scene(*stack[:count])).image[row, column].astype(int)
        for count in (0, 1, 2, 4, 6, 7, 20, 60)
    ]
    assert all((darker <= lighter).all() for lighter, darker in pairwise(shown))
    assert shown[1].max() < shown[0].min()
    assert shown[-1].max() < 10


def test_objects_partly_outside_show_what_a_larger_image_shows_there():
    placed = [_placed("mug", -5.9, 3.0, 2.0, 0), _placed("star", 5.8, -6.5, 1.5, 1)]
    cut = COMPOSER.compose(_scene(*placed))
    unit, shift = 128 / 12, 3
    moved = [dataclasses.replace(p, x=p.x + shift / unit) for p in placed]
    again = COMPOSER.compose(_scene(*moved))
    assert np.array_equal(cut.image[:, : 128 - shift], again.image[:, shift:])
    assert np.array_equal(cut.mask[:, : 128 - shift], again.mask[:, shift:])
    assert all(o.visible_area > 0 for o in cut.objects)
