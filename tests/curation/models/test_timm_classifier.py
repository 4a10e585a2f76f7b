"""A timm classifier gives timm's own logits, of timm's own transform."""

import io

import numpy as np
import pytest
import timm
import torch
from every_format import every_file
from PIL import Image
from safetensors.torch import save_file

from benchwright.curation.models.preprocess import crop_exact
from benchwright.curation.models.registry import load_model
from benchwright.errors import ModelError

NAME = "test_vit"  # 160 px, 0.4 million weights: timm's own for tests


@pytest.fixture(scope="module")
def weights(tmp_path_factory):
    """A checkpoint of the architecture, and the cache set aside."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("BENCHWRIGHT_CACHE", str(tmp_path_factory.mktemp("cache")))
        torch.manual_seed(3)
        path = tmp_path_factory.mktemp("timm") / "model.safetensors"
        save_file(timm.create_model(NAME).state_dict(), path)
        yield path


def test_logits_are_timms_own(weights):
    model = load_model(f"timm/{NAME}.r160_in1k@{weights}")
    network = timm.create_model(NAME, checkpoint_path=str(weights)).eval()
    config = timm.data.resolve_data_config(timm.get_pretrained_cfg(f"{NAME}.r160_in1k").to_dict())
    transform = timm.data.create_transform(**config, is_training=False)
    files = [data for _, data in every_file(48)]
    inputs = [transform(Image.open(io.BytesIO(data)).convert("RGB")) for data in files]
    with torch.inference_mode():
        expected = network(torch.stack(inputs))
    crops = np.stack([crop_exact(data, model.preprocess) for data in files])
    logits = model.encode_images(torch.from_numpy(crops).permute(0, 3, 1, 2))
    assert logits.shape == (48, 1000)
    assert (logits - expected).abs().max() < 1e-5
    assert expected.std(dim=0).max() > 1e-3


def test_the_identity_says_classifier(weights):
    identity = load_model(f"timm/{NAME}@{weights}").identity
    assert (identity.kind, identity.width, identity.image_size) == ("classifier", 1000, 160)
    assert load_model(f"timm/{NAME}/random").identity.sha256 != identity.sha256
    again = load_model(f"timm/{NAME}/random").identity
    assert again == load_model(f"timm/{NAME}/random").identity


def test_a_classifier_reads_no_text(weights):
    model = load_model(f"timm/{NAME}@{weights}")
    assert model.logit_scale == 1
    with pytest.raises(ModelError, match="is a classifier and reads no text"):
        model.encode_texts(["a dog"])


@pytest.mark.parametrize(("model_id", "expected"), [
    ("timm/resnet5O", 'no architecture "resnet5O" (did you mean "resnet50"?)'),
    ("timm/test_vit.r160_in2k", "no such pretrained weights in timm; it has test_vit.r160_in1k"),
    ("timm/test_vit@nowhere.safetensors", "there is no such file"),
])  # fmt: skip
def test_a_wrong_id_is_one_line(model_id, expected):
    with pytest.raises(ModelError) as error:
        load_model(model_id)
    assert expected in str(error.value)
    assert "\n" not in str(error.value)
