"""The plan of a corpus: exact counts, and rows that refer to the right others."""

from collections import Counter

import pytest
from corpora import SMALL, small
from hypothesis import given, settings
from hypothesis import strategies as st

from benchwright.builders.corpus import kinds
from benchwright.builders.corpus.planning import plan
from benchwright.corpus_recipe import Detours, Failures, Pictures
from benchwright.errors import RecipeError
from benchwright.recipe_file import load_any, validate


def test_each_class_stands_on_each_background_as_often_as_declared():
    recipe = load_any("corpus-demo", ["rows=20000"])
    scenes = [row for row in plan(recipe) if row.picture == kinds.SCENE]
    cells = Counter((row.classes[0], row.background) for row in scenes)
    for cls in recipe.classes:
        of_class = sum(n for (name, _), n in cells.items() if name == cls.name)
        assert abs(of_class - len(scenes) / len(recipe.classes)) < 1
        others = (1 - cls.share) / (len(recipe.backgrounds) - 1)
        for background in recipe.backgrounds:
            share = cls.share if background == cls.home else others
            assert abs(cells[cls.name, background] - of_class * share) < 1


@settings(max_examples=20)
@given(st.integers(250, 3000), st.integers(0, 2**63 - 1))
def test_every_kind_has_its_share_of_the_rows(rows, seed):
    recipe = small(rows=rows, seed=seed)
    planned = plan(recipe)
    assert [row.row for row in planned] == list(range(rows))
    pictures = Counter(row.picture for row in planned)
    deliveries = Counter(row.delivery for row in planned)
    for part, counts in (
        (recipe.pictures, pictures), (recipe.failures, deliveries), (recipe.detours, deliveries)
    ):  # fmt: skip
        for name in type(part).model_fields:
            assert abs(counts[name] - rows * getattr(part, name)) < 1


@settings(max_examples=20)
@given(st.integers(250, 3000), st.integers(0, 2**63 - 1))
def test_copies_are_of_rows_that_nothing_is_wrong_with(rows, seed):
    planned = plan(small(rows=rows, seed=seed))
    copies = [row for row in planned if row.of >= 0]
    assert len(copies) == sum(
        row.picture in ("duplicate", "near_duplicate") or row.delivery == "repeated_url"
        for row in planned
    )
    for copy in copies:
        original = planned[copy.of]
        assert original.is_model and original.of < 0
        assert (copy.classes, copy.background) == (original.classes, original.background)
        assert copy.captioned == original.captioned
        if copy.delivery == "repeated_url":
            assert copy.of < copy.row


def test_wordings_are_dealt_in_their_shares_and_wrong_ones_name_another_class():
    recipe = small(rows=2000)
    scenes = [row for row in plan(recipe) if row.picture == kinds.SCENE]
    wordings = Counter(row.wording for row in scenes)
    for wording in ("wrong", "synonym", "nameless", "foreign", "missing"):
        assert abs(wordings[wording] - len(scenes) * getattr(recipe.texts, wording)) < 1
    for row in scenes:
        assert (row.captioned == "") == (row.wording in kinds.CLASSLESS)
        assert (row.captioned in ("", row.classes[0])) == (row.wording != kinds.WRONG)


def test_the_plan_is_a_function_of_the_recipe_and_its_seed():
    assert plan(small()) == plan(small())
    assert plan(small()) != plan(small(seed=1))


BAD = [
    ({"hosts": ["example.org"]}, '"example.org" is not this machine'),
    ({"hosts": ["10.0.0.1"]}, '"10.0.0.1" is not this machine'),
    ({"classes": [{"name": "dog", "home": "gras", "share": 1.0}]}, 'classes[0].home: "gras"'),
    ({"failures": {"not_fond": 0.1}}, 'unknown key (did you mean "not_found"?)'),
    ({"failures": {"not_found": 0.9}}, "too few plain pictures are left"),
    ({"formats": {"png": 0.7, "webp": 0.7}}, "formats: the shares come to"),
    ({"columns": "laion5b"}, "columns: Input should be 'laion2b', 'laion400m' or 'relaion'"),
    ({"sizes": {"least": 300, "most": 200}}, "least is 300, more than most, 200"),
]


@pytest.mark.parametrize(("change", "message"), BAD, ids=[message[:20] for _, message in BAD])
def test_a_wrong_recipe_is_one_line_that_names_the_place(change, message):
    with pytest.raises(RecipeError) as error:
        validate({**SMALL, **change})
    assert message in str(error.value)
    assert "\n" not in str(error.value)


def test_too_few_rows_for_their_copies_are_refused():
    parts = {"pictures": Pictures, "failures": Failures, "detours": Detours}
    changes = {name: dict.fromkeys(part.model_fields, 0.0) for name, part in parts.items()}
    changes["failures"]["repeated_url"] = 0.2
    changes["pictures"]["duplicate"] = 0.1
    texts = {"wrong": 0.5, "synonym": 0.0, "nameless": 0.0, "foreign": 0.0, "missing": 0.0}
    with pytest.raises(RecipeError, match="too few for copies"):
        plan(small(rows=5, texts=texts, **changes))
