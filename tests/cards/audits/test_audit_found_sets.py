"""Audits of classes on an imported CounterAnimal folder, through the command line's own path."""

import json

import pytest
from found_images import CLASSES, counteranimal

import benchwright as bw
from benchwright.errors import BenchwrightError

NAMES = tuple(name for _, name, _ in CLASSES)
ASKED = ("group_gap", "worst_classes", "openness")
SETTINGS = ("group_gap.prompts=[single]", "worst_classes.prompt=single", "openness.worst_words=0")


@pytest.fixture(scope="module")
def imported(tmp_path_factory):
    """Photographs of three classes, imported; embeddings and texts go to a cache of their own."""
    root = tmp_path_factory.mktemp("imported")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("BENCHWRIGHT_CACHE", str(root / "cache"))
        bw.import_("counteranimal", counteranimal(root / "original"), root / "set")
        yield root / "set"


@pytest.fixture(scope="module")
def runs(imported):
    found = bw.audit(imported, "calibration/unbiased", ASKED, SETTINGS, workers=1)
    return {run.audit: run for run in found}


def test_the_originals_are_asked_among_imagenets_labels(runs):
    for name in ("group_gap", "worst_classes"):
        settings = runs[name].file.settings
        assert (settings["label_set"], settings["label_count"]) == ("imagenet-1k", 998)
    assert runs["openness"].file.settings["label_set"] == "its classes"


def test_what_was_not_split_says_who_may_have_gained(runs):
    assert runs["group_gap"].file.settings["half"] == "not split"
    assert runs["group_gap"].file.settings["selecting_model"] == "not recorded"
    assert "a model that is not recorded" in runs["group_gap"].notes[0]
    measures = {result.measure for result in runs["group_gap"].file.results}
    assert {"drop", "drop, 1 vs 20", "drop, classes resampled", "drop, images alike"} <= measures
    assert not any("discovery" in measure for measure in measures)


def test_every_number_of_so_few_images_is_thin(runs):
    assert all(result.is_thin for run in runs.values() for result in run.file.results)
    first = runs["group_gap"].file.results[0]
    assert (first.measure, first.group, first.n) == ("drop", "", 24)


def test_files_lie_beside_the_set(imported, runs):
    folder = imported / "audits/group_gap"
    assert json.loads((folder / "calibration-unbiased.json").read_text())["audit"] == "group_gap"
    assert {path.suffix for path in folder.iterdir()} == {".json", ".parquet", ".png"}


def test_a_classifier_is_asked_with_its_own_head(imported):
    model = "timm/mobilenetv3_small_050/random"
    (run,) = bw.audit(imported, model, ["group_gap"], workers=1)
    assert run.file.settings["headline_prompt"] == "its own head"
    assert {result.group for result in run.file.results} == {"", *NAMES}
    with pytest.raises(BenchwrightError, match=r"openness of timm/.* has no text tower"):
        bw.audit(imported, model, ["openness"], workers=1)
    with pytest.raises(BenchwrightError, match='the class "ostrich" is none of the'):
        bw.audit(imported, "calibration/unbiased", ["group_gap"], ["group_gap.labels=objects"])
