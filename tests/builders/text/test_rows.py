"""A row follows from the names its caption mentions."""

import pytest

from benchwright import record_schema
from benchwright.builders.text.families import families
from benchwright.builders.text.rows import columns, contrasts
from benchwright.builders.text.vocabulary import vocabulary
from benchwright.recipe_file import load_any
from benchwright.text_schema import CAPTION, ORDINALS

SIZES = {name: word.size for name, word in vocabulary().items()}


def row(names, template="short", absent=""):
    made = columns([tuple(names)], [absent], SIZES, template)
    return {name: values[0] for name, values in made.items()}


@pytest.mark.parametrize(
    ("template", "text"),
    [
        ("bare", "umbrella and skis and broccoli and cup"),
        ("short", "an umbrella and a pair of skis and some broccoli and a cup"),
        (
            "long",
            "In this quiet and carefully arranged studio photograph, taken under soft and even "
            "light, we can see a clear and distinct umbrella and a crisp and tidy pair of skis and "
            "some neat and proper broccoli and a fine and simple cup on the smooth and spotless "
            "ground",
        ),
    ],
)
def test_a_caption_mentions_its_objects_in_order(template, text):
    assert row(["umbrella", "skis", "broccoli", "cup"], template)["text"] == text


def test_a_row_says_what_stands_where_and_how_large_it_really_is():
    made = row(["bus", "cup", "cube"])
    assert (made["objects"], made["names"]) == (3, ["bus", "cup", "cube"])
    assert made["sizes"] == ["large", "small", "none"]
    assert [made[ordinal] for ordinal in ORDINALS] == ["bus", "cup", "cube", "", "", "", "", ""]


@pytest.mark.parametrize("absent", ["", "dog"])
def test_a_row_has_the_declared_columns_and_nothing_else(absent):
    made = row(["bus", "cup"], absent=absent)
    assert list(made) == CAPTION.names
    for field in CAPTION:
        record_schema.check(made[field.name], field.type, field.name)


def test_the_key_tells_apart_all_that_differs():
    rows = [
        row(["bus", "cup"]), row(["cup", "bus"]), row(["bus", "cup"], "bare"),
        row(["bus", "cup"], absent="dog"), row(["bus", "cup"], absent="cat"), row(["bus"]),
    ]  # fmt: skip
    assert len({made["key"] for made in rows}) == len(rows)
    assert row(["bus", "cup"])["key"] == rows[0]["key"]


def test_order_and_replaced_object_vary_each_alone():
    made = contrasts(("bus", "cat", "cup"), "dog", "bare")
    assert {(c["order"], c["replaced"]): c["text"] for c in made} == {
        ("swapped", ""): "cup and cat and bus",
        ("kept", "first"): "dog and cat and cup",
        ("kept", "last"): "bus and cat and dog",
        ("swapped", "first"): "cup and cat and dog",
        ("swapped", "last"): "dog and cat and bus",
    }


@pytest.mark.parametrize("name", ["simco-text", "comco-text"])
def test_no_shipped_caption_is_cut_off_by_clip(name):
    """77 tokens, begin and end among them: the longest names of each family, in its templates."""
    from open_clip.tokenizer import SimpleTokenizer

    tokenizer = SimpleTokenizer()
    recipe = load_any(name)
    for family in families(recipe):
        pool = [recipe.objects.names[number] for number in family.pool]
        pool.sort(key=lambda noun: len(tokenizer.encode(row([noun])["text"])), reverse=True)
        longest = pool[: family.subset.objects]
        for template in family.templates:
            assert len(tokenizer.encode(row(longest, template)["text"])) + 2 <= 77
