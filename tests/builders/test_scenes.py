"""A recipe's scenes: counts, growth, matched variants, errors."""

from collections import Counter

import pytest

from benchwright.builders.scenes import Split, check, scenes, splits
from benchwright.errors import RecipeError
from benchwright.recipe import Recipe

NAMES = ["cube", "sphere", "mug", "star", "cone", "arrow", "heart"]
COLOURS = ["#2a4bd7", "#ad2323", "#1d6914"]


class Shapes:
    """A sprite source that only knows names and yaws."""

    def names(self):
        return (*NAMES, "leaf", "moon")

    def yaws(self, name):
        return (0, 90, 180, 270)

    def asset(self, name):
        return name

    def light(self, asset):
        return "softboxes"

    def is_tintable(self, name):
        return True


def recipe(names=tuple(NAMES[:5]), **fields):
    settings = {
        "recipe": 1, "name": "tiny", "title": "Tiny", "image": {"size": 64},
        "objects": {"names": list(names), "yaw": "any", "colours": COLOURS},
        "subsets": [
            {"name": "two", "layout": "simco_two"},
            {"name": "three", "layout": "three", "variants": ["same_size", "middle_big"],
             "scenes": {"scenes": 17, "of_objects": 5}},
            {"name": "loose", "layout": {"count": 3}, "scenes": {"scenes": 8, "of_objects": 5}},
        ],
        "twins": {"factors": ["order", "size_swap", "slot_swap", "object", "ground"],
                  "share": 0.5, "of": ["two", "three", "loose"]},
        **fields,
    }  # fmt: skip
    return Recipe.model_validate(settings)


def without(grouped, name):
    return [g for g in grouped if name not in {placed.name for placed in g.scene.objects}]


def made(built):
    return {split: list(scenes(built, split, Shapes())) for split in splits(built)}


def test_splits_and_counts():
    built = recipe()
    assert list(splits(built)) == [
        Split("two", "left_big"), Split("two", "right_big"), Split("three", "same_size"),
        Split("three", "middle_big"), Split("loose", "free"), Split("twins", "order"),
        Split("twins", "size_swap"), Split("twins", "slot_swap"), Split("twins", "object"),
        Split("twins", "ground"),
    ]  # fmt: skip
    everything = made(built)
    assert [len(everything[split]) for split in list(splits(built))[:5]] == [20, 20, 17, 17, 8]
    assert all(everything[Split("twins", f)] for f in built.twins.factors)


def test_keys_are_unique_and_runs_agree():
    once, again = made(recipe(seed=0)), made(recipe(seed=0))
    assert once == again
    keys = [grouped.scene.key for split in once.values() for grouped in split]
    # A slot of the same scale everywhere may look alike in two variants, never within one.
    for split in once.values():
        assert len({grouped.scene.key for grouped in split}) == len(split)
    assert len(set(keys)) == len(keys)
    assert made(recipe(seed=1)) != once


def test_appended_objects_change_no_scene_and_come_in_later_groups():
    before, after = made(recipe()), made(recipe(names=NAMES))
    for split, scenes_before in before.items():
        assert [grouped for grouped in after[split] if grouped.group < 5] == scenes_before
        assert len(after[split]) > len(scenes_before)


def test_twins_of_grown_set_name_scenes_of_it():
    everything = made(recipe(names=NAMES))
    keys = {g.scene.key for split, of in everything.items() if split.config != "twins" for g in of}
    twins = [g.scene for split, of in everything.items() if split.config == "twins" for g in of]
    assert {twin.twin_of for twin in twins} <= keys


def test_replacing_an_object_leaves_scenes_without_it_alone():
    names = ["cube", "sphere", "leaf", "star", "cone"]
    before, after = made(recipe()), made(recipe(names=names))
    for split, old in before.items():
        if split.split == "object":  # the object that left a twin's original can't be seen in it
            continue
        assert without(after[split], "leaf") == without(old, "mug")


def test_another_subset_changes_no_scene():
    alone = recipe(subsets=[{"name": "two", "layout": "simco_two"}], twins=None)
    assert made(alone)[Split("two", "left_big")] == made(recipe())[Split("two", "left_big")]


def test_variants_match_in_all_but_the_layout():
    everything = made(recipe())

    def look(split):
        return [
            [(o.name, o.slot, o.yaw, o.colour) for o in grouped.scene.objects]
            for grouped in everything[split]
        ]

    assert look(Split("two", "left_big")) == look(Split("two", "right_big"))
    assert look(Split("three", "same_size")) == look(Split("three", "middle_big"))


def test_group_is_the_latest_listed_object_of_a_scene_or_its_original():
    everything = made(recipe())
    groups = {g.scene.key: g.group for of in everything.values() for g in of}
    for of in everything.values():
        for grouped in of:
            latest = max(NAMES.index(placed.name) for placed in grouped.scene.objects)
            expected = max(latest, groups.get(grouped.scene.twin_of, 0))
            assert grouped.group >= expected
            if grouped.group > expected:  # of a sample, the objects it was meant for share a group
                assert grouped.group == 5 - 1  # of_objects


def test_nuisance_factors_take_all_their_values_and_front_is_front():
    drawn = Counter()
    for grouped in scenes(recipe(), Split("two", "left_big"), Shapes()):
        for placed in grouped.scene.objects:
            drawn.update([("yaw", placed.yaw), ("colour", placed.colour)])
    assert set(drawn) == {("yaw", y) for y in (0, 90, 180, 270)} | {("colour", c) for c in COLOURS}
    front = recipe(objects={"names": NAMES})
    assert {
        (placed.yaw, placed.colour, placed.material)
        for grouped in scenes(front, Split("two", "left_big"), Shapes())
        for placed in grouped.scene.objects
    } == {(0, "#2a4bd7", "rubber")}


def test_scene_fields():
    grouped = next(scenes(recipe(), Split("two", "right_big"), Shapes()))
    scene = grouped.scene
    assert (scene.width, scene.height, scene.background) == (64, 64, "#cdcdcd")
    assert (scene.camera, scene.lighting, scene.twin_of) == ("tilted", "softboxes", "")
    large = next(placed for placed in scene.objects if placed.size == "large")
    assert (large.slot, large.x, large.y, large.scale) == (1, 2.0, 2.0, 1.8)


def test_free_scenes_have_no_slots():
    for grouped in scenes(recipe(), Split("loose", "free"), Shapes()):
        assert {placed.slot for placed in grouped.scene.objects} == {-1}
        assert sorted(placed.size for placed in grouped.scene.objects) == ["large", *["small"] * 2]


def test_originals_mention_by_slot():
    built = recipe(balance="none")
    for grouped in scenes(built, Split("three", "same_size"), Shapes()):
        assert [placed.slot for placed in grouped.scene.objects] == [0, 1, 2]


@pytest.mark.parametrize(
    ("built", "message"),
    [
        (recipe(names=["cube", "spheer"]), r'objects.names\[1\]: .*"spheer" .*mean "sphere"'),
        (recipe(names=["cube", "zzzz"]), r'objects.names\[1\]: .*"zzzz"; known: cube, '),
        (recipe(names=["cube", "mug"]), r'subsets\[1\] "three": 3 slots but objects.names lists 2'),
        (
            recipe(subsets=[{"name": "a", "layout": {"count": 3, "large": 3, "small": 3,
                                                     "extent": 1}}], twins=None),
            r"subsets\[0\].layout: no room for 3 objects",
        ),
        (
            recipe(subsets=[{"name": "a", "layout": {"count": 3}, "variants": ["middle_big"]}],
                   twins=None),
            r"subsets\[0\].variants: free placement has no variants",
        ),
    ],
)  # fmt: skip
def test_errors_name_the_place_before_any_scene(built, message):
    with pytest.raises(RecipeError, match=message) as raised:
        scenes(built, next(splits(built)), Shapes())
    assert "\n" not in str(raised.value)
    with pytest.raises(RecipeError):
        check(built, Shapes().names())


def test_unknown_layout_is_an_error_of_the_splits():
    built = recipe(subsets=[{"name": "a", "layout": "simco_tow"}], twins=None)
    with pytest.raises(RecipeError, match=r'"simco_tow" \(did you mean "simco_two"'):
        list(splits(built))


def test_more_scenes_than_can_be_built_are_refused():
    names = [f"o{number}" for number in range(71)]
    built = recipe(names=names, subsets=[{"name": "a", "layout": "four"}], twins=None)
    with pytest.raises(RecipeError, match=r"subsets\[0\].scenes: 23,319,240 scenes .*_objects: 71"):
        check(built, names)
