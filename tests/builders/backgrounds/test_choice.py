"""Which background a scene gets: evenly, for good, and the same for its variants and twins."""

from collections import Counter
from itertools import islice

import numpy as np
import pytest
from PIL import Image

from benchwright.builders.backgrounds.choice import Backgrounds
from benchwright.builders.scenes import Split, scenes, splits
from benchwright.errors import RecipeError
from benchwright.recipe import Recipe

NAMES = ["cube", "sphere", "mug", "star", "cone", "arrow", "heart"]
GROUNDS = ["grass", "#cdcdcd", "snow"]


class Shapes:
    """A sprite source that only knows names."""

    def names(self):
        return NAMES

    def asset(self, name):
        return name

    def light(self, asset):
        return "softboxes"

    def yaws(self, asset):
        return (0,)

    def is_tintable(self, asset):
        return True


def recipe(names=tuple(NAMES[:5]), **fields):
    return Recipe.model_validate({
        "recipe": 1, "name": "tiny", "title": "Tiny", "objects": {"names": list(names)},
        "backgrounds": GROUNDS,
        "subsets": [
            {"name": "two", "layout": "simco_two"},
            {"name": "three", "layout": "three", "scenes": {"scenes": 17, "of_objects": 5}},
        ],
        "twins": {"factors": ["order", "size_swap", "slot_swap", "object", "ground"],
                  "share": 1, "of": ["two", "three"], "ground": "sand"},
        **fields,
    })  # fmt: skip


def made(built):
    return {split: [g.scene for g in scenes(built, split, Shapes())] for split in splits(built)}


def name_of(background):
    return background.partition("@")[0]


@pytest.mark.parametrize("names", [NAMES[:5], NAMES])
def test_every_background_is_equally_often_within_one_in_every_variant(names):
    for split, built in made(recipe(names)).items():
        if split.config != "twins":
            counts = Counter(name_of(scene.background) for scene in built)
            assert set(counts) == set(GROUNDS)
            assert max(counts.values()) - min(counts.values()) <= 1


def test_appended_objects_change_no_scenes_background():
    before, after = made(recipe()), made(recipe(NAMES))
    for split, built in before.items():
        keys = {scene.key for scene in after[split]}
        assert {scene.key for scene in built} <= keys


def test_a_background_goes_with_no_object():
    """Each object is seen on each background."""
    seen = Counter(
        (placed.name, name_of(scene.background))
        for scene in made(recipe(NAMES))[Split("two", "left_big")]
        for placed in scene.objects
    )
    assert len(seen) == len(NAMES) * len(GROUNDS)


def test_entries_come_in_blocks_of_changing_order():
    dealt = islice(Backgrounds(recipe()).entries("two"), 60)
    entries = [entry for ((rank, entry),) in dealt if rank == 0]
    blocks = {tuple(entries[at : at + 3]) for at in range(0, 60, 3)}
    assert all(sorted(block) == sorted(GROUNDS) for block in blocks)
    assert len(blocks) > 3


def test_an_appended_background_adds_its_share_of_scenes_and_changes_none():
    before = made(recipe(backgrounds=GROUNDS))
    after = made(recipe(backgrounds=[*GROUNDS, "sky"], of_backgrounds=len(GROUNDS)))
    for split, built in before.items():
        keys = [scene.key for scene in built]
        if split.config == "twins":
            assert set(keys) <= {scene.key for scene in after[split]}
            continue
        new = [scene for scene in after[split] if scene.key not in set(keys)]
        assert len(new) == len(after[split]) - len(keys)
        assert {name_of(scene.background) for scene in new} == {"sky"}
        old = Counter(name_of(scene.background) for scene in built)
        assert len(new) in set(old.values())
        arranged = {scene.objects for scene in built}
        assert all(scene.objects in arranged for scene in new)  # each has a twin in its ground


def test_a_scene_on_the_ground_of_its_twin_has_none():
    """Whatever the mention order: the twin would be on the same window, so the same picture."""
    built = made(recipe(backgrounds=["sand"]))
    assert built[Split("twins", "order")]
    assert not built[Split("twins", "ground")]


def test_variants_share_their_backgrounds():
    built = made(recipe())
    for one, other in (("left_big", "right_big"),):
        grounds = [[scene.background for scene in built[Split("two", v)]] for v in (one, other)]
        assert grounds[0] == grounds[1]


def test_twins_stand_where_their_originals_do_but_for_those_in_ground():
    built = made(recipe())
    originals = {s.key: s for split, of in built.items() if split.config != "twins" for s in of}
    for split, of in built.items():
        for scene in of if split.config == "twins" else ():
            original = originals[scene.twin_of]
            if scene.factor == "ground":
                assert name_of(scene.background) == "sand"
                assert scene.objects == original.objects
            else:
                assert scene.background == original.background


def test_a_texture_shows_many_of_its_windows():
    windows = {s.background for of in made(recipe(backgrounds=["grass"])).values() for s in of}
    assert len(windows) > 10


def test_without_backgrounds_all_stand_on_the_plain_ground():
    built = made(recipe(backgrounds=[]))
    assert {s.background for s in built[Split("two", "left_big")]} == {"#cdcdcd"}


def test_a_folder_stands_for_its_photographs_at_each_blur(tmp_path):
    folder = tmp_path / "photos"
    folder.mkdir()
    for name in ("beach", "meadow"):
        Image.fromarray(np.zeros((64, 64, 3), dtype=np.uint8)).save(folder / f"{name}.png")
    terms = "{beach.png: {licence: cc0-1.0}, meadow.png: {licence: cc0-1.0}}"
    (folder / "licences.yaml").write_text(terms)
    entries, blurs = [f"folder:{folder}"], {"blur": [0, 8]}
    built = recipe(backgrounds=entries, photographs=blurs, image={"size": 64})
    shown = {s.background for s in made(built)[Split("two", "left_big")]}
    assert shown == {"photos/beach", "photos/beach@8", "photos/meadow", "photos/meadow@8"}


@pytest.mark.parametrize(
    ("entry", "message"),
    [
        ("gras", r'backgrounds\[1\]: there is no texture "gras" \(did you mean "grass"'),
        ("zzzz", r'"zzzz"; known: grass, '),
        ("folder:/no/such", r"backgrounds\[1\]: /no/such: no photographs"),
    ],
)
def test_an_entry_that_names_nothing_is_an_error_of_its_place(entry, message):
    with pytest.raises(RecipeError, match=message):
        Backgrounds(recipe(backgrounds=["sand", entry]))
