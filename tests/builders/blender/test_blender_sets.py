"""Whole sets by Blender: built, sound, resumed, and remade when what draws them changes."""

import pytest
from blenders import blender, stand_in

from benchwright.builders.balance import Balance
from benchwright.builders.blender.finding import find
from benchwright.builders.build import build
from benchwright.builders.planning import plan_shards
from benchwright.builders.sources import source_of, source_of_record
from benchwright.dataset import Dataset
from benchwright.errors import RecipeError
from benchwright.recipe_file import load, parse, validate

__all__ = ["blender", "stand_in"]

SMALL = """
recipe: 1
name: small
title: A small set by Blender
image: {size: 64}
render: blender
blender: {samples: 1}
objects: {names: [cube, sphere, mug], yaw: any}
shard_size: 3
subsets: [{name: two, layout: simco_two, scenes: {scenes: 3, of_objects: 3}}]
twins: {factors: [ground], share: 1, of: [two]}
"""


def recipe(**changes):
    fields = parse(SMALL)
    for path, value in changes.items():
        place = fields
        *parents, last = path.split("__")
        for parent in parents:
            place = place[parent]
        place[last] = value
    return validate(fields)


def digests(asked):
    return [plan.digest for plan in plan_shards(asked, source_of(asked), Balance())]


def test_the_plan_knows_which_blender_draws_and_how(stand_in):
    def plan(version, **changes):
        place = str(stand_in(version=version))
        return digests(recipe(blender={"executable": place, "samples": 1}, **changes))

    find.cache_clear()
    old, again, new = plan("4.5.1"), plan("4.5.1"), plan("4.5.2")
    assert old == again
    assert not set(old) & set(new)
    samples = digests(recipe(blender={"executable": str(stand_in(version="4.5.1")), "samples": 2}))
    assert not set(old) & set(samples)


def test_scenes_say_which_camera_and_light_they_are_seen_in(stand_in):
    place = {"executable": str(stand_in())}
    for camera, expected in [("tilted", "perspective"), ("top", "perspective-top")]:
        asked = recipe(blender=place, camera=camera)
        for plan in plan_shards(asked, source_of(asked), Balance()):
            for scene, _ in plan.scenes():
                assert (scene.camera, scene.lighting) == (expected, "area-lamps")


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"objects__look": "flat"}, "look: flat"),
        ({"objects__equal_areas": True}, "equal_areas"),
        ({"backgrounds": ["grass"]}, '"grass" is no colour'),
        ({"twins__ground": "sand"}, '"sand" is no colour'),
    ],
)
def test_what_blender_does_not_draw_is_refused(changes, said):
    with pytest.raises(RecipeError, match=said):
        recipe(**changes)


def test_a_record_by_blender_is_not_taken_for_a_composed_one():
    with pytest.raises(RecipeError, match="rendered by Blender"):
        source_of_record("area-lamps", ["cube"])


def test_a_set_is_built_sound_resumed_and_the_same_again(blender, tmp_path):
    import benchwright as bw

    asked = recipe(blender={"executable": blender.command[0], "samples": 1})
    report = build(asked, tmp_path / "set", workers=1)
    assert report.rendered == sum(report.dataset.splits().values()) == 12
    assert not bw.verify(tmp_path / "set", workers=1).problems
    facts = Dataset.open(tmp_path / "set").folder / "build.json"
    assert blender.version in facts.read_text()
    tar = next((tmp_path / "set/two").glob("*.tar"))
    tar.unlink()
    repaired = build(asked, tmp_path / "set", workers=1)
    assert (repaired.rendered, repaired.kept) == (3, 9)
    assert repaired.dataset.digest == report.dataset.digest
    assert load(tmp_path / "set/recipe.yaml") == asked
