"""A model loaded by its id gives what open_clip's own model and transform give."""

import io
import json
import pickle
import socket

import numpy as np
import open_clip
import pytest
import torch
from every_format import TINY, every_file, tiny_config
from PIL import Image
from safetensors.torch import save_file

from benchwright.curation.models.identity import ModelIdentity
from benchwright.curation.models.preprocess import Preprocess, crop_exact
from benchwright.curation.models.prompts import label_vectors, mean_vectors, openai_templates
from benchwright.curation.models.registry import load_model
from benchwright.errors import ModelError

IMAGES = 500
CONFIG, WEIGHTS = "open_clip_config.json", "open_clip_model.safetensors"


@pytest.fixture(scope="module", autouse=True)
def _own_cache(tmp_path_factory):
    """One thread, and caches of our own: digests are not remembered from elsewhere."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("BENCHWRIGHT_CACHE", str(tmp_path_factory.mktemp("cache")))
        threads = torch.get_num_threads()
        torch.set_num_threads(1)
        yield
        torch.set_num_threads(threads)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A model as open_clip keeps it in a folder, with preprocessing of its own."""
    folder = tmp_path_factory.mktemp("local")
    preprocess = {"mean": [0.4, 0.5, 0.6], "std": [0.2, 0.3, 0.25], "resize_mode": "longest"}
    config = {"model_cfg": TINY, "preprocess_cfg": preprocess}
    (folder / CONFIG).write_text(json.dumps(config))
    torch.manual_seed(7)
    network = open_clip.create_model(f"local-dir:{folder}")
    save_file(network.state_dict(), folder / WEIGHTS)
    return folder


@pytest.fixture(scope="module")
def model(folder):
    return load_model(f"{folder / CONFIG}@{folder / WEIGHTS}")


@pytest.fixture(scope="module")
def files():
    return [data for _, data in every_file(IMAGES)]


def _encoded(model, files, batch=100):
    crops = np.stack([crop_exact(data, model.preprocess) for data in files])
    pixels = torch.from_numpy(crops).permute(0, 3, 1, 2)
    parts = [model.encode_images(part.to(model.device)) for part in pixels.split(batch)]
    return torch.cat(parts).cpu()


def test_exact_embeddings_of_500_images_are_open_clips_own(folder, model, files):
    network, transform = open_clip.create_model_from_pretrained(f"local-dir:{folder}")
    pixels = torch.stack([transform(Image.open(io.BytesIO(data))) for data in files])
    with torch.inference_mode():
        expected = network.eval().encode_image(pixels, normalize=True)
    ours = _encoded(model, files)
    assert len(files) == IMAGES
    assert ours.dtype == torch.float32
    assert (ours - expected).abs().max() < 1e-5
    assert (1 - (ours * expected).sum(dim=1)).max() < 1e-6
    assert expected.std(dim=0).max() > 1e-3  # the images do not all look the same to it


def test_text_embeddings_are_open_clips_own(folder, model):
    network = open_clip.create_model(f"local-dir:{folder}").eval()
    texts = [f"a photo of number {number}" for number in range(300)] + ["word " * 200]
    tokens = open_clip.get_tokenizer(f"local-dir:{folder}")(texts)
    with torch.inference_mode():
        expected = network.encode_text(tokens, normalize=True).numpy()
    ours = model.encode_texts(texts)
    assert ours.dtype == np.float32
    assert np.abs(ours - expected).max() < 1e-5
    assert model.encode_texts([]).shape == (0, 32)


def test_label_vectors_are_open_clips_zero_shot_classifier(folder, model):
    labels = ["ostrich", "ice bear", "hot dog"]
    network = open_clip.create_model(f"local-dir:{folder}").eval()
    tokenizer = open_clip.get_tokenizer(f"local-dir:{folder}")
    with torch.inference_mode():
        expected = open_clip.build_zero_shot_classifier(
            network, tokenizer, labels, open_clip.OPENAI_IMAGENET_TEMPLATES
        ).T.numpy()
    ours = label_vectors(model, labels, openai_templates())
    assert np.abs(ours - expected).max() < 1e-5
    assert len(openai_templates()) == 80


def test_a_group_without_texts_has_no_vector(model):
    with pytest.raises(ValueError, match="without a text"):
        mean_vectors(model, [["a"], []])


def test_the_identity_says_what_the_model_is(folder, model):
    assert model.identity == ModelIdentity(
        id=f"{folder / CONFIG}@{folder / WEIGHTS}",
        kind="clip",
        sha256=model.identity.sha256,
        activation="gelu",
        width=32,
        image_size=32,
        dtype="float32",
        preprocess=model.preprocess.to_json(),
    )
    assert model.preprocess == Preprocess(32, "longest", mean=(0.4, 0.5, 0.6), std=(0.2, 0.3, 0.25))
    assert model.logit_scale == pytest.approx(1 / 0.07, rel=1e-4)
    assert pickle.loads(pickle.dumps(model.identity)) == model.identity


def test_a_checkpoint_has_one_digest_however_it_is_packed_and_cast(folder, model, tmp_path):
    network = open_clip.create_model(f"local-dir:{folder}")
    training = {
        "epoch": 3,
        "state_dict": {f"module.{k}": v for k, v in network.state_dict().items()},
    }
    torch.save(training, tmp_path / "epoch_3.pt")
    packed = load_model(f"{folder / CONFIG}@{tmp_path / 'epoch_3.pt'}", dtype="bfloat16")
    assert packed.identity.sha256 == model.identity.sha256
    assert packed.identity.dtype == "bfloat16"


def test_a_changed_weight_changes_the_digest(folder, model, tmp_path):
    state = open_clip.create_model(f"local-dir:{folder}").state_dict()
    state["logit_scale"] = state["logit_scale"] + 1
    path = tmp_path / "weights.safetensors"
    save_file(state, path)
    changed = load_model(f"{folder / CONFIG}@{path}")
    assert changed.identity.sha256 != model.identity.sha256
    save_file(open_clip.create_model(f"local-dir:{folder}").state_dict(), path)  # rewritten
    assert load_model(f"{folder / CONFIG}@{path}").identity.sha256 == model.identity.sha256


def test_random_weights_are_the_same_every_time_and_leave_the_generator_alone(tmp_path):
    config = tiny_config(tmp_path)
    torch.manual_seed(1)
    state = torch.random.get_rng_state()
    first = load_model(f"{config}/random")
    assert torch.equal(torch.random.get_rng_state(), state)
    torch.manual_seed(2)
    assert load_model(f"{config}/random").identity == first.identity


def test_sixteen_bits_change_little(folder, model, files):
    exact = _encoded(model, files[:40])
    rounded = load_model(f"{folder / CONFIG}@{folder / WEIGHTS}", dtype="bfloat16")
    vectors = _encoded(rounded, files[:40])
    assert vectors.dtype == torch.float32
    assert not torch.equal(vectors, exact)
    assert (vectors * exact).sum(dim=1).min() > 0.999


@pytest.mark.gpu
@pytest.mark.parametrize(("dtype", "least"), [("float32", 0.99999), ("float16", 0.999)])
def test_a_gpu_gives_what_the_cpu_gives(folder, model, files, dtype, least):
    there = load_model(f"{folder / CONFIG}@{folder / WEIGHTS}", device="cuda", dtype=dtype)
    assert (_encoded(there, files[:40]) * _encoded(model, files[:40])).sum(dim=1).min() > least
    texts = ["a photo of a dog", "a photo of a cat"]
    assert (there.encode_texts(texts) * model.encode_texts(texts)).sum(axis=1).min() > least


@pytest.mark.parametrize(("model_id", "expected"), [
    ("ViT-B-32/openai", "trained with QuickGELU, which ViT-B-32 does not compute: "
                        "use ViT-B-32-quickgelu/openai"),
    ("ViT-B-33/openai", 'no architecture "ViT-B-33" (did you mean "ViT-B-32"?)'),
    ("ViT-B-32/laion2b_s34b", 'no pretrained tag "laion2b_s34b" (did you mean'),
    ("ViT-B-32@nowhere.pt", "nowhere.pt: there is no such file"),
    ("nowhere.json/random", "nowhere.json is no open_clip config"),
    ("ViT-B-32", "names no model"),
])  # fmt: skip
def test_a_wrong_id_is_one_line_that_says_what_to_do(model_id, expected):
    with pytest.raises(ModelError) as error:
        load_model(model_id)
    assert expected in str(error.value)
    assert "\n" not in str(error.value)


def test_the_activation_is_read_off_the_built_model(tmp_path):
    quick = tmp_path / "quick.json"
    quick.write_text(json.dumps({**TINY, "quick_gelu": True}))
    assert load_model(f"{quick}/random").identity.activation == "quickgelu"
    relu = {**TINY["vision_cfg"], "layers": [1, 1, 1, 1], "width": 8, "image_size": 64}
    relu.pop("patch_size")
    resnet = tmp_path / "resnet.json"
    resnet.write_text(json.dumps({**TINY, "vision_cfg": relu, "quick_gelu": True}))
    assert load_model(f"{resnet}/random").identity.activation == "quickgelu"  # in its text tower


def test_every_tag_of_open_clip_has_an_architecture_that_computes_its_activation():
    from benchwright.curation.models.open_clip_source import QUICK, activations_agree

    known = set(open_clip.list_models())
    for architecture, tag in open_clip.list_pretrained():
        pretrained = open_clip.get_pretrained_cfg(architecture, tag)
        config = open_clip.get_model_config(architecture)
        if not activations_agree(architecture, config, pretrained):
            other = architecture.removesuffix(QUICK)
            other += QUICK if pretrained.get("quick_gelu") else ""
            assert other in known
            right = open_clip.get_model_config(other)
            assert bool(right.get("quick_gelu")) == bool(pretrained.get("quick_gelu"))


def test_a_training_log_that_says_otherwise_is_believed(folder, tmp_path):
    checkpoints = tmp_path / "run" / "checkpoints"
    checkpoints.mkdir(parents=True)
    path = checkpoints / "epoch_1.safetensors"
    path.write_bytes((folder / WEIGHTS).read_bytes())
    log = tmp_path / "run" / "params.txt"
    log.write_text("force_quick_gelu: True\nmodel: ViT-B-32\n")
    with pytest.raises(ModelError, match=r"are of ViT-B-32-quickgelu: use ViT-B-32-quickgelu@"):
        load_model(f"ViT-B-32@{path}")
    log.write_text("force_quick_gelu: False\nmodel: ViT-B-16\n")
    with pytest.raises(ModelError, match=r"are of ViT-B-16: use ViT-B-16@"):
        load_model(f"ViT-B-32@{path}")
    log.write_text("force_quick_gelu: False\nmodel: ViT-B-32\n")
    with pytest.raises(ModelError, match="does not load"):  # the log agrees; the shapes do not
        load_model(f"ViT-B-32@{path}")


def test_without_a_network_the_message_says_how_to_bring_the_weights(monkeypatch, tmp_path):
    with socket.socket() as closed:  # a port that nothing answers on
        closed.bind(("127.0.0.1", 0))
        port = closed.getsockname()[1]
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(tmp_path))
    monkeypatch.setattr("huggingface_hub.constants.ENDPOINT", f"http://127.0.0.1:{port}")
    with pytest.raises(ModelError) as error:
        load_model("ViT-B-32/laion2b-s34b-b79k")
    message = str(error.value)
    assert (
        "hf download laion/CLIP-ViT-B-32-laion2B-s34B-b79K open_clip_model.safetensors" in message
    )
    assert "ViT-B-32@/path/to/open_clip_model.safetensors" in message
    assert "HF_HOME" in message
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)
    with pytest.raises(ModelError, match="HF_HUB_OFFLINE is set"):
        load_model("ViT-B-32/laion2b_s34b_b79k")


@pytest.mark.parametrize(("device", "dtype", "expected"), [
    ("gpu", "", '"gpu" is no device'),
    ("cuda:99", "", "this machine has"),
    ("cpu", "fp16", '"fp16" is no dtype'),
])  # fmt: skip
def test_a_wrong_device_or_dtype_is_said_before_anything_is_loaded(device, dtype, expected):
    with pytest.raises(ModelError, match=expected):
        load_model("ViT-B-32/laion2b_s34b_b79k", device, dtype)
