"""`datasets` reads the Parquet export with the features the dataset declares."""

import json

import pyarrow.parquet as pq
import pytest
from datasets import Features, Image, load_dataset
from export_sets import mined_set, samples_of, scene_set

from benchwright import record_schema
from benchwright.cards.exports import export, parquet


@pytest.fixture(scope="module")
def scenes(tmp_path_factory):
    return scene_set(tmp_path_factory.mktemp("scenes"))


def _is_all_of(read, scenes, config, split):
    declared = Features._from_yaml_list(record_schema.features())
    pictures = {"image": Image(), "mask": Image()}
    assert read.features == Features({**pictures, **declared["json"]})
    samples = samples_of(scenes, config, split)
    assert sorted(read["key"]) == sorted(samples)
    raw = read.cast_column("image", Image(decode=False)).cast_column("mask", Image(decode=False))
    for row in raw:
        members = samples[row["key"]]
        image, mask = row.pop("image"), row.pop("mask")
        assert image == {"bytes": members["jpg"], "path": f"{row['key']}.jpg"}
        assert mask == {"bytes": members["mask.png"], "path": f"{row['key']}.mask.png"}
        assert row == json.loads(members["json"])
    assert read[0]["image"].size == (96, 96)


def test_the_readme_gives_configs_and_splits(scenes, tmp_path):
    out = export(scenes, "parquet", tmp_path / "out").out
    for config, split in [("one", "alone"), ("two", "left_big"), ("twins", "ground")]:
        read = load_dataset(str(out), config, split=split, cache_dir=str(tmp_path / "cache"))
        _is_all_of(read, scenes, config, split)


def test_the_builder_by_name_reads_a_file_with_its_features(scenes, tmp_path):
    out = export(scenes, "parquet", tmp_path / "out", "five").out
    file = str(out / "five" / "middle_big-00000.parquet")
    read = load_dataset("parquet", data_files=file, split="train", cache_dir=str(tmp_path / "c"))
    _is_all_of(read, scenes, "five", "middle_big")


def test_files_and_row_groups_are_bounded_and_lose_nothing(scenes, tmp_path, monkeypatch):
    samples = samples_of(scenes, "two", "left_big")
    size = sum(len(body["jpg"]) + len(body["mask.png"]) for body in samples.values())
    monkeypatch.setattr(parquet, "FILE_BYTES", size // 2)
    monkeypatch.setattr(parquet, "GROUP_ROWS", 4)
    out = export(scenes, "parquet", tmp_path / "out", "two", "left_big").out
    files = sorted((out / "two").iterdir())
    assert [file.name for file in files] == ["left_big-00000.parquet", "left_big-00001.parquet"]
    groups = [pq.ParquetFile(file).metadata for file in files]
    assert all(m.row_group(i).num_rows <= 4 for m in groups for i in range(m.num_row_groups))
    read = load_dataset(str(out), "two", split="left_big", cache_dir=str(tmp_path / "cache"))
    _is_all_of(read, scenes, "two", "left_big")


def test_types_come_from_the_card_and_not_from_the_first_values(tmp_path):
    out = export(mined_set(tmp_path / "mined"), "parquet").out
    read = load_dataset(str(out), "web", split="common", cache_dir=str(tmp_path / "cache"))
    assert read.features["score"].dtype == "float32"
    assert read["score"] == [0.0, 0.5, 1.0]
    assert "mask" not in read.features
