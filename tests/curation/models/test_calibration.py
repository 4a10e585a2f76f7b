"""The shipped calibration models: what they are, and that they do what their card says."""

import json
import shutil
from importlib import resources
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import example, given
from hypothesis import strategies as st
from open_clip.model import CLIP
from open_clip.tokenizer import SimpleTokenizer

from benchwright.curation.models import calibration
from benchwright.curation.models.preprocess import Preprocess
from benchwright.curation.models.registry import load_model
from benchwright.curation.models.weights import state_digest
from benchwright.curation.models.words import START, UNKNOWN, CutShortWarning, Words
from benchwright.errors import ModelError

SHIPPED = Path(str(resources.files("benchwright.data"))) / "calibration"
NAMES = ["planted", "unbiased"]
MOST_BYTES = 6_000_000

words = Words.of_texts(["a photo of a dog", "an umbrella on the forest floor"], context=12)


def test_known_texts_have_a_row_a_piece_and_clips_own_cut():
    text = "A photo of an umbrella on the dog"
    rows = words.encode(text)
    assert rows[0] == START and rows[-1] == len(words) - 1
    pieces = [words.pieces[row - UNKNOWN - 2] for row in rows[1:-1]]
    tokenizer = SimpleTokenizer()
    assert [tokenizer.encoder[piece] for piece in pieces] == tokenizer.encode(text)


@given(st.text(max_size=40))
@example("<start_of_text> <end_of_text>")
def test_any_text_has_one_start_and_one_end_and_the_end_is_the_greatest_row(text):
    narrow = Words(words.pieces, context=300)
    rows = narrow.encode(text)
    assert rows[0] == START and rows.count(START) == 1
    assert rows[-1] == max(rows) == len(narrow) - 1 and rows.count(rows[-1]) == 1
    assert all(row >= UNKNOWN for row in rows)
    assert rows.count(UNKNOWN) == narrow.unknown(text)


@given(st.text(max_size=40))
def test_the_words_of_a_text_are_all_it_needs(text):
    assert Words.of_texts([text], context=300).unknown(text) == 0


def test_words_survive_json():
    again = Words.from_json(words.to_json())
    assert (again.pieces, again.context, len(again)) == (words.pieces, words.context, len(words))


def test_what_has_no_row_shares_one():
    assert words.encode("a zebra")[2:-1] == [UNKNOWN] * words.unknown("zebra")


def test_a_text_too_long_is_cut_and_says_so():
    with pytest.warns(CutShortWarning, match="20 word pieces is read to its 10th"):
        rows = words.encode(" ".join(["dog"] * 20))
    assert len(rows) == 12 and rows[-1] == len(words) - 1


def test_a_batch_is_as_long_as_its_longest_text():
    tokens = words(["a dog", "an umbrella on the forest floor"])
    assert tokens.shape == (2, 8) and tokens.dtype == torch.int64


def test_short_texts_get_open_clips_own_vectors():
    config = {
        "embed_dim": 8,
        "vision_cfg": {"image_size": 32, "layers": [1, 1, 1, 1], "width": 8, "head_width": 64},
        "text_cfg": {"context_length": 12, "vocab_size": len(words), "width": 16, "heads": 2,
                     "layers": 2},
    }  # fmt: skip
    torch.manual_seed(0)
    short, full = calibration.ShortTextCLIP(**config).eval(), CLIP(**config).eval()
    full.load_state_dict(short.state_dict())
    tokens = words(["a photo of a dog", "an umbrella on the forest floor"])
    padded = torch.nn.functional.pad(tokens, (0, 12 - tokens.shape[1]))
    with torch.inference_mode():
        torch.testing.assert_close(short.encode_text(tokens), full.encode_text(padded))


@pytest.mark.parametrize("name", NAMES)
def test_a_shipped_model_is_small_and_is_what_its_config_says(name):
    size = sum(file.stat().st_size for file in (SHIPPED / name).iterdir())
    assert size <= MOST_BYTES
    model = load_model(f"calibration/{name}")
    assert model.identity.id == f"calibration/{name}" and model.identity.kind == "clip"
    assert model.identity.activation == "gelu"
    assert Preprocess.from_json(model.identity.preprocess) == model.preprocess
    vectors = model.encode_images(torch.zeros(2, 3, 64, 64, dtype=torch.uint8))
    texts = model.encode_texts(["a photo of a dog", "a dog"])
    assert vectors.shape == texts.shape == (2, model.identity.width)
    np.testing.assert_allclose(np.linalg.norm(texts, axis=1), 1, rtol=1e-5)
    torch.testing.assert_close(vectors.norm(dim=1), torch.ones(2))


def test_calibration_alone_means_the_planted_one():
    assert load_model("calibration").identity == load_model("calibration/planted").identity


def test_the_two_differ():
    one, other = (load_model(f"calibration/{name}").identity for name in NAMES)
    assert one.sha256 != other.sha256


def test_an_unknown_model_is_told_from_those_there_are():
    with pytest.raises(ModelError, match=r'did you mean "planted"'):
        load_model("calibration/plantde")


@pytest.mark.parametrize("file", [calibration.WEIGHTS, calibration.WORDS])
def test_a_changed_file_is_refused_in_one_line(file, tmp_path):
    folder = tmp_path / "planted"
    shutil.copytree(SHIPPED / "planted", folder)
    data = bytearray((folder / file).read_bytes())
    data[-1] ^= 1
    (folder / file).write_bytes(data)
    with pytest.raises(ModelError, match=f"{file}: its sha256 is") as error:
        calibration.opened(folder, "calibration/planted", "cpu", "float32")
    assert "\n" not in str(error.value)


def test_a_missing_file_is_refused(tmp_path):
    with pytest.raises(ModelError, match="does not load"):
        calibration.opened(tmp_path, "calibration/planted", "cpu", "float32")


def test_a_config_that_lacks_a_key_is_refused_by_its_name(tmp_path):
    folder = shutil.copytree(SHIPPED / "planted", tmp_path / "planted")
    config = json.loads((folder / calibration.CONFIG).read_text())
    del config["preprocess"]
    (folder / calibration.CONFIG).write_text(json.dumps(config))
    with pytest.raises(ModelError, match="planted does not load: no such key: 'preprocess'"):
        calibration.opened(folder, "calibration/planted", "cpu", "float32")


def test_what_is_written_comes_back_to_half_precision(tmp_path):
    model = load_model("calibration/planted")
    network = model._network
    config = json.loads((SHIPPED / "planted" / calibration.CONFIG).read_text())
    kept = Words.from_json((SHIPPED / "planted" / calibration.WORDS).read_text())
    calibration.written(tmp_path, config["model_cfg"], network, kept, model.preprocess)
    again = calibration.opened(tmp_path, "again", "cpu", "float32")
    assert again.identity.sha256 == state_digest(network.state_dict())
    assert (tmp_path / calibration.WEIGHTS).read_bytes() == (
        SHIPPED / "planted" / calibration.WEIGHTS
    ).read_bytes()


def test_what_was_planted_and_measured_is_told():
    planted = json.loads((SHIPPED / "planted.json").read_text())
    measured = json.loads((SHIPPED / "measured.json").read_text())
    assert len(planted["classes"]) >= 18
    assert len({entry["strength"] for entry in planted["classes"]}) >= 5
    trained = [run for run in measured if run.startswith("planted-")]
    assert len(trained) >= 3
    for run in trained:
        common = [drop["common"]["estimate"] for drop in measured[run]["drops"]]
        assert np.mean(common) >= 0.85
        assert measured[run]["rank"][0] >= 0.8
    twin = measured["unbiased-0"]["drops"]
    assert abs(np.mean([drop["drop"] for drop in twin])) < 0.05
