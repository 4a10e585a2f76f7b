"""Writing a mined set: the same samples give the same bytes, whatever happens on the way."""

import json
import os
import random
import signal
import subprocess
import sys
import time
from dataclasses import replace

import pytest
from conftest import contents
from found_images import CLASSES
from mined_set import RECIPE, REJECTS, facts, mined_set, samples, written

import benchwright as bw
from benchwright import rejects
from benchwright.curation.mined.readers import FolderReader
from benchwright.curation.mined.writing import Sample, write
from benchwright.dataset import Dataset
from benchwright.errors import BenchwrightError, DatasetError, RecordError
from benchwright.mined_record import MinedRecord


@pytest.fixture
def images(tmp_path):
    return tmp_path / "images"


def test_a_written_set_is_sound_and_counts_what_it_looked_at(tmp_path):
    folder = mined_set(tmp_path)
    assert bw.verify(folder, workers=1).problems == ()
    build = json.loads((folder / "build.json").read_text())
    assert build["looked_at"] == 18 + 3
    assert build["rejected"] == {"class without a confirmed pair": 1, "too small": 2}
    assert build["classes"][1] == {"name": "bulbul", "id": "16"}
    assert Dataset.open(folder).splits() == {
        ("counteranimal", "common"): 9, ("counteranimal", "counter"): 9,
    }  # fmt: skip


def test_order_and_workers_do_not_matter(tmp_path, images):
    of = samples(images)
    first = written(tmp_path / "one", images, of)
    shuffled = random.Random(0).sample(of, len(of))
    write(tmp_path / "two", RECIPE, shuffled, FolderReader(images), rejects.table(REJECTS[::-1]),
          facts(of, len(REJECTS)), workers=2)  # fmt: skip
    assert contents(tmp_path / "one") == contents(tmp_path / "two")
    assert (first.kept, first.written) == (0, 18)


def test_writing_again_keeps_every_shard(tmp_path, images):
    of = samples(images)
    written(tmp_path / "set", images, of)
    before = contents(tmp_path / "set")
    again = written(tmp_path / "set", images, of)
    assert (again.kept, again.written) == (18, 0)
    assert contents(tmp_path / "set") == before


def test_a_class_appended_adds_shards_and_leaves_the_others_alone(tmp_path, images):
    written(tmp_path / "set", images, samples(images))
    before = contents(tmp_path / "set")
    grown = (*CLASSES, (400, "emu", ("ground", "sky")))
    report = written(tmp_path / "set", images, samples(images, classes=grown), grown)
    after = contents(tmp_path / "set")
    tars = {name for name in before if name.endswith(".tar")}
    assert {name: after[name] for name in tars} == {name: before[name] for name in tars}
    assert {name for name in after if name.endswith(".tar")} - tars == {
        "counteranimal/common-00300.tar", "counteranimal/counter-00300.tar",
    }  # fmt: skip
    assert (report.kept, report.written) == (18, 6)
    assert bw.verify(tmp_path / "set", workers=1).problems == ()


def test_a_class_that_grows_renames_no_other_shards(tmp_path, images):
    of = samples(images, a_group=4)
    fewer = [s for s in of if not (s.record.label == 0 and s.at.endswith(("2.jpg", "3.jpg")))]
    written(tmp_path / "set", images, fewer, shard_size=2)
    before = contents(tmp_path / "set")
    written(tmp_path / "set", images, of, shard_size=2)
    after = contents(tmp_path / "set")
    others = {n for n in before if n.endswith(".tar") and "-000" not in n}
    assert len(others) == 8
    assert all(after[name] == before[name] for name in others)


def test_a_class_that_goes_takes_its_shards_with_it(tmp_path, images):
    of = samples(images)
    written(tmp_path / "set", images, of)
    written(tmp_path / "set", images, [s for s in of if s.record.label != 1])
    assert not list((tmp_path / "set" / "counteranimal").glob("*-00100.tar"))
    assert bw.verify(tmp_path / "set", workers=1).problems == ()


def test_shards_are_cut_by_class_and_sorted_by_key(tmp_path, images):
    written(tmp_path / "set", images, samples(images, a_group=5), shard_size=2)
    dataset = Dataset.open(tmp_path / "set")
    names = [shard.shard for shard in dataset.shards if shard.split == "common"]
    assert names == [
        f"counteranimal/common-{label * 100 + part:05d}.tar"
        for label in range(3)
        for part in range(3)
    ]
    for label in range(3):
        of_class = [dataset.rows(name) for name in names[3 * label : 3 * label + 3]]
        keys = [row.key for rows in of_class for row in rows]
        assert keys == sorted(keys)
        assert {row.objects for rows in of_class for row in rows} == {(CLASSES[label][1],)}


def _refused(tmp_path, images, of, **changes):
    with pytest.raises(BenchwrightError) as caught:
        written(tmp_path / "set", images, of, **changes)
    assert not (tmp_path / "set" / "shards.parquet").exists()
    return caught


def test_counts_that_do_not_add_up_are_refused(tmp_path, images):
    caught = _refused(tmp_path, images, samples(images), looked_at=100)
    assert "something was lost" in str(caught.value)


def test_nothing_left_names_the_reasons(tmp_path, images):
    caught = _refused(tmp_path, images, [])
    assert "no image is left of 3: 2 too small, 1 class without a confirmed pair" in str(
        caught.value
    )


def test_one_image_twice_is_refused(tmp_path, images):
    of = samples(images)
    other = replace(of[1].record, key=of[0].record.key, group="counter")
    caught = _refused(tmp_path, images, [*of, Sample(other, "copy.jpg")])
    assert "copy.jpg are one image" in str(caught.value)


def test_a_label_that_is_not_its_class_is_refused(tmp_path, images):
    of = samples(images)
    caught = _refused(tmp_path, images, [replace(of[0], record=replace(of[0].record, label=2))])
    assert 'label 2 is not the number of class "ostrich"' in str(caught.value)


@pytest.mark.parametrize("field", ["creator", "subject_scale", "background_margin"])
def test_a_record_that_does_not_fit_is_refused(tmp_path, images, field):
    of = samples(images)
    bad = replace(of[0].record, **{field: None})
    caught = _refused(tmp_path, images, [replace(of[0], record=bad)])
    assert isinstance(caught.value, RecordError)
    assert field in str(caught.value)


def test_an_image_that_changed_since_it_was_looked_at_is_refused(tmp_path, images):
    of = samples(images)
    (images / of[0].at).write_bytes((images / of[1].at).read_bytes())
    caught = _refused(tmp_path, images, of)
    assert "has changed since it was looked at" in str(caught.value)


def test_a_class_of_too_many_shards_says_what_to_do(tmp_path, images, monkeypatch):
    monkeypatch.setattr("benchwright.curation.mined.plans.SHARDS_A_CLASS", 2)
    caught = _refused(tmp_path, images, samples(images), shard_size=1)
    assert "raise shard_size" in str(caught.value)


def test_a_folder_of_scenes_is_not_written_over(tmp_path, images, tiny):
    bw.build(tiny, tmp_path / "set", overrides=["limit=1", "twins=null"], workers=1)
    with pytest.raises(DatasetError, match='another kind \\("scenes", not "mined"\\)'):
        written(tmp_path / "set", images, samples(images))


def test_scenes_are_not_built_over_a_mined_set(tmp_path, tiny):
    folder = mined_set(tmp_path)
    before = contents(folder)
    with pytest.raises(DatasetError, match='another kind \\("mined", not "scenes"\\)'):
        bw.build(tiny, folder, overrides=["limit=1", "twins=null"], workers=1)
    assert contents(folder) == before


SLOW = """
import sys, time
from pathlib import Path
from mined_set import *

class Slow(FolderReader):
    def __call__(self, at):
        time.sleep(0.02)
        return super().__call__(at)

folder, images = Path(sys.argv[1]), Path(sys.argv[2])
of = samples(images, a_group=6)
write(folder, RECIPE, of, Slow(images), rejects.table(REJECTS), facts(of, 3, shard_size=2), 1)
"""


def test_killed_anywhere_it_goes_on_and_ends_the_same(tmp_path, images):
    of = samples(images, a_group=6)
    written(tmp_path / "whole", images, of, shard_size=2)
    path = os.pathsep.join(sys.path)
    script = tmp_path / "slow.py"
    script.write_text(SLOW)
    run = subprocess.Popen(
        [sys.executable, script, tmp_path / "set", images], env={**os.environ, "PYTHONPATH": path}
    )
    staged = tmp_path / "set" / ".build"
    until = time.monotonic() + 60
    while run.poll() is None and time.monotonic() < until:
        if len(list(staged.glob("*.json"))) >= 3:
            break
        time.sleep(0.01)
    run.send_signal(signal.SIGKILL)
    run.wait()
    assert not (tmp_path / "set" / "shards.parquet").exists()
    report = written(tmp_path / "set", images, of, shard_size=2)
    assert report.kept >= 6
    assert contents(tmp_path / "set") == contents(tmp_path / "whole")


def test_a_record_is_what_its_json_says():
    record = MinedRecord("0" * 16, "ostrich", "folder", 0, 1, 1, "f" * 64)
    assert MinedRecord.from_dict(json.loads(json.dumps(record.to_dict()))) == record
    assert list(record.to_dict())[:2] == ["key", "class"]
