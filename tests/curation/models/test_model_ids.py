"""Ids come apart into what they mean, and lists of them are read or refused in one line."""

import pytest

from benchwright.curation.models.checkpoints import Checkpoint, chosen_models, read_checkpoints
from benchwright.curation.models.ids import ModelName, is_id
from benchwright.errors import ModelError


@pytest.mark.parametrize(("model_id", "name"), [
    ("ViT-B-32/openai", ModelName("open_clip", "ViT-B-32", "openai")),
    ("ViT-B/32/openai", ModelName("open_clip", "ViT-B/32", "openai")),
    ("ViT-B-32/random", ModelName("open_clip", "ViT-B-32", "random")),
    ("ViT-B-32@/a/b@c/epoch_3.pt", ModelName("open_clip", "ViT-B-32", "", "/a/b@c/epoch_3.pt")),
    ("/a/tiny.json@w.pt", ModelName("open_clip", "/a/tiny.json", "", "w.pt")),
    ("timm/resnet50.a1_in1k", ModelName("timm", "resnet50", "a1_in1k")),
    ("timm/resnet50", ModelName("timm", "resnet50")),
    ("timm/resnet50/random", ModelName("timm", "resnet50", "random")),
    ("timm/resnet50.a1_in1k@w.bin", ModelName("timm", "resnet50.a1_in1k", "", "w.bin")),
    ("calibration", ModelName("calibration", "planted")),
    ("calibration/unbiased", ModelName("calibration", "unbiased")),
    ("calibration@runs/e3", ModelName("calibration", "calibration", "", "runs/e3")),
])  # fmt: skip
def test_ids_come_apart(model_id, name):
    assert ModelName.parse(model_id) == name


@pytest.mark.parametrize("model_id", ["", "ViT-B-32", "ViT-B-32@", "/x", "@x", "timm/", "timm/@x"])
def test_what_has_no_form_of_an_id_is_told_the_forms(model_id):
    with pytest.raises(ModelError, match="names no model; write one as: ViT-B-32/laion2b"):
        ModelName.parse(model_id)


def test_the_command_tells_ids_from_filters():
    assert all(map(is_id, ["calibration", "ViT-B-32/openai", "ViT-B-32@a.pt", "timm/resnet50"]))
    assert not any(map(is_id, ["", "vit-b", "timm/*", "ViT-?-32/openai", "timm/"]))


def test_a_list_is_a_line_an_id_with_comments(tmp_path):
    path = tmp_path / "list.txt"
    path.write_text("# LAION, every 2 B\n\nViT-B-32@epoch_1.pt  # early\nViT-B-32@/b/epoch#2.pt\n")
    assert read_checkpoints(path) == (
        Checkpoint(f"ViT-B-32@{tmp_path}/epoch_1.pt"), Checkpoint("ViT-B-32@/b/epoch#2.pt"),
    )  # fmt: skip


def test_a_yaml_list_may_say_how_far_training_was(tmp_path):
    path = tmp_path / "list.yaml"
    path.write_text(
        "- {id: ViT-B-32/laion2b_e16, samples_seen: 2.0e+9}\n"
        "- {id: ViT-B-32/laion2b_s34b_b79k, samples_seen: 34000000000}\n"
    )
    seen = [checkpoint.samples_seen for checkpoint in read_checkpoints(path)]
    assert seen == [2_000_000_000, 34_000_000_000]
    path.write_text("- ViT-B-32/openai\n- {id: ViT-B-32/laion2b_e16}\n")
    assert [c.samples_seen for c in read_checkpoints(path)] == [None, None]


@pytest.mark.parametrize(("text", "expected"), [
    ("", "holds no list of checkpoints"),
    ("id: ViT-B-32/openai", "holds no list of checkpoints"),
    ("- ViT-B-32", "entry 1: .*names no model"),
    ("- {id: A/b, seen: 3}", "entry 1: seen: Extra inputs"),
    ("- {id: A/b, samples_seen: -1}", "entry 1: samples_seen"),
    ("- A/b\n- A/b", "A/b is listed twice"),
    ("- A/b\n- {id: A/c, samples_seen: 3}", "A/b has no samples_seen"),
    ("- [", "not readable as a list"),
])  # fmt: skip
def test_a_wrong_list_is_one_line_that_names_the_entry(tmp_path, text, expected):
    path = tmp_path / "list.yaml"
    path.write_text(text)
    with pytest.raises(ModelError, match=expected) as error:
        read_checkpoints(path)
    assert "\n" not in str(error.value)


def test_models_and_lists_add_up_each_id_once(tmp_path):
    path = tmp_path / "list.txt"
    path.write_text("A/c\nA/b\n")
    assert chosen_models(["A/b"], path) == ["A/b", "A/c"]
    assert chosen_models(["A/b"], None) == ["A/b"]
    with pytest.raises(ModelError, match="give --model ID, or --checkpoints FILE"):
        chosen_models([], None)


def test_a_missing_list_is_said(tmp_path):
    with pytest.raises(ModelError, match="No such file"):
        read_checkpoints(tmp_path / "none.txt")
