"""What is written is what `datasets` and `webdataset` read."""

import json
import os
import subprocess
import sys

import pytest
from conftest import benchwright


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    from conftest import TINY

    folder = tmp_path_factory.mktemp("readers")
    (folder / "tiny.yaml").write_text(TINY)
    ran = benchwright("build", folder / "tiny.yaml", "--out", folder / "set")
    assert ran.returncode == 0, ran.stderr
    return folder / "set"


READ = """
import json, sys
from datasets import load_dataset
folder, config, split = sys.argv[1:]
read = load_dataset(folder, config, split=split)
print(json.dumps({
    "features": read.features.to_dict(),
    "rows": [{"key": r["__key__"], "json": r["json"], "size": r["jpg"].size,
              "mask": r["mask.png"].getextrema()} for r in read],
}))
"""


def _read_by_datasets(folder, config, split, cache) -> dict:
    environment = {**os.environ, "HF_HOME": str(cache), "HF_HUB_OFFLINE": "1"}
    ran = subprocess.run(
        [sys.executable, "-c", READ, str(folder), config, split],
        env=environment, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert ran.returncode == 0, ran.stderr
    return json.loads(ran.stdout)


def test_datasets_loads_every_sample_with_the_declared_features(built, tmp_path):
    from datasets import Features

    from benchwright import record_schema
    from benchwright.dataset import Dataset

    declared = Features._from_yaml_list(record_schema.features()).to_dict()
    for (config, split), count in Dataset.open(built).splits().items():
        read = _read_by_datasets(built, config, split, tmp_path)
        assert len(read["rows"]) == count
        assert read["features"] == declared
        for row in read["rows"]:
            assert row["json"]["key"] == row["key"]
            assert row["size"] == [128, 128]
            assert row["mask"][1] <= len(row["json"]["objects"])
            record_schema.check(row["json"])


def test_webdataset_reads_every_sample(built):
    import webdataset as wds

    from benchwright.dataset import Dataset

    dataset = Dataset.open(built)
    urls = [str(built / shard.shard) for shard in dataset.shards]
    samples = list(wds.WebDataset(urls, shardshuffle=False).decode("pil"))
    assert len(samples) == sum(dataset.splits().values())
    for sample in samples:
        assert sample["jpg"].size == (128, 128)
        assert sample["json"]["key"] == sample["__key__"]


def test_captions_and_full_masks_of_a_record(built):
    import benchwright as bw
    from benchwright import shards
    from benchwright.dataset import Dataset
    from benchwright.record import SceneRecord

    dataset = Dataset.open(built)
    row = next(r for r in dataset.rows(dataset.shards[0].shard) if len(r.objects) == 2)
    blocks = shards.read_segment(built / row.shard, row.placement)
    record = SceneRecord.from_dict(json.loads(shards.members(blocks)[f"{row.key}.json"]))
    first, second = row.objects
    assert bw.captions(record, "bare", (1, 0)).text == f"{second} and {first}"
    masks = bw.full_masks(record)
    assert [int(mask.sum()) for mask in masks] == [o.full_area for o in record.objects]
