"""A scene's key is worked out once, and is always that of what the scene states."""

import pickle
from dataclasses import replace

from benchwright.record import Placed, Scene

CUBE = Placed("cube", "cube", 0, 0.0, 1.5, 30, 0, "standing", 1.0, "large", "#2a4bd7", "rubber")
SCENE = Scene(512, 512, "#cdcdcd", "tilted", "softboxes", (CUBE,))
KEY = "cb8b68c04a5a83d8"


def test_the_key_is_the_same_wherever_it_is_worked_out():
    assert SCENE.key == SCENE.key == KEY
    assert pickle.loads(pickle.dumps(SCENE)).key == KEY
    assert replace(SCENE).key == KEY


def test_a_changed_copy_has_a_key_of_its_own():
    twin = replace(SCENE, twin_of=SCENE.key, factor="ground", background="#445566")
    assert twin.key not in ("", SCENE.key)
    assert replace(twin, twin_of="", factor="", background="#cdcdcd").key == SCENE.key


def test_a_scene_whose_key_is_known_equals_one_whose_key_is_not():
    fresh = replace(SCENE)
    assert SCENE.key and fresh == SCENE and hash(fresh) == hash(SCENE)
    assert repr(fresh) == repr(SCENE)
