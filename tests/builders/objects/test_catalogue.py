"""The everyday objects: each entry forms a light, whole model of unit size."""

import numpy as np
import pytest
import yaml

from benchwright.builders.assets.model import BROADEST, LONGEST
from benchwright.builders.camera import ELEVATION
from benchwright.builders.objects import catalogue
from benchwright.builders.objects.entry import Entry
from benchwright.builders.objects.model import model
from benchwright.builders.turning import rotation
from benchwright.errors import AssetError
from benchwright.recipe_file import load

COMCO = load("comco").objects.names
MOST_TRIANGLES = 65_000
"""Of an object: the heaviest bakes in ten seconds of a core."""

pytest.importorskip("trimesh")


def test_it_holds_every_object_of_comco_and_the_cat():
    assert len(COMCO) == 71
    assert set(catalogue.names()) == {*COMCO, "cat"}


@pytest.mark.parametrize("name", ["bottle", "bicycle", "zebra", "laptop"])
def test_an_object_is_of_unit_size_at_each_of_its_yaws(name):
    entry, made = catalogue.entry(name), catalogue.model(name)
    assert sum(len(surface.faces) for surface in made.surfaces) < MOST_TRIANGLES
    tightest = 0.0
    for yaw in entry.yaws:
        x, y, z = (made.vertices @ rotation((0, 0, yaw)).T).T
        angle = np.radians(ELEVATION)
        wide, high = np.ptp(x), np.ptp(y * np.sin(angle) + z * np.cos(angle))
        tightest = max(tightest, wide / LONGEST, high / LONGEST, np.sqrt(wide * high) / BROADEST)
    assert tightest == pytest.approx(1.0)
    assert made.vertices[:, 2].min() == pytest.approx(0.0, abs=1e-9)
    for surface in made.surfaces:
        assert np.linalg.norm(surface.normals, axis=1) == pytest.approx(1.0, abs=1e-6)
        assert all(0 <= channel <= 1 for channel in surface.paint)


@pytest.mark.slow
@pytest.mark.parametrize("name", catalogue.names())
def test_every_object_forms_and_is_light(name):
    made = catalogue.model(name)
    assert sum(len(surface.faces) for surface in made.surfaces) < MOST_TRIANGLES
    assert np.isfinite(made.vertices).all()
    yaws = catalogue.entry(name).yaws
    assert len(set(yaws)) == len(yaws)


def _entry(parts):
    return Entry.model_validate({"category": "small", "cm": 1, "parts": yaml.safe_load(parts)})


def test_forms_are_moved_repeated_and_mirrored():
    peg = "[{box: [0.2, 0.2, 0.2], round: 0, at: [1, 0, 0], repeat: {count: 2, step: [0, 1, 0]}, mirror: x}]"  # noqa: E501
    made = model("pegs", _entry(peg))
    corners = made.vertices
    assert len(corners) == 4 * 36  # four boxes of twelve triangles
    wide, deep, high = np.ptp(corners, axis=0)
    assert (wide / high, deep / high) == pytest.approx((2.2 / 0.2, 1.2 / 0.2))


@pytest.mark.parametrize(
    ("parts", "said"),
    [
        ("[{extrude: [[0, 0], [1, 1], [1, 0], [0, 1]]}]", r"parts\[0\]: the outline crosses"),
        ("[{box: [1, 1, 1], cut: [{box: [2, 2, 2]}]}]", r"parts\[0\]: this box is empty"),
    ],
)
def test_numbers_that_give_no_solid_are_named_by_their_part(parts, said):
    with pytest.raises(AssetError, match=f"odd: {said}"):
        model("odd", _entry(parts))


@pytest.mark.parametrize(
    "parts",
    [
        "[{box: [1, 1, 1], ellipsoid: [1, 1, 1]}]",
        "[{use: wheel}]",
        "[{box: [1, 1, 1], colour: red}]",
        "[{box: [1, 1, 1], cut: [{use: wheel}]}]",
        "[{tube: [[0, 0, 0], [0, 0, 1]], radius: [0.1, 0.2, 0.3]}]",
    ],
)
def test_an_entry_that_says_too_much_or_nothing_is_refused(parts):
    with pytest.raises(ValueError, match=r"Value error|pattern"):
        _entry(parts)


def test_an_unknown_object_is_one_line_with_a_hint():
    with pytest.raises(AssetError, match=r'no object "girafe".*did you mean "giraffe"'):
        catalogue.entry("girafe")
