"""One vocabulary for captions and pictures: names, sizes, articles."""

import pytest

from benchwright.articles import with_article
from benchwright.builders.objects.catalogue import entry, names
from benchwright.builders.text.vocabulary import sizes, vocabulary
from benchwright.errors import RecipeError
from benchwright.recipe_file import load, load_any, validate


def _used_in(where):
    return [name for name, word in vocabulary().items() if where in word.uses]


def test_it_holds_the_paper_s_lists():
    assert len(_used_in("shapes")) == 18
    assert len(_used_in("images")) == 71
    assert len(_used_in("text")) == 90
    assert {word.size for word in vocabulary().values()} == {"small", "medium", "large", "none"}


@pytest.mark.parametrize(("recipe", "where"), [("simco-text", "shapes"), ("comco-text", "text")])
def test_the_shipped_recipes_name_exactly_those_of_their_list(recipe, where):
    assert sorted(load_any(recipe).objects.names) == sorted(_used_in(where))


def test_pictures_and_captions_of_simco_name_the_same_shapes():
    assert load_any("simco-text").objects.names == load("simco").objects.names


@pytest.mark.parametrize("name", names())
def test_an_object_modelled_for_pictures_has_the_same_name_and_size(name):
    assert vocabulary()[name].size == entry(name).category


def test_every_name_takes_its_article():
    other = {
        "an": ["airplane", "apple", "arrow", "axe", "elephant", "orange", "oven", "umbrella"],
        "a pair of": ["skis", "scissors", "eye glasses"],
        "some": ["broccoli"],
    }
    article = {name: article for article, of in other.items() for name in of}
    for name in vocabulary():
        assert with_article(name) == f"{article.get(name, 'a')} {name}"


RECIPE = {
    "recipe": 1,
    "kind": "text",
    "name": "tiny",
    "title": "Tiny",
    "subsets": [{"name": "two", "objects": 2}],
}


def test_a_name_of_your_own_needs_a_size():
    fields = {**RECIPE, "objects": {"names": ["cube", "unicorn"], "sizes": {"unicorn": "large"}}}
    assert sizes(validate(fields)) == {"cube": "none", "unicorn": "large"}
    with pytest.raises(RecipeError, match=r'objects.names\[1\]: "catt" .*did you mean "cat"'):
        sizes(validate({**RECIPE, "objects": {"names": ["cube", "catt"]}}))
