"""Families of captions: every object equally often at every mention position, nothing twice."""

import math
from collections import Counter
from itertools import islice

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchwright.builders.text.families import families
from benchwright.errors import RecipeError
from benchwright.recipe_file import load_any, validate

NAMES = ["dog", "cube", "cat", "mug", "car", "apple", "bus", "cup", "train", "book"]


def recipe(listed=6, limit=None, seed=0, **subset):
    return validate(
        {
            "recipe": 1,
            "kind": "text",
            "name": "tiny",
            "title": "Tiny",
            "seed": seed,
            "limit": limit,
            "objects": {"names": NAMES[:listed]},
            "subsets": [{"name": "family", "objects": 2, **subset}],
        }
    )


def rows(recipe, size=1000):
    (family,) = families(recipe)
    return [tuple(row) for chunk in family.chunks(size) for row in chunk.tolist()]


def spread(rows, objects):
    """Greatest less least number of captions of an object at a position."""
    counts = [Counter(row[place] for row in rows) for place in range(len(rows[0]))]
    found = [count[number] for count in counts for number in objects]
    return max(found) - min(found)


@st.composite
def drawn(draw):
    contrasts = draw(st.booleans())
    objects = draw(st.integers(2 if contrasts else 1, 4))
    listed = draw(st.integers(objects + contrasts, 8))
    number = draw(st.integers(1, min(300, math.perm(listed, objects + contrasts))))
    captions = {"number": number, "of_objects": listed}
    seed = draw(st.integers(0, 9))
    return {"objects": listed, "seed": seed}, {
        "objects": objects, "contrasts": contrasts, "captions": captions,
    }  # fmt: skip


def build(settings, subset, more=0):
    fields = recipe(settings["objects"] + more, seed=settings["seed"]).model_dump(mode="json")
    return validate({**fields, "subsets": [{"name": "family", **subset}]})


@given(drawn())
def test_a_sample_holds_each_caption_once_balanced_within_one(case):
    settings, subset = case
    made = rows(build(settings, subset))
    assert len(made) == len(set(made)) == subset["captions"]["number"]
    assert all(len(set(row)) == len(row) for row in made)
    assert spread(made, range(settings["objects"])) <= 1


@pytest.mark.parametrize("objects", range(2, 11))
def test_all_ordered_pairs_are_there_once_and_balanced_exactly(objects):
    made = rows(recipe(objects))
    assert len(made) == len(set(made)) == objects * (objects - 1)
    assert spread(made, range(objects)) == 0


@given(drawn(), st.integers(1, 2), st.integers(1, 40))
def test_appended_objects_append_chunks_and_change_none(case, more, size):
    settings, subset = case

    def chunks(recipe):
        return [chunk.tolist() for chunk in families(recipe)[0].chunks(size)]

    before, after = chunks(build(settings, subset)), chunks(build(settings, subset, more))
    assert after[: len(before)] == before
    assert len(after) > len(before)


@given(st.integers(1, 50))
def test_chunks_are_no_larger_than_asked_and_their_size_changes_no_caption(size):
    (family,) = families(recipe())
    chunks = list(family.chunks(size))
    assert max(map(len, chunks)) <= size
    assert np.concatenate(chunks).tolist() == [list(row) for row in rows(recipe())]


def test_a_size_category_draws_on_its_objects_alone():
    of = recipe(10, among="large")
    assert {of.objects.names[number] for row in rows(of) for number in row} == {
        "car", "bus", "train",
    }  # fmt: skip


def test_limit_takes_the_first():
    assert rows(recipe(limit=7)) == rows(recipe())[:7]
    assert families(recipe(limit=7))[0].captions == 7


@pytest.mark.parametrize("name", ["simco-text", "comco-text"])
def test_shipped_designs_are_balanced_exactly(name):
    """The full set of 2.5 million too: its number is a multiple of the objects'."""
    for family in families(load_any(name)):
        drawn = family.subset.captions
        assert family.captions == drawn.number
        assert drawn.number % drawn.of_objects == 0
        assert len(family.pool) == drawn.of_objects
        orbits = drawn.of_objects * 20
        made = [a.objects for a in islice(family.design, orbits)]
        if family.design.sample:
            assert spread(made, range(drawn.of_objects)) == 0
        else:
            assert spread([a.objects for a in family.design], range(drawn.of_objects)) == 0


@pytest.mark.parametrize(
    ("subset", "message"),
    [
        ({"objects": 8}, "takes 8 objects but objects.names lists 6 of them; list more"),
        ({"among": "small"}, "takes 2 objects but objects.names lists 1 of small ones"),
        ({"captions": {"number": 5, "of_objects": 7}}, "set it to 6"),
        ({"captions": {"number": 5, "of_objects": 1}}, "set it to 6"),
        ({"captions": {"number": 31, "of_objects": 6}}, "2 at a time, make 30; ask for fewer"),
    ],
)
def test_what_cannot_be_is_one_line(subset, message):
    with pytest.raises(RecipeError, match=r'^subsets\[0\] "family": ') as caught:
        families(recipe(**subset))
    assert message in str(caught.value)


def test_more_captions_than_is_sane_is_refused_before_one_is_made():
    fields = load_any("comco-text").model_dump(mode="json")
    fields["subsets"] = [{"name": "eight", "objects": 8}]
    with pytest.raises(RecipeError, match="at most 50,000,000 are written"):
        families(validate(fields))
