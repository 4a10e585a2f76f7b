"""What the place of a file in an original's folder says it shows."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchwright.curation.importing import compositions, counteranimal
from benchwright.curation.importing.found import Shown, find, plain_name
from benchwright.rejection import Reason
from benchwright.rejects import Reject


def test_counteranimals_folders_name_class_group_and_background():
    shown = counteranimal.reading("CounterAnimal/296 ice bear/counter-ground/123.jpeg")
    assert shown == Shown("CounterAnimal/296 ice bear/counter-ground/123.jpeg", "ice bear", "296",
                          ("ice bear",), "counter", "ground")  # fmt: skip


@pytest.mark.parametrize(
    "path",
    ["a.jpg", "9 ostrich/a.jpg", "ostrich/common-ground/a.jpg", "9 ostrich/ground/a.jpg",
     "9 ostrich/rare-ground/a.jpg", "9 /common-ground/a.jpg", "9 ostrich/common-/a.jpg",
     "9 <script>/common-ground/a.jpg", "9 a|b/common-ground/a.jpg", "9 x\ny/common-ground/a.jpg",
     "9 ../common-ground`/a.jpg", "9999999 many/common-ground/a.jpg",
     "9 ostrich/common-\u202eground/a.jpg"],
)  # fmt: skip
def test_a_place_that_says_nothing_is_no_class(path):
    assert isinstance(counteranimal.reading(path), str)


@given(st.text(max_size=300), st.text(max_size=60))
def test_whatever_a_folder_is_called_a_class_has_a_plain_name(name, ground):
    shown = counteranimal.reading(f"9 {name}/common-{ground}/a.jpg")
    if isinstance(shown, Shown):
        assert plain_name(shown.label) and plain_name(shown.background)
        assert not set("<>|`\n/") & set(shown.label + shown.background)


@pytest.mark.parametrize(
    ("path", "objects"),
    [
        ("two/left_big/axe_dog.png", ("axe", "dog")),
        ("two/left_big/motor_ski.png", ("motorcycle", "skis")),
        ("umberella_cat.png", ("umbrella", "cat")),
        ("x/Dog_Axe_12.PNG", ("dog", "axe")),
        ("x/hat.png", ("hat",)),
    ],
)
def test_comcos_files_name_objects_in_order_with_misspellings_mended(path, objects):
    assert compositions.reading("comco", path).objects == objects


@pytest.mark.parametrize(
    "path", ["x/axolotl_dog.png", "x/.png", "x/axe__dog.png", "x/dog axe.png", "x/cube_sphere.png",
             "x/" + "_".join(["dog"] * 6) + ".png"],
)  # fmt: skip
def test_a_word_that_is_no_object_is_named(path):
    assert isinstance(compositions.reading("comco", path), str)


def test_a_near_miss_gets_a_hint():
    assert 'did you mean "sphere"' in compositions.reading("simco", "x/cube_spere.png")


@pytest.mark.parametrize(
    ("subset", "count", "roles"),
    [
        ("2_objects/left_big", 2, ("large", "small")),
        ("ComCO/three-objects/Middle Big", 3, ("small", "large", "small")),
        ("3/same_size", 3, ("same", "same", "same")),
        ("3/bottom_right_big", 3, ("small", "small", "large")),
        ("whatever", 3, ("", "", "")),
        ("singles", 1, ("same",)),
    ],
)
def test_sizes_are_those_that_the_folder_states_and_none_other(subset, count, roles):
    assert compositions.sizes("comco", subset, count) == roles


@pytest.mark.parametrize(
    ("subset", "place"),
    [("2_objects/left_big", ("2_objects", "left_big")), ("left big", ("comco", "left_big")),
     ("", ("comco", "test")), ("a/b-c/d.e", ("a_b_c", "d_e")), ("../..", ("comco", "test"))],
)  # fmt: skip
def test_a_subset_becomes_a_config_and_split_that_readers_take(subset, place):
    assert compositions.place("comco", subset) == place


def test_every_file_is_found_or_left_out_with_the_reason(tmp_path):
    for path in ("b/1.jpg", "a/2.jpg", "a/1.jpg", ".hidden/1.jpg", "a/.DS_Store"):
        (tmp_path / path).parent.mkdir(exist_ok=True)
        (tmp_path / path).write_bytes(b"")
    (tmp_path / "a" / "link.jpg").symlink_to("/etc/passwd")
    (tmp_path / "loop").symlink_to(tmp_path)
    found = list(find(tmp_path, lambda at: Shown(at, "x", "", ("x",)) if "2" in at else "no"))
    assert found == [
        Reject("loop", "", Reason.NO_IMAGE, "no plain file; links are not followed"),
        Reject("1.jpg", "a", Reason.MISPLACED, "no"),
        Shown("a/2.jpg", "x", "", ("x",)),
        Reject("link.jpg", "a", Reason.NO_IMAGE, "no plain file; links are not followed"),
        Reject("1.jpg", "b", Reason.MISPLACED, "no"),
    ]
