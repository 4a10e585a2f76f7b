"""What Blender draws: exact ground truth, where and in which colour the scene says."""

import math
import os
import signal
import subprocess
import sys
import time
from importlib import resources
from pathlib import Path

import numpy as np
import pytest
import yaml
from blender_scenes import placed, scene
from blenders import blender

from benchwright.builders.blender.meshes import Meshes
from benchwright.builders.blender.process import BlenderError, BlenderProcess
from benchwright.builders.blender.renderer import BlenderRenderer, request
from benchwright.builders.blender.view import camera
from benchwright.builders.layers import extent
from benchwright.builders.sources import sprite_source
from benchwright.recipe import Objects

__all__ = ["blender"]

NAMES = ["cube", "sphere", "mug", "torus"]
MESHES = Meshes(sprite_source(Objects(names=NAMES)), ["builtin"])
LAYOUTS = yaml.safe_load((resources.files("benchwright.data") / "layouts.yaml").read_text())


@pytest.fixture(scope="module")
def drawing(blender):
    return BlenderRenderer(blender, MESHES, samples=4)


def seen_at(point, name):
    """Where a pinhole camera sees a point: shares of the frame, from its lower left corner."""
    view = camera(name)
    place = np.array(view["place"])
    ahead = -place / np.linalg.norm(place)
    up = np.cross([1.0, 0.0, 0.0], ahead)
    away = np.array(point) - place
    across, along = away[0] / (away @ ahead), (away @ up) / (away @ ahead)
    zoom = view["lens"] / view["sensor"]
    return across * zoom + 0.5, along * zoom + 0.5 - view["shift"]


@pytest.mark.parametrize("name", ["perspective", "perspective-top"])
def test_every_slot_of_every_layout_is_wholly_in_the_frame(name):
    for variants in LAYOUTS.values():
        for x, y, scale in (slot for slots in variants.values() for slot in slots):
            for turn in range(0, 360, 15):
                side, rise = math.cos(math.radians(turn)), math.sin(math.radians(turn))
                for rim in ((x + scale * side, y, scale * (1 + rise)),
                            (x, y + scale * side, scale * (1 + rise))):  # fmt: skip
                    assert all(0 < share < 1 for share in seen_at(rim, name)), (x, y, scale)


def test_a_sphere_is_seen_where_it_stands(drawing):
    for x, y in [(0, 0), (-3, 3), (4, -4)]:
        drawn = drawing.compose(scene(placed("sphere", x, y, scale=0.5), size=256)).objects[0]
        left, top, width, height = drawn.box
        across, along = seen_at((x, y, 0.5), "perspective")
        assert (left + width / 2) / 256 == pytest.approx(across, abs=0.01)
        assert 1 - (top + height / 2) / 256 == pytest.approx(along, abs=0.01)


def test_boxes_and_areas_are_those_of_the_masks(drawing):
    asked = scene(placed("cube", -1, 0, 1.5), placed("mug", 0.5, 2), placed("sphere", 2.5, -1))
    drawn = drawing.compose(asked)
    assert set(np.unique(drawn.mask)) == {0, 1, 2, 3}
    for index, record in enumerate(drawn.objects):
        visible = drawn.mask == index + 1
        assert record.box == extent(visible)[0]
        assert record.visible_area == visible.sum() <= record.full_area
        assert record.occluded == round(1 - record.visible_area / record.full_area, 6)
    assert drawn.objects[1].occluded > 0 == drawn.objects[2].occluded


def test_what_is_wholly_hidden_is_known_all_the_same(drawing):
    asked = scene(placed("sphere", 0, -1.5, 2.5), placed("torus", 0, 2, 0.4))
    hidden = drawing.compose(asked).objects[1]
    alone = drawing.compose(scene(asked.objects[1])).objects[0]
    assert (hidden.visible_area, hidden.box, hidden.occluded) == (0, (0, 0, 0, 0), 1.0)
    assert hidden.full_area == alone.full_area == alone.visible_area > 0


def test_masks_fit_the_picture(drawing):
    drawn = drawing.compose(scene(placed("sphere", 0, 0, 2, colour="#c00000"), size=128))
    red = drawn.image[..., 0].astype(int) - drawn.image[..., 2] > 60
    assert (red & (drawn.mask == 1)).sum() / (red | (drawn.mask == 1)).sum() > 0.9


@pytest.mark.parametrize("background", ["#cdcdcd", "#7f6a55"])
def test_the_empty_ground_has_its_colour_where_the_camera_looks(drawing, background):
    image = drawing.compose(scene(background=background)).image
    middle = image[50:54, 46:50].mean(axis=(0, 1))
    assert middle == pytest.approx([int(background[i : i + 2], 16) for i in (1, 3, 5)], abs=5)


def test_a_mesh_of_several_surfaces_is_one_object_in_colours_of_its_own(blender, tmp_path):
    triangle = {"vertices": np.float32([[-2, 0, 0], [2, 0, 0], [0, 0, 3]]),
                "normals": np.float32([[0, -1, 0]] * 3), "faces": np.uint32([[0, 1, 2]]),
                "finish": np.asarray("matt")}  # fmt: skip
    green = np.zeros((4, 4, 4), np.uint8)
    green[..., 1] = green[..., 3] = 255
    painted = {"image": green, "uv": np.float32([[0, 0], [1, 0], [0.5, 1]])}
    plain = {"colour": np.float64([0.8, 0.0, 0.0]), "vertices": triangle["vertices"] + [0, -1, 0]}
    surfaces = [triangle | painted, triangle | plain]
    arrays = {f"{n}-{k}": v for n, surface in enumerate(surfaces) for k, v in surface.items()}
    np.savez(tmp_path / "two.npz", surfaces=2, **arrays)
    asked = request(scene(), MESHES, 4, tmp_path)
    asked["objects"] = [{"mesh": str(tmp_path / "two.npz"), "material": "own", "colour": None,
                         "yaw": 0, "scale": 1.0, "place": [0.0, 0.0]}]  # fmt: skip
    process = BlenderProcess(blender.command)
    answer = process.ask(asked, 300)
    process.close()
    from benchwright.images import decode, decode_mask

    image = decode((tmp_path / answer["image"]).read_bytes()).astype(int)
    seen = decode_mask((tmp_path / answer["mask"]).read_bytes()) == 1
    assert (image[..., 0] - image[..., 1] > 60)[seen].any()
    assert (image[..., 1] - image[..., 0] > 60)[seen].any()


def test_a_scene_has_the_same_bytes_again_and_from_another_process(drawing, blender):
    asked = scene(placed("mug", 0, 0, 2, yaw=40, material="metal"), placed("cube", 3, 2))
    first = drawing.compose(asked)
    drawing.compose(scene(placed("torus")))
    for again in (drawing.compose(asked), BlenderRenderer(blender, MESHES, 4).compose(asked)):
        assert np.array_equal(again.image, first.image)
        assert np.array_equal(again.mask, first.mask)


def test_what_cannot_be_drawn_is_said_and_the_next_scene_is(drawing, tmp_path, blender):
    process = BlenderProcess(blender.command)
    asked = request(scene(placed("cube")), MESHES, 1, tmp_path)
    missing = {**asked, "objects": [{**asked["objects"][0], "mesh": str(tmp_path / "none.npz")}]}
    with pytest.raises(BlenderError, match=r"none\.npz"):
        process.ask(missing, 300)
    assert process.ask(asked, 300)["full"] == ["full-0.png"]


def test_blender_ends_when_whoever_asked_is_killed(blender):
    code = (
        "import os, signal\nfrom benchwright.builders.blender.process import BlenderProcess\n"
        f"process = BlenderProcess({blender.command!r})\n"
        "print(process._process.pid, flush=True)\nos.kill(os.getpid(), signal.SIGKILL)"
    )
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert ran.returncode == -signal.SIGKILL
    deadline = time.monotonic() + 60
    while is_running(int(ran.stdout)) and time.monotonic() < deadline:
        time.sleep(0.1)
    assert not is_running(int(ran.stdout))


def is_running(pid):
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return "\nState:\tZ" not in Path(f"/proc/{pid}/status").read_text()
