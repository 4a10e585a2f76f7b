"""Prompts: sentences with the right articles, and vectors that are made once."""

import numpy as np
import pytest
from embedded_words import WordsModel, classifier_identity, loader

from benchwright.curation.labelling.background_files import Background
from benchwright.curation.labelling.prompts import of_background, of_label, templates
from benchwright.curation.labelling.text_vectors import TextVectors
from benchwright.curation.models.prompts import mean_vectors
from benchwright.errors import DatasetError, ModelError, RecipeError

ICE = Background("ice", "snow", ("on the ice", "in the ice"))


def test_a_prompt_of_a_thing_on_a_background():
    prompts = of_background("polar_bear", ICE, templates("single", "backgrounds"))
    assert prompts == ("a photo of a polar bear on the ice.", "a photo of a polar bear in the ice.")
    assert of_background("umbrella", ICE, ("{a_label} {phrase}",))[0] == "an umbrella on the ice"


def test_prompts_of_a_label():
    assert of_label("ice_bear", templates("single", "labels")) == ("A photo of ice bear.",)
    assert of_label("skis", templates("article", "labels")) == ("a photo of a pair of skis.",)
    many = of_label("{x}", templates("openai", "labels"))
    assert len(set(many)) == 80
    assert all("{x}" in prompt for prompt in many)


@pytest.mark.parametrize(
    ("name", "use", "message"),
    [
        ("sinlge", "labels", 'did you mean "single"'),
        ("openai", "backgrounds", 'no prompt "openai"'),
        ("a photo of {lable}", "labels", "knows only|may hold"),
        ("a photo {phrase}", "backgrounds", "needs a label"),
        ("a photo of {label}", "backgrounds", "phrase"),
        ("a photo of {label!r}", "labels", "needs a label"),
        ("a photo of {label", "labels", "needs a label"),
        ("{}", "labels", "needs a label"),
    ],
)
def test_a_prompt_that_is_none(name, use, message):
    with pytest.raises(RecipeError, match=message):
        templates(name, use)


def test_a_text_is_encoded_once_for_ever(tmp_path):
    model = WordsModel()
    load = loader(model)
    first = TextVectors(tmp_path, model.identity, load).of([("a dog",), ("a cat", "a kitten")])
    again = TextVectors(tmp_path, model.identity, load)
    np.testing.assert_array_equal(again.of([("a cat", "a kitten"), ("a dog",)]), first[::-1])
    assert again.logit_scale == 30.0
    assert (len(load.loads), sorted(model.encoded)) == (1, ["a cat", "a dog", "a kitten"])
    again.of([("a dog",), ("a cow",)])
    assert model.encoded[3:] == ["a cow"]
    assert len(load.loads) == 2


def test_vectors_are_those_of_the_paper(tmp_path):
    model = WordsModel()
    sets = [("a dog", "a hound"), ("a cat",)]
    made = TextVectors(tmp_path, model.identity, loader(model)).of(sets)
    np.testing.assert_array_equal(made, mean_vectors(model, sets))
    np.testing.assert_allclose(np.linalg.norm(made, axis=1), 1, rtol=1e-6)


def test_the_scale_alone_can_be_asked_for(tmp_path):
    model = WordsModel(logit_scale=14.25)
    for _ in range(2):  # the second time from the file
        assert TextVectors(tmp_path, model.identity, loader(model)).logit_scale == 14.25
    assert TextVectors(tmp_path, model.identity, loader()).of([]).shape == (0, 64)


def test_two_models_share_no_vectors(tmp_path):
    one, two = WordsModel("words/a", 1), WordsModel("words/b", 2)
    vectors = [
        TextVectors(tmp_path, model.identity, loader(model)).of([("a dog",)])
        for model in (one, two)
    ]
    assert not np.allclose(vectors[0], vectors[1])


def test_weights_that_changed_since_are_an_error(tmp_path):
    embedded, now = WordsModel(seed=1), WordsModel(seed=2)
    with pytest.raises(ModelError, match="are not those that made the embeddings"):
        TextVectors(tmp_path, embedded.identity, loader(now)).of([("a dog",)])
    assert not list(tmp_path.rglob("*.parquet"))


def test_a_classifier_knows_no_text(tmp_path):
    with pytest.raises(ModelError, match="knows no text"):
        TextVectors(tmp_path, classifier_identity(), loader())


def test_a_model_that_encodes_to_nan_is_an_error(tmp_path):
    model = WordsModel()
    model.word = lambda word: np.full(64, np.nan)
    with pytest.raises(ModelError, match="NaN"):
        TextVectors(tmp_path, model.identity, loader(model)).of([("a dog",)])


def test_a_broken_file_says_what_to_do(tmp_path):
    model = WordsModel()
    TextVectors(tmp_path, model.identity, loader(model)).of([("a dog",)])
    (file,) = tmp_path.rglob("*.parquet")
    file.write_bytes(file.read_bytes()[:100])
    with pytest.raises(DatasetError, match="delete it"):
        TextVectors(tmp_path, model.identity, loader(model))
