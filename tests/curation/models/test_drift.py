"""Drift is none where both modes see the same pixels, and measured where they do not."""

import numpy as np
import pytest
import torch
from every_format import file_of, tiny_config

from benchwright.curation.models.drift import drift
from benchwright.curation.models.registry import load_model
from benchwright.errors import ModelError

LABELS = [f"thing {number}" for number in range(30)]


@pytest.fixture(scope="module")
def model(tmp_path_factory):
    torch.set_num_threads(1)
    return load_model(f"{tiny_config(tmp_path_factory.mktemp('tiny'))}/random")


def _files(form, width, height, count=70):
    rng = np.random.default_rng(0)
    return [file_of(rng, "RGB", form, width, height) for _ in range(count)]


def test_formats_that_are_read_the_same_do_not_drift(model):
    found = drift(model, [*_files("PNG", 80, 60), b"no image"], LABELS)
    assert (found.images, found.refused) == (70, 1)
    assert found.cosine_least == pytest.approx(1, abs=1e-6)
    assert (found.top1_same, found.rank_mean, found.rank_most) == (1, 0, 0)
    assert found.score_most == 0


def test_reduced_jpegs_drift_a_little(model):
    found = drift(model, _files("JPEG", 300, 220), LABELS)
    assert 0.95 < found.cosine_least <= found.cosine_p1 <= found.cosine_mean < 1
    assert 0 < found.score_mean <= found.score_most < 0.2
    assert 0.5 < found.top1_same <= 1


def test_a_classifier_drifts_in_its_logits():
    classifier = load_model("timm/test_vit/random")
    found = drift(classifier, _files("JPEG", 700, 500, count=3))
    assert found.images == 3
    assert found.score_most > 0


def test_a_clip_without_labels_and_a_set_without_images_are_said(model):
    with pytest.raises(ModelError, match="need labels"):
        drift(model, [])
    with pytest.raises(ModelError, match="none of 1 images"):
        drift(model, [b"no image"], LABELS)
