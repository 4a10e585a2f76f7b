"""Free placement never overlaps, stays in the frame, and fails in one line."""

import itertools
import math
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchwright.builders.camera import Camera
from benchwright.builders.placement import check, frame, overlap, placed
from benchwright.errors import RecipeError
from benchwright.recipe import Free


@st.composite
def free(draw):
    return Free(
        count=draw(st.integers(1, 6)),
        large=draw(st.floats(0.5, 2)),
        small=draw(st.floats(0.2, 0.9)),
        extent=draw(st.floats(2.5, 5)),
        gap=draw(st.floats(0, 0.5)),
    )


@given(free(), st.integers(0, 50))
def test_footprints_keep_their_gap(free, key):
    try:
        slots = placed(free, "subsets[0]", "tilted", key)
    except RecipeError:
        return
    assert len(slots) == free.count
    for a, b in itertools.combinations(slots, 2):
        assert not overlap((a.x, a.y), (b.x, b.y), a.scale + b.scale + free.gap)


@given(free(), st.integers(0, 50))
def test_objects_stay_on_the_ground_given_and_in_the_frame(free, key):
    try:
        slots = placed(free, "subsets[0]", "tilted", key)
    except RecipeError:
        return
    for slot in slots:
        left, right, near, far = frame(slot.scale, "tilted")
        assert left <= slot.x <= right
        assert near <= slot.y <= far
        assert max(abs(slot.x), abs(slot.y)) <= free.extent


@given(st.floats(0.1, 3), st.sampled_from([64, 512, 1024]))
def test_frame_keeps_the_bounding_cylinder_in_the_image(scale, pixels):
    camera = Camera(pixels, pixels)
    left, right, near, far = frame(scale, "tilted")
    for x, y in itertools.product((left, right), (near, far)):
        column, row = camera.project(x, y)
        reach = scale * camera.pixels_per_unit
        slant = math.sqrt(0.5)
        assert column - reach >= -1
        assert column + reach <= pixels + 1
        assert row + reach * slant <= pixels + 1
        assert row - reach * (2 * slant + slant) >= -1


def test_first_is_large_and_the_seed_decides():
    one, again, other = (placed(Free(count=4), "", "tilted", seed, "key") for seed in (0, 0, 1))
    assert one == again
    assert one != other
    assert [slot.size for slot in one] == ["large", "small", "small", "small"]
    assert [slot.scale for slot in one] == [1.8, 0.7, 0.7, 0.7]
    assert placed(Free(count=1), "", "tilted", 0)[0].size == "same"


def test_size_says_nothing_about_place():
    scenes = [placed(Free(count=2), "", "tilted", 0, key) for key in range(800)]
    for at in (0, 1):
        mean = sum(abs(scene[at].x) for scene in scenes) / len(scenes)
        assert mean == pytest.approx(1.87, abs=0.2)


def test_area_bound_fails_at_once():
    full = Free(count=10, large=3.0, small=3.0, extent=2.0, tries=100_000)
    begun = time.perf_counter()
    with pytest.raises(RecipeError, match=r"subsets\[2\].layout: no room for 10 .* lower count"):
        check(full, "subsets[2]", "tilted")
    assert time.perf_counter() - begun < 0.1
    with pytest.raises(RecipeError):
        check(Free(count=2, large=3, small=3, extent=1), "subsets[0]", "tilted")


def test_tight_placement_gives_up_after_its_tries():
    with pytest.raises(RecipeError, match="no room for 10 objects") as raised:
        placed(Free(count=10, large=2, small=1.6, extent=4, tries=2), "subsets[0]", "tilted", 0)
    assert "\n" not in str(raised.value)


@given(free())
def test_check_passes_whatever_can_be_placed(free):
    try:
        placed(free, "subsets[0]", "tilted", 0)
    except RecipeError:
        return
    check(free, "subsets[0]", "tilted")
