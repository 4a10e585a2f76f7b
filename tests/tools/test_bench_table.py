"""The table of ratios: verdicts, what a missing tool looks like, and the command that prints it."""

import json
import re
import sys

import pytest
from conftest import benchwright

from benchwright import api
from benchwright.bench import embedding, table
from benchwright.bench.machine import this_machine
from benchwright.bench.processes import measured
from benchwright.bench.publishing import compared, prepare
from benchwright.bench.rows import Row, Sizes, at_least, at_most, shown
from benchwright.bench.scenes import recipe_fields
from benchwright.cards.payload import payload
from benchwright.cards.places import place
from benchwright.cards.version import Version
from benchwright.cli import app
from benchwright.dataset import Dataset
from benchwright.errors import BenchwrightError


def _sizes(folder, **changed):
    usual = {
        "scenes": 20, "renders": 1, "pictures": 20, "millions": (0.01, 0.02), "published": 20,
        "rounds": 1, "peers": folder / "peers", "folder": folder,
    }  # fmt: skip
    return Sizes(**{**usual, **changed})


@pytest.mark.parametrize(
    ("aim", "value", "verdict"),
    [
        (at_least(0.9), 0.9, "yes"),
        (at_least(0.9), 0.89, "no"),
        (at_most(10), 10.0, "yes"),
        (at_most(10), 10.1, "no"),
        (at_most(10), None, "no"),
        (None, 3.0, ""),
    ],
)
def test_an_aim_is_met_up_to_its_bound_and_never_by_what_was_not_measured(aim, value, verdict):
    row = Row("what", value, "s", aim)
    assert row.verdict == verdict
    assert row.to_dict()["met"] == {"yes": True, "no": False, "": None}[verdict]
    assert row.measured == ("not measured" if value is None else f"{shown(value)} s")


@pytest.mark.parametrize(
    ("value", "text"),
    [(1501.4, "1,501"), (310.2, "310"), (67.63, "67.6"), (0.934, "0.93"), (0.0023, "0.0023"),
     (10.0, "10"), (0.0, "0")],
)  # fmt: skip
def test_numbers_have_the_digits_that_they_are_good_for(value, text):
    assert shown(value) == text


def test_the_command_prints_one_table_with_machine_versions_and_verdicts(tmp_path):
    ran = benchwright(
        "bench", "--only", "groups", "--millions", "0.02,0.01", "--folder", tmp_path, "--json"
    )
    assert ran.returncode == 0, ran.stderr
    found = json.loads(ran.stdout)
    assert re.fullmatch(r"\d{4}-\d\d-\d\d", found["machine"]["date"])
    assert found["machine"]["cores"] >= 1 and "duckdb" in found["machine"]["versions"]
    rows = {row["name"]: row for row in found["rows"]}
    assert list(rows) == [
        "groups: 10,000 rows",
        "groups: 20,000 rows",
        "groups: growth of time / of rows, 10,000 to 20,000",
        "groups: peak memory",
    ]
    assert rows["groups: peak memory"]["met"] is True
    assert rows["groups: 10,000 rows"]["met"] is None
    assert not list(tmp_path.iterdir())


def test_the_table_names_what_was_not_measured(capsys):
    rows = [Row("a / b", 0.95, "", at_least(0.9)), Row("c / d", None, "", at_most(2), "no d here")]
    table.show(this_machine(), rows)
    said = capsys.readouterr().err
    assert "1 of 2 aims met, 1 of 2 rows not measured" in said
    assert "c / d: no d here" in said


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (("--only", "scene"), '"scene" is measured (did you mean "scenes"?)'),
        (("--millions", "1,few"), '--millions: "1,few" is no list'),
        (("--millions", "0"), '--millions: "0" is no list'),
        (("--folder", "missing"), "--folder: missing is no folder"),
    ],
)
def test_a_mistaken_option_is_one_line(given, said):
    with pytest.raises(BenchwrightError, match=re.escape(said)):
        app(["bench", *given], standalone_mode=False)


def test_a_subject_that_fails_is_a_row_and_the_others_are_measured(monkeypatch, tmp_path):
    def failing(sizes):
        yield Row("first", 1.0)
        raise BenchwrightError("the disk is full")

    monkeypatch.setattr(table, "SUBJECTS", {"one": failing, "two": lambda _: iter([Row("x", 2.0)])})
    rows = list(table.measure(("one", "two"), _sizes(tmp_path)))
    assert [(row.name, row.value) for row in rows] == [
        ("one: first", 1.0), ("one: the rest", None), ("two: x", 2.0),
    ]  # fmt: skip
    assert rows[1].note == "the disk is full"


def test_a_peer_that_cannot_be_installed_is_said_in_its_rows(monkeypatch, tmp_path):
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    rows = list(embedding._beside_peer(tmp_path, _sizes(tmp_path)))
    assert [row.value for row in rows] == [None, None]
    assert all("clip-retrieval==2.45.0 cannot be installed" in row.note for row in rows)
    assert not (tmp_path / "peers" / "clip-retrieval" / ".installed").exists()


def test_a_process_is_measured_with_what_it_starts():
    busy = "import time\nwhile time.process_time() < 0.3: pass"
    script = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {busy!r}]); print(7)"
    used = measured([sys.executable, "-c", script])
    assert used.output == "7\n"
    assert used.cpu > 0.3 and used.wall > 0 and used.peak > 1
    with pytest.raises(BenchwrightError, match="ValueError: why"):
        measured([sys.executable, "-c", "raise ValueError('why')"])


def _check_publishing(folder, store):
    rows = list(compared(folder, store, rounds=1))
    assert [row.name for row in rows] == [
        "diff / sha256 alone", "verify --digests / sha256 alone", "verify / sha256 alone",
    ]  # fmt: skip
    assert all(row.value and "by CPU" in row.note for row in rows)


def test_publishing_is_compared_with_sha256_of_the_same_bytes(tmp_path):
    folder, store = tmp_path / "set", place(str(tmp_path / "store"))
    (tmp_path / "bench.json").write_text(json.dumps(recipe_fields(6)))
    api.build(tmp_path / "bench.json", folder, workers=1)
    files = payload(Dataset.open(folder), withheld=False).files
    store.create(private=False)
    version = Version.parse("1.0.0")
    store.release(version, store.commit(version, files, (), "", "a set"))
    _check_publishing(folder, tmp_path / "store")


@pytest.mark.slow
def test_publishing_is_prepared_by_the_commands_themselves(tmp_path):
    prepare(tmp_path / "set", tmp_path / "store", 20)
    _check_publishing(tmp_path / "set", tmp_path / "store")
