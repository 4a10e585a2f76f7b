"""Captions name each object once, in order, with the right articles."""

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchwright.builders.captions import caption, captions
from benchwright.builders.designs import Design
from benchwright.errors import RecipeError
from benchwright.recipe import Sample

WORDS = st.lists(st.from_regex(r"[b-d][a-z]{3,7}q", fullmatch=True), min_size=1, max_size=6,
                 unique=True)  # fmt: skip
TEMPLATES = ("short", "bare", "long")


def test_templates():
    names = ["cube", "arrow", "wine_glass"]
    assert caption(names, "short", (0, 1, 2)).text == "a cube and an arrow and a wine glass"
    assert caption(names, "bare", (2, 0, 1)).text == "wine glass and cube and arrow"
    assert caption(names[:1], "short", (0,)).text == "a cube"
    long = caption(names, "long", (1, 0, 2)).text
    assert long.endswith(
        "a clear and distinct arrow and a crisp and tidy cube and a neat and proper wine glass "
        "on the smooth and spotless ground"
    )


@given(WORDS, st.sampled_from(TEMPLATES), st.randoms())
def test_names_come_once_in_the_order_asked(names, template, random):
    order = list(range(len(names)))
    random.shuffle(order)
    made = caption(names, template, tuple(order))
    assert made.order == tuple(order)
    text, at = f" {made.text} ", -1
    for index in order:
        assert text.count(f" {names[index]} ") == 1
        assert text.index(f" {names[index]} ") > at
        at = text.index(f" {names[index]} ")


@given(WORDS)
def test_each_template_begins_one_object_later(names):
    made = captions(names, TEMPLATES)
    assert [c.template for c in made] == list(TEMPLATES)
    assert made[0].order == tuple(range(len(names)))
    assert [c.order[0] for c in made] == [t % len(names) for t in range(3)]


def test_every_template_of_a_balanced_design_is_balanced():
    design = Design(0, "family", 7, 3, Sample(scenes=50, of_objects=7))
    for template in range(3):
        count = Counter(
            (assignment.objects[assignment.order[index]], position)
            for assignment in design
            for position, index in enumerate(captions("abc", TEMPLATES)[template].order)
        )
        assert max(count.values()) - min(count.values()) <= 1


def test_unknown_template_gets_a_hint():
    with pytest.raises(RecipeError, match=r'"shrot" \(did you mean "short"'):
        caption(["cube"], "shrot", (0,))
