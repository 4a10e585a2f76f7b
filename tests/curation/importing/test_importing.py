"""Importing the originals' folders: sound sets, every file accounted for."""

import json
import os
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from conftest import contents
from found_images import comco, counteranimal, encoded

import benchwright as bw
from benchwright import rejects
from benchwright.dataset import Dataset
from benchwright.errors import DatasetError, RecipeError
from benchwright.imported_record import ImportedRecord
from benchwright.sample_kinds import IMPORTED, MINED, kind_of
from benchwright.samples import records

LICENCE = ("licence=cc-by-4.0", "image_licence=cc-by-4.0")


@pytest.fixture
def original(tmp_path) -> Path:
    return counteranimal(tmp_path / "original")


def _imported(layout, folder, out, *settings):
    return bw.import_(layout, folder, out, (*LICENCE, *settings), workers=1)


def test_counteranimal_becomes_a_sound_mined_set(original, tmp_path):
    report = _imported("counteranimal", original, tmp_path / "set")
    assert bw.verify(tmp_path / "set", workers=1).problems == ()
    assert report.dataset.splits() == {
        ("counteranimal", "common"): 12, ("counteranimal", "counter"): 12,
    }  # fmt: skip
    kind = kind_of(report.dataset)
    assert (kind.name, kind.picture) == ("mined", "jpg")
    assert [(label.id, label.name) for label in kind.labels] == [
        ("9", "ostrich"), ("16", "bulbul"), ("296", "ice bear"),
    ]  # fmt: skip
    rows = records(report.dataset, kind).to_pylist()
    assert {(r["class"], r["group"], r["background"]) for r in rows} == {
        ("ostrich", "common", "ground"), ("ostrich", "counter", "water"),
        ("bulbul", "common", "sky"), ("bulbul", "counter", "grass"),
        ("ice bear", "common", "snow"), ("ice bear", "counter", "ground"),
    }  # fmt: skip
    assert {r["class_source"] for r in rows} == {"folder"}
    paths = {r["source"]["uid"] for r in rows}
    assert paths == {p.relative_to(original).as_posix() for p in original.rglob("*.jpg")}


def test_the_images_are_the_originals_bytes(original, tmp_path):
    _imported("counteranimal", original, tmp_path / "set")
    bw.export(tmp_path / "set", "counteranimal", tmp_path / "back")
    there = sorted(p.read_bytes() for p in original.rglob("*.jpg"))
    assert sorted(p.read_bytes() for p in (tmp_path / "back").rglob("*.jpg")) == there
    folders = {p.relative_to(tmp_path / "back").as_posix() for p in tmp_path.glob("back/*/*")}
    assert folders == {p.relative_to(original).as_posix() for p in original.glob("*/*")}


def test_the_same_folder_gives_the_same_bytes(original, tmp_path):
    _imported("counteranimal", original, tmp_path / "one")
    bw.import_("counteranimal", original, tmp_path / "two", LICENCE, workers=2)
    again = _imported("counteranimal", original, tmp_path / "one")
    assert contents(tmp_path / "one") == contents(tmp_path / "two")
    assert (again.kept, again.written) == (24, 0)


def test_odd_files_are_left_out_with_the_reason_and_nothing_is_lost(original, tmp_path):
    common = original / "9 ostrich" / "common-ground"
    (common / "page.jpg").write_text("<html>gone</html>")
    (common / "cut.jpg").write_bytes((common / "0.jpg").read_bytes()[:400])
    (common / "notes.txt").write_text("a list")
    (common / "link.jpg").symlink_to(common / "0.jpg")
    (common / "alpha.png").write_bytes(encoded(900, "PNG"))
    (original / "16 bulbul" / "common-sky" / "again.jpg").write_bytes(
        (common / "1.jpg").read_bytes()
    )
    hostile = original / "12 <img onerror=x>" / "common-..`"
    hostile.mkdir(parents=True)
    (hostile / "1.jpg").write_bytes(encoded(901))
    (original / "stray.jpg").write_bytes(encoded(902))
    report = _imported("counteranimal", original, tmp_path / "set")
    assert report.rejected == {
        "not a whole image": 3, "sample without an image": 1,
        "same image as an earlier sample": 1, "place in the folder says nothing": 2,
    }  # fmt: skip
    files = sum(path.is_file() for path in original.rglob("*"))
    assert sum(report.dataset.splits().values()) + sum(report.rejected.values()) == files
    table = rejects.read(tmp_path / "set").to_pylist()
    again = next(row for row in table if row["reason"].startswith("same image"))
    assert (again["shard"], again["key"]) == ("9 ostrich/common-ground", "1.jpg")
    assert again["detail"] == "16 bulbul/common-sky/again.jpg"
    assert bw.verify(tmp_path / "set", workers=1).problems == ()


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_file_that_may_not_be_read_is_left_out(original, tmp_path):
    (original / "9 ostrich" / "common-ground" / "0.jpg").chmod(0)
    report = _imported("counteranimal", original, tmp_path / "set")
    assert report.rejected == {"sample without an image": 1}


def test_names_that_are_not_unicode_are_left_out(original, tmp_path):
    folder = os.fsencode(original) + b"/9 \xff\xfe/common-ground"
    os.makedirs(folder)  # noqa: PTH103
    with open(folder + b"/1.jpg", "wb") as file:  # noqa: PTH123
        file.write(encoded(903))
    report = _imported("counteranimal", original, tmp_path / "set")
    assert report.rejected == {"place in the folder says nothing": 1}


def test_withdrawn_images_are_left_out_for_their_reason(original, tmp_path):
    first = _imported("counteranimal", original, tmp_path / "one")
    row = first.dataset.rows(first.dataset.shards[0].shard)[0]
    withdrawn = f'withdrawn=[{{key: "{row.key}", why: "a person is seen"}}]'
    report = _imported("counteranimal", original, tmp_path / "two", withdrawn)
    assert report.rejected == {"rejected by a reviewer": 1}
    assert row.key not in records(report.dataset, kind_of(report.dataset))["key"].to_pylist()


def test_comco_becomes_a_set_of_named_objects(tmp_path):
    report = _imported("comco", comco(tmp_path / "original"), tmp_path / "set")
    assert bw.verify(tmp_path / "set", workers=1).problems == ()
    kind = kind_of(report.dataset)
    assert (kind.name, kind.picture, kind.members) == ("imported", "png", ("png", "json"))
    assert report.dataset.splits() == {
        ("2_objects", "left_big"): 4, ("3_objects", "same_size"): 2, ("comco", "odd"): 1,
    }  # fmt: skip
    rows = records(report.dataset, kind).to_pylist()
    by_name = {row["source"]["uid"].rpartition("/")[2]: row for row in rows}
    mended = by_name["motor_ski.png"]
    assert mended["objects"] == [
        {"name": "motorcycle", "slot": 0, "size": "large"},
        {"name": "skis", "slot": 1, "size": "small"},
    ]
    assert mended["captions"][0]["text"] == "motorcycle and skis"
    assert [o["size"] for o in by_name["dog_axe_car.png"]["objects"]] == ["", "", ""]
    record = {k: v for k, v in mended.items() if k not in ("config", "split")}
    assert json.loads(json.dumps(ImportedRecord.from_dict(record).to_dict())) == record


def test_what_is_no_png_makes_the_whole_set_jpeg(tmp_path):
    original = comco(tmp_path / "original")
    (original / "odd" / "axe.jpg").write_bytes(encoded(950))
    report = _imported("comco", original, tmp_path / "set")
    assert kind_of(report.dataset).picture == "jpg"
    rows = records(report.dataset, kind_of(report.dataset))
    assert sum(key == digest[:16] for key, digest in zip(
        rows["key"].to_pylist(), rows["sha256"].to_pylist(), strict=True)) == 1  # fmt: skip
    assert bw.verify(tmp_path / "set", workers=1).problems == ()


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        (("name=Not a name",), "name"), (("layout=comco",), "not settings"),
        (("qualty=3",), 'did you mean "quality"'), (("kind=scenes",), ""),
    ],
)  # fmt: skip
def test_a_wrong_setting_is_one_line(original, tmp_path, settings, words):
    with pytest.raises(RecipeError) as caught:
        _imported("counteranimal", original, tmp_path / "set", *settings)
    assert words in str(caught.value) and "\n" not in str(caught.value)
    assert not (tmp_path / "set").exists()


@pytest.mark.parametrize(
    ("layout", "folder", "out", "error", "words"),
    [
        ("counteranimals", "original", "set", RecipeError, 'did you mean "counteranimal"'),
        ("counteranimal", "nowhere", "set", DatasetError, "no such folder"),
        ("counteranimal", "empty", "set", DatasetError, "no image is left of 0"),
        ("simco", "original", "set", DatasetError, "24 place in the folder says nothing"),
        ("counteranimal", "original", "original/set", DatasetError, "inside the folder to import"),
        ("counteranimal", "original", "taken", DatasetError, "holds other files"),
    ],
)
def test_what_cannot_be_imported_is_one_line(original, tmp_path, layout, folder, out, error, words):
    (tmp_path / "empty").mkdir()
    (tmp_path / "taken").mkdir()
    (tmp_path / "taken" / "mine.txt").write_text("mine")
    with pytest.raises(error) as caught:
        _imported(layout, tmp_path / folder, tmp_path / out)
    assert words in str(caught.value) and "\n" not in str(caught.value)


def test_one_class_of_two_numbers_is_refused(original, tmp_path):
    other = original / "10 ostrich" / "common-sand"
    other.mkdir(parents=True)
    (other / "1.jpg").write_bytes(encoded(960))
    with pytest.raises(DatasetError, match="two numbers"):
        _imported("counteranimal", original, tmp_path / "set")


def test_references_hold_addresses_and_whole_records(original, tmp_path):
    _imported("counteranimal", original, tmp_path / "set", "payload=references")
    bw.card(tmp_path / "set")
    assert bw.lint(tmp_path / "set") == []
    table = pq.read_table(tmp_path / "set" / "references/counteranimal/common-00000.parquet")
    assert table.num_rows == 12
    dataset = Dataset.open(tmp_path / "set")
    held = records(dataset, kind_of(dataset)).to_pylist()
    assert table.column_names[-2:] == ["url", "json"]
    assert table["json"].type == MINED.record != IMPORTED.record
    keys = [row["key"] for row in table["json"].to_pylist()]
    assert keys == table["key"].to_pylist()
    assert set(keys) == {row["key"] for row in held if row["split"] == "common"}
