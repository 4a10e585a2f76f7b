"""What every export keeps: whole or not at all, the same bytes, errors that name the place."""

import json
from pathlib import Path

import pytest
from conftest import contents
from export_sets import NAMES, mined_set, samples_of, scene_set

from benchwright.cards.exports import FORMATS, export
from benchwright.cards.exports.samples import labels
from benchwright.dataset import Dataset
from benchwright.errors import BenchwrightError, DatasetError


@pytest.fixture(scope="module")
def scenes(tmp_path_factory):
    return scene_set(tmp_path_factory.mktemp("scenes"))


OF_SCENES = [name for name in FORMATS if name != "counteranimal"]  # which takes mined groups


@pytest.mark.parametrize("format", OF_SCENES)
def test_the_same_dataset_gives_the_same_files(scenes, tmp_path, format):
    first = export(scenes, format, tmp_path / "first")
    second = export(scenes, format, tmp_path / "second")
    assert contents(first.out) == contents(second.out)
    assert first.files == len(contents(first.out))


@pytest.mark.parametrize("format", OF_SCENES)
def test_the_report_counts_what_is_there_and_names_what_is_not(scenes, tmp_path, format):
    seen = []
    report = export(scenes, format, tmp_path / "out", progress=lambda *counts: seen.append(counts))
    counts = Dataset.open(scenes).splits()
    ones = counts[("one", "alone")]
    assert report.samples == (ones if format == "clip-benchmark" else sum(counts.values()))
    assert seen == [(done + 1, report.samples) for done in range(report.samples)]
    assert [reason for _, reason in report.left_out] == (
        ["clip-benchmark takes one object a scene"] if format == "clip-benchmark" else []
    )


@pytest.mark.parametrize("format", OF_SCENES)
def test_the_licence_travels(scenes, tmp_path, format):
    readme = (export(scenes, format, tmp_path / "out").out / "README.md").read_text()
    assert "license: cc-by-4.0\n" in readme
    assert Dataset.open(scenes).digest[:16] in readme


def test_the_folder_is_beside_the_dataset_by_default(tmp_path, monkeypatch):
    mined = mined_set(tmp_path / "mined")
    assert export(mined, "imagefolder").out == tmp_path / "mined-imagefolder"
    monkeypatch.chdir(mined)
    assert export(Path(), "parquet").out == tmp_path / "mined-parquet"


def test_only_the_config_and_split_asked_for(scenes, tmp_path):
    report = export(scenes, "imagefolder", tmp_path / "out", "two", "left_big")
    assert report.samples == len(samples_of(scenes, "two", "left_big"))
    assert [path.name for path in report.out.rglob("metadata.jsonl")] == ["metadata.jsonl"]
    assert (report.out / "two/left_big/metadata.jsonl").is_file()


def test_a_mistake_is_one_line_that_says_what_there_is(scenes, tmp_path):
    def message(**asked):
        with pytest.raises(BenchwrightError) as raised:
            export(**{"folder": scenes, "format": "coco", "out": tmp_path / "out", **asked})
        assert not (tmp_path / "out").exists()
        assert "\n" not in str(raised.value)
        return str(raised.value)

    assert 'no format "cocoa" (did you mean "coco"?); formats: clip-b' in message(format="cocoa")
    assert 'no config "tow" (did you mean "two"?); configs here: one, two' in message(config="tow")
    assert "splits here: left_big, right_big" in message(config="two", split="middle")
    assert "no dataset here" in message(folder=tmp_path)
    assert "inside the dataset" in message(out=scenes / "view")
    assert "splits here that fit: one/alone" in message(format="clip-benchmark", config="two")


def test_a_folder_with_something_in_it_is_left_alone(scenes, tmp_path):
    (tmp_path / "mine.txt").write_text("mine")
    with pytest.raises(DatasetError, match="is there already"):
        export(scenes, "coco", tmp_path)
    assert contents(tmp_path) == {"mine.txt": b"mine"}


@pytest.mark.parametrize("format", OF_SCENES)
def test_a_damaged_sample_stops_it_and_leaves_nothing(tmp_path, format):
    scenes = scene_set(tmp_path)
    tar = next(scenes.glob("one/*.tar"))
    blocks = bytearray(tar.read_bytes())
    blocks[len(blocks) // 3] ^= 1
    tar.write_bytes(blocks)
    with pytest.raises(DatasetError, match="benchwright verify"):
        export(scenes, format, tmp_path / "views" / "out", "one")
    assert list((tmp_path / "views").iterdir()) == []


def test_labels_follow_the_recipe_or_the_alphabet(scenes, tmp_path):
    assert labels(Dataset.open(scenes)) == NAMES
    assert labels(Dataset.open(mined_set(tmp_path / "mined"))) == ["ostrich", "zebra"]


def test_a_set_without_masks_exports_as_what_it_is(tmp_path):
    mined = mined_set(tmp_path / "mined")
    for format in ("clip-benchmark", "imagefolder", "parquet"):
        assert export(mined, format).samples == 3
    with pytest.raises(DatasetError, match="scenes with masks; splits here that fit: none"):
        export(mined, "coco")
    row = (tmp_path / "mined-imagefolder/web/common/metadata.jsonl").read_text().splitlines()[0]
    assert list(json.loads(row)) == [
        "file_name", "key", "width", "height", "caption", "class", "score",
    ]  # fmt: skip
