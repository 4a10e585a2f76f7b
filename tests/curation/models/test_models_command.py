"""`benchwright models` lists what can be named, and shows what a model is."""

import json

import pytest
from every_format import tiny_config

from benchwright import api_curation
from benchwright.cli import app
from benchwright.curation.models.catalogue import listed
from benchwright.curation.models.open_clip_source import repository_files


@pytest.fixture
def run():
    from typer.testing import CliRunner

    return lambda *arguments: CliRunner().invoke(app, ["models", *map(str, arguments)])


def test_a_filter_lists_matching_ids_as_json(run):
    ran = run("vit-b-32/laion2b", "--json")
    models = json.loads(ran.stdout)
    assert "ViT-B-32/laion2b_s34b_b79k" in [model["id"] for model in models]
    assert {model["kind"] for model in models} == {"clip"}
    wanted = next(model for model in models if model["id"] == "ViT-B-32/laion2b_s34b_b79k")
    assert wanted["source"] == "laion/CLIP-ViT-B-32-laion2B-s34B-b79K"
    assert wanted["image_size"] == 224


def test_an_id_that_begins_others_lists_them_and_an_exact_one_is_loaded(run):
    assert "timm/test_vit.r160_in1k" in run("timm/test_vit").stdout
    ran = run("ViT-B-32/openai")
    assert "use ViT-B-32-quickgelu/openai" in str(ran.exception)


def test_only_the_architecture_with_the_right_activation_is_listed():
    ids = {model.id for model in listed("openai")}
    assert "ViT-B-32-quickgelu/openai" in ids
    assert "ViT-B-32/openai" not in ids


def test_timm_is_listed_when_it_is_asked_for():
    assert not any(model.kind == "classifier" for model in listed())
    found = {model.id: model for model in listed("timm/resnet50.*")}
    assert found["timm/resnet50.a1_in1k"].kind == "classifier"


def test_weights_in_the_local_cache_are_here(tmp_path, monkeypatch):
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(tmp_path))
    model_id, source = "ViT-B-32/laion2b_s34b_b79k", "laion--CLIP-ViT-B-32-laion2B-s34B-b79K"
    assert not listed(model_id)[0].here
    repository = tmp_path / f"models--{source}"
    snapshot = repository / "snapshots" / ("0" * 40)
    snapshot.mkdir(parents=True)
    (snapshot / "open_clip_model.safetensors").touch()
    (repository / "refs").mkdir()
    (repository / "refs" / "main").write_text("0" * 40)
    assert listed(model_id)[0].here


@pytest.mark.parametrize(("hub", "files"), [
    ("org/name/", ("open_clip_model.safetensors", "open_clip_pytorch_model.bin")),
    ("org/name/pytorch_model.bin", ("pytorch_model.safetensors", "pytorch_model.bin")),
    ("org/name/model.safetensors", ("model.safetensors",)),
])  # fmt: skip
def test_safetensors_are_preferred(hub, files):
    assert repository_files({"hf_hub": hub}) == ("org/name", files)


def test_an_id_is_loaded_and_described(run, tmp_path):
    model_id = f"{tiny_config(tmp_path)}/random"
    lines = dict(line.split(maxsplit=1) for line in run(model_id).stdout.splitlines())
    assert lines["id"] == model_id
    assert lines["activation"] == "gelu"
    assert lines["preprocess.size"] == "32"
    assert len(lines["sha256"]) == 64
    as_json = json.loads(run(model_id, "--json").stdout)
    assert as_json == api_curation.load_model(model_id).identity.to_dict()


def test_nothing_found_is_said(run):
    ran = run("no-such-model")
    assert ran.exit_code == 0
    assert ran.stdout == ""
