"""A recipe grows by a text edit that keeps comments, order and everything else."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchwright.builders.extension import extended
from benchwright.errors import RecipeError
from benchwright.recipe_file import parse, shipped

FLOW = """
recipe: 1  # the format
name: pairs
title: Pairs
objects: {names: [cube, sphere], look: flat}  # two of them
subsets:
  - {name: two, layout: simco_two}
"""
BLOCK = """
recipe: 1
name: pairs
title: Pairs
objects:
  names:
    - cube
    - sphere  # round
  look: flat
# the family
subsets:
  - {name: two, layout: simco_two}
"""


@pytest.mark.parametrize("text", [FLOW, BLOCK])
def test_an_object_joins_the_list_and_every_comment_stays(text):
    grown = extended(text, ["mug"], [], "pairs")
    assert parse(grown)["objects"]["names"] == ["cube", "sphere", "mug"]
    assert [part for part in text.split() if part.startswith("#")] == [
        part for part in grown.split() if part.startswith("#")
    ]
    rest = {**parse(grown), "objects": None}
    assert rest == {**parse(text), "objects": None}


@pytest.mark.parametrize("text", [FLOW, BLOCK])
def test_a_source_joins_the_assets_after_the_built_in_ones(text):
    grown = extended(text, ["axolotl=./pond animals"], [], "pairs")
    assert parse(grown)["objects"]["assets"] == ["builtin", "./pond animals"]
    again = extended(grown, ["newt=./pond animals"], [], "pairs")
    assert parse(again)["objects"]["assets"] == ["builtin", "./pond animals"]
    assert parse(again)["objects"]["names"][-2:] == ["axolotl", "newt"]


@pytest.mark.parametrize("text", [FLOW, BLOCK])
def test_a_background_joins_after_those_that_share_the_scenes(text):
    grown = extended(text, [], ["grass"], "pairs")
    assert parse(grown)["backgrounds"] == ["#cdcdcd", "grass"]
    assert parse(grown)["of_backgrounds"] == 1
    again = parse(extended(grown, [], ["sand", "lava=./photos"], "pairs"))
    assert again["backgrounds"] == ["#cdcdcd", "grass", "sand", "folder:./photos"]
    assert again["of_backgrounds"] == 1


SCENES = sorted(name for name, text in shipped().items() if "kind" not in parse(text))


@given(st.sampled_from(SCENES), st.lists(st.sampled_from(["mug", "star", "leaf"])))
def test_the_same_extension_twice_changes_nothing(name, objects):
    text = shipped()[name]
    once = extended(text, objects, ["grass"], name)
    assert extended(once, objects, ["grass"], name) == once


@pytest.mark.parametrize("name", ["corpus-demo", "counteranimal-demo"])
def test_a_recipe_without_scenes_or_captions_is_sent_to_its_file(name):
    with pytest.raises(RecipeError, match=f"{name}: extend adds to scenes and captions; edit"):
        extended(shipped()[name], ["mug"], [], name)


def test_a_wrong_recipe_is_named_before_anything_is_written():
    with pytest.raises(RecipeError, match="pairs: colour: unknown key"):
        extended(FLOW + "colour: red\n", ["mug"], [], "pairs")
