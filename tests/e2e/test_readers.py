"""What is written is what `datasets` and `webdataset` read."""

import json
import os
import subprocess
import sys

READ = """
import json, sys
from datasets import load_dataset
folder, *splits = sys.argv[1:]
for config, split in (one.split("/") for one in splits):
    read = load_dataset(folder, config, split=split)
    print(json.dumps({
        "features": read.features.to_dict(),
        "rows": [{"key": r["__key__"], "json": r["json"], "size": r["jpg"].size,
                  "mask": r["mask.png"].getextrema()} for r in read],
    }))
"""


def _read_by_datasets(folder, splits, cache) -> list[dict]:
    """What a process that knows nothing of us reads of each ``config/split``."""
    environment = {**os.environ, "HF_HOME": str(cache), "HF_HUB_OFFLINE": "1"}
    ran = subprocess.run(
        [sys.executable, "-c", READ, str(folder), *splits],
        env=environment, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert ran.returncode == 0, ran.stderr
    return [json.loads(line) for line in ran.stdout.splitlines()]


def test_datasets_loads_every_sample_with_the_declared_features(tiny_set, tmp_path):
    from datasets import Features

    from benchwright import record_schema
    from benchwright.dataset import Dataset

    declared = Features._from_yaml_list(record_schema.features()).to_dict()
    counts = Dataset.open(tiny_set).splits()
    told = _read_by_datasets(tiny_set, ["/".join(split) for split in counts], tmp_path)
    for read, count in zip(told, counts.values(), strict=True):
        assert len(read["rows"]) == count
        assert read["features"] == declared
        for row in read["rows"]:
            assert row["json"]["key"] == row["key"]
            assert row["size"] == [128, 128]
            assert row["mask"][1] <= len(row["json"]["objects"])
            record_schema.check(row["json"])


def test_webdataset_reads_every_sample(tiny_set):
    import webdataset as wds

    from benchwright.dataset import Dataset

    dataset = Dataset.open(tiny_set)
    urls = [str(tiny_set / shard.shard) for shard in dataset.shards]
    samples = list(wds.WebDataset(urls, shardshuffle=False).decode("pil"))
    assert len(samples) == sum(dataset.splits().values())
    for sample in samples:
        assert sample["jpg"].size == (128, 128)
        assert sample["json"]["key"] == sample["__key__"]


def test_captions_and_full_masks_of_a_record(tiny_set):
    import benchwright as bw
    from benchwright import shards
    from benchwright.dataset import Dataset
    from benchwright.record import SceneRecord

    dataset = Dataset.open(tiny_set)
    row = next(r for r in dataset.rows(dataset.shards[0].shard) if len(r.objects) == 2)
    blocks = shards.read_segment(tiny_set / row.shard, row.placement)
    record = SceneRecord.from_dict(json.loads(shards.members(blocks)[f"{row.key}.json"]))
    first, second = row.objects
    assert bw.captions(record, "bare", (1, 0)).text == f"{second} and {first}"
    masks = bw.full_masks(record)
    assert [int(mask.sum()) for mask in masks] == [o.full_area for o in record.objects]
