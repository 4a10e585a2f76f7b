"""Texts of audits are encoded once for a model and kept; what cannot be used says why."""

import numpy as np
import pytest
from class_subjects import WIDTH, Oracle, directions, unit

from benchwright.cards.audits import text_vectors
from benchwright.cards.audits.text_vectors import encoded, ensemble, label_vectors, prompt_vectors
from benchwright.curation.labelling.prompts import templates
from benchwright.curation.models.prompts import label_vectors as mean_of_prompts
from benchwright.errors import DatasetError, ModelError, RecipeError

NAMES = ("cow", "bus", "vase")


@pytest.fixture(autouse=True)
def cache(tmp_path, monkeypatch):
    monkeypatch.setenv("BENCHWRIGHT_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache"


class Asked(Oracle):
    """Remembers what it had to encode, and how much of it at a time."""

    def encode_texts(self, texts):
        self.calls = [*getattr(self, "calls", []), list(texts)]
        return super().encode_texts(texts)


def test_texts_are_encoded_once_for_a_model():
    model = Asked(directions(NAMES))
    texts = ["a cow", "a bus", "a vase"]
    first = encoded(model, texts)
    assert (encoded(model, texts) == first).all() and model.calls == [texts]
    assert (first == Oracle(model.words).encode_texts(texts)).all()
    encoded(model, texts[::-1])
    assert len(model.calls) == 2
    other = Asked(directions(NAMES), own=0.5)
    assert (encoded(other, texts) != first).any()
    assert encoded(model, []).shape == (0, WIDTH) and len(model.calls) == 2


def test_a_damaged_file_is_made_again(cache):
    model = Asked(directions(NAMES))
    whole = np.array(encoded(model, NAMES))
    (file,) = cache.rglob("*.npy")
    for damage in (file.read_bytes()[:-4], b"", b"not an array"):
        file.write_bytes(damage)
        assert (encoded(model, NAMES) == whole).all()
    assert len(model.calls) == 4


def test_many_texts_are_written_as_they_come(monkeypatch):
    monkeypatch.setattr(text_vectors, "TEXTS_AT_ONCE", 7)
    model = Asked(directions(NAMES))
    vectors = prompt_vectors(model, NAMES, "openai")
    assert vectors.shape == (3, 80, WIDTH)
    assert max(map(len, model.calls)) == 7 and sum(map(len, model.calls)) == 240
    bus = [template.format(label="bus") for template in templates("openai", "labels")]
    assert (vectors[1] == Oracle(model.words).encode_texts(bus)).all()


def test_an_ensemble_is_the_mean_of_its_prompts_made_unit_length():
    model = Oracle(directions(NAMES))
    ours = label_vectors(model, NAMES, "openai")
    theirs = mean_of_prompts(model, NAMES, templates("openai", "labels"))
    np.testing.assert_array_equal(ours, theirs)
    rng = np.random.default_rng(0)
    vectors, weights = unit(rng.normal(size=(5, 3, 8))), rng.random((3, 5))
    for label, mean in enumerate(ensemble(vectors, weights)):
        total = sum(weights[p, label] * vectors[label, p] for p in range(3))
        np.testing.assert_allclose(mean, total / np.linalg.norm(total), atol=1e-6)


def test_texts_that_cannot_be_had_are_one_line_and_leave_no_file(cache):
    class Damaged(Oracle):
        def encode_texts(self, texts):
            return super().encode_texts(texts) * np.nan

    with pytest.raises(ModelError, match="oracle/test: encodes texts to NaN"):
        encoded(Damaged(directions(NAMES)), NAMES)
    with pytest.raises(ModelError, match="knows no text"):
        encoded(Oracle({}, kind="classifier"), NAMES)
    with pytest.raises(RecipeError, match='no prompt "opneai"'):
        label_vectors(Oracle(directions(NAMES)), NAMES, "opneai")
    assert not list(cache.rglob("*.npy"))
    cache.write_text("a file where a folder should be")
    with pytest.raises(DatasetError, match="cannot be written"):
        encoded(Oracle(directions(NAMES)), NAMES)
