"""Kinds of samples: what a folder says it holds, and what its card then declares."""

import json

import pyarrow as pa
import pytest
from mined_set import mined_set

import benchwright as bw
from benchwright import record_schema
from benchwright.dataset import Dataset
from benchwright.errors import DatasetError
from benchwright.mined_record import MINED as MINED_RECORD
from benchwright.mined_record import MinedRecord
from benchwright.sample_kinds import CAPTIONS, IMPORTED, MINED, SCENES, kind_of


@pytest.fixture
def folder(tmp_path):
    return mined_set(tmp_path)


def test_every_kind_declares_its_record_as_datasets_reads_it():
    from datasets import ClassLabel, Features

    from benchwright.sample_kinds import Label

    for kind in (SCENES, MINED, IMPORTED):
        declared = Features._from_yaml_list(kind.features())
        assert pa.struct(list(Features(declared["json"]).arrow_schema)) == kind.record
    labelled = MINED.__class__("mined", "image", "jpg", ("cls", "json"), MINED.record,
                               (Label("ice bear"), Label("yes")))  # fmt: skip
    names = Features._from_yaml_list(labelled.features())["cls"]
    assert names == ClassLabel(names=["ice bear", "yes"])


def test_scenes_are_declared_as_ever():
    assert SCENES.features() == record_schema.features()
    assert SCENES.members == ("jpg", "json", "mask.png")


def test_a_record_has_exactly_the_declared_fields():
    record = MinedRecord("0" * 16, "ostrich", "folder", 0, 1, 1, "f" * 64)
    record_schema.check(record.to_dict(), MINED_RECORD)
    assert list(record.to_dict()) == [field.name for field in MINED_RECORD]


def test_a_bool_is_no_number_and_a_number_no_bool():
    record = MinedRecord("0" * 16, "ostrich", "folder", 0, 1, 1, "f" * 64).to_dict()
    for value in (1, "yes", None):
        record["probe"] = {**record["probe"], "correct": value}
        with pytest.raises(Exception, match=r"record\.probe\.correct: expected bool"):
            record_schema.check(record, MINED_RECORD)


def test_a_folder_says_its_kind(folder, tmp_path, tiny):
    kind = kind_of(Dataset.open(folder))
    assert (kind.name, kind.picture, kind.classes) == (
        "mined", "jpg", ("ostrich", "bulbul", "ice bear"),
    )  # fmt: skip
    bw.build(tiny, tmp_path / "scenes", overrides=["limit=1", "twins=null"], workers=1)
    assert kind_of(Dataset.open(tmp_path / "scenes")) is SCENES
    bw.build("simco-text", tmp_path / "text", overrides=["limit=1"], workers=1)
    assert kind_of(Dataset.open(tmp_path / "text")) is CAPTIONS


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"kind": "dreams"}, 'no samples of kind "dreams"'),
        ({"picture": "exe"}, "picture is not jpg or png"),
        ({"classes": None}, "no list of name and id"),
        ({"classes": ["ostrich"]}, "no list of name and id"),
        ({"classes": [{"name": "a", "id": ""}] * 2}, "is there twice"),
    ],
)
def test_a_kind_that_is_not_known_is_one_line(folder, change, words):
    facts = json.loads((folder / "build.json").read_text())
    (folder / "build.json").write_text(json.dumps({**facts, **change}))
    with pytest.raises(DatasetError) as caught:
        kind_of(Dataset.open(folder))
    assert words in str(caught.value) and "\n" not in str(caught.value)
