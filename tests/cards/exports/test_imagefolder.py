"""`datasets` reads the imagefolder export, columns and masks included."""

import io
import json

import pytest
from datasets import load_dataset
from export_sets import samples_of, scene_set
from PIL import Image

from benchwright.cards.exports import export
from benchwright.cards.exports.imagefolder import columns

RECORD = {
    "key": "k",
    "objects": [{"name": "cube", "box": [1, 2, 3, 4]}, {"name": "mug", "box": [5, 6, 7, 8]}],
    "captions": [{"text": "a cube and a mug", "order": [0, 1]}],
}


@pytest.fixture(scope="module")
def scenes(tmp_path_factory):
    return scene_set(tmp_path_factory.mktemp("scenes"))


@pytest.fixture(scope="module")
def out(scenes):
    return export(scenes, "imagefolder").out


def _is_all_of(read, scenes, config, split):
    samples = samples_of(scenes, config, split)
    assert sorted(read["key"]) == sorted(samples)
    for row in read:
        members = samples[row["key"]]
        record = json.loads(members["json"])
        assert row["image"].tobytes() == Image.open(io.BytesIO(members["jpg"])).tobytes()
        assert row["mask"].tobytes() == Image.open(io.BytesIO(members["mask.png"])).tobytes()
        assert row["caption"] == record["captions"][0]["text"]
        assert row["objects"] == [placed["name"] for placed in record["objects"]]
        assert {name: row[name] for name in columns(record)} == columns(record)


def test_the_readme_gives_configs_and_splits(scenes, out, tmp_path):
    for config, split in [("one", "alone"), ("two", "right_big"), ("twins", "order")]:
        read = load_dataset(str(out), config, split=split, cache_dir=str(tmp_path))
        _is_all_of(read, scenes, config, split)


def test_the_builder_by_name_reads_a_folder(scenes, out, tmp_path):
    read = load_dataset(
        "imagefolder", data_dir=str(out / "two" / "left_big"), cache_dir=str(tmp_path)
    )
    _is_all_of(read["train"], scenes, "two", "left_big")


def test_a_list_of_structs_becomes_a_column_a_field():
    assert columns(RECORD) == {
        "caption": "a cube and a mug",
        "key": "k",
        "objects": ["cube", "mug"],
        "objects_box": [[1, 2, 3, 4], [5, 6, 7, 8]],
        "captions": ["a cube and a mug"],
        "captions_order": [[0, 1]],
    }


def test_a_record_with_its_own_caption_keeps_it():
    mined = {"key": "k", "caption": "an ostrich"}
    assert columns(mined) == mined
