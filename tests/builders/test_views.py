"""Cameras and poses: what a recipe says of them is what its scenes hold, and is drawn so."""

import numpy as np
import pytest
from conftest import benchwright

from benchwright.builders.camera import TOP, Camera, depth
from benchwright.builders.scenes import Split, scenes
from benchwright.dataset import Dataset
from benchwright.recipe_file import validate


class Bottles:
    """A sprite source that only knows names and yaws; the bottle has colours of its own."""

    def names(self):
        return ("bottle", "cube")

    def yaws(self, name):
        return (-30, 30)

    def asset(self, name):
        return name

    def light(self, names):
        return "softboxes"

    def is_tintable(self, name):
        return name == "cube"


def _placed(**objects):
    camera = objects.pop("camera", "tilted")
    recipe = validate({
        "recipe": 1, "name": "views", "title": "Views", "camera": camera,
        "objects": {"names": ["bottle", "cube"], **objects},
        "subsets": [{"name": "two", "layout": "simco_two"}],
    })  # fmt: skip
    made = [grouped.scene for grouped in scenes(recipe, Split("two", "left_big"), Bottles())]
    return made, [placed for scene in made for placed in scene.objects]


def test_objects_stand_for_the_tilted_camera_and_lie_for_the_one_above():
    assert {placed.pose for placed in _placed()[1]} == {"standing"}
    made, above = _placed(camera="top")
    assert {placed.pose for placed in above} == {"lying"}
    assert {scene.camera for scene in made} == {"top"}


def test_a_recipe_says_how_objects_rest_one_by_one():
    _, placed = _placed(pose="leaning", poses={"cube": "flat"})
    assert {(p.name, p.pose) for p in placed} == {("bottle", "leaning"), ("cube", "flat")}


def test_tilts_are_drawn_and_an_object_with_colours_keeps_them():
    _, placed = _placed(tilt=[-20, 20], yaw="any")
    assert {p.tilt for p in placed} == {-20, 20}
    assert {(p.name, p.colour, p.material) for p in placed} == {
        ("bottle", "own", "own"), ("cube", "#2a4bd7", "rubber"),
    }  # fmt: skip


def test_from_above_the_ground_is_not_foreshortened_and_nothing_is_nearer():
    camera = Camera(480, 480, TOP)
    assert camera.project(0, 0) == (240, 240)
    assert camera.project(1, 2) == (280, 160)
    assert camera.unproject(280, 160) == pytest.approx((1, 2))
    assert depth(3.0, TOP) == 0.0


@pytest.mark.slow
def test_a_set_from_above_with_leaning_objects_is_baked_built_and_sound(tmp_path, monkeypatch):
    pytest.importorskip("mitsuba")
    monkeypatch.setenv("BENCHWRIGHT_CACHE", str(tmp_path / "cache"))
    (tmp_path / "views.yaml").write_text(
        "{recipe: 1, name: views, title: Views, camera: top, image: {size: 128},"
        " objects: {names: [bottle, cube], yaw: [0], tilt: [15], poses: {cube: standing}},"
        " subsets: [{name: two, layout: simco_two, variants: [left_big]}]}"
    )
    ran = benchwright("build", tmp_path / "views.yaml", "--out", tmp_path / "set")
    assert ran.returncode == 0, ran.stderr
    ran = benchwright("verify", tmp_path / "set", "--json")
    assert (ran.returncode, '"recomposed": true' in ran.stdout) == (0, True), ran.stdout
    rows = Dataset.open(tmp_path / "set").rows("two/left_big-00000.tar")
    assert np.array([row.objects for row in rows]).shape == (2, 2)
