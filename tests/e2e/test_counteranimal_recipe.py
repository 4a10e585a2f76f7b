"""The shipped recipe `counteranimal` on iNaturalist's tables: from addresses to a set, and back."""

import json
from collections import Counter

import pyarrow.parquet as pq
import pytest
from conftest import benchwright
from open_photographs import CLASSES, LICENCES, TAXA, open_data, write_tables

import benchwright as bw
from benchwright import group_table, rejects
from benchwright.curation.download.folder import DownloadFolder
from benchwright.curation.download.inaturalist import PhotoChoice, choose
from benchwright.curation.download.planning import prepared
from benchwright.curation.download.tables import open_tables
from benchwright.curation.labelling.classes import classes
from benchwright.dataset import Dataset, read_json
from benchwright.errors import DatasetError
from benchwright.mined_findings import Findings
from benchwright.recipe_file import load_any

BACKGROUNDS = ("rock", "sand", "snow")
COUNTS = {(name, background): 70 for name in TAXA for background in BACKGROUNDS}


def _settings(world, tables):
    """What a user changes to mine these tables with the models that are shipped."""
    settings = {
        "source.inaturalist": tables, "source.photos": world.base,
        "source.allow_private": "[loopback]", "classes": tables.parent / "classes.yaml",
        "labels": "objects", "backgrounds": f"[{', '.join(BACKGROUNDS)}]",
        "models.probe": "calibration/planted", "models.judge": "calibration/unbiased",
        "models.others": "[]", "label.class_probability": 0.2, "groups.minimum": 20,
    }  # fmt: skip
    return [f"{name}={value}" for name, value in settings.items()]


def _said(ran):
    assert ran.returncode == 0, ran.stderr
    return json.loads(ran.stdout)


def test_without_tables_it_says_where_they_are_to_be_had(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(DatasetError, match=r"inaturalist: no such folder.*source\.inaturalist="):
        bw.mine("counteranimal", tmp_path / "set")
    (tmp_path / "inaturalist").mkdir()
    with pytest.raises(DatasetError, match=r"taxa\.csv\.gz is missing.*publishes it at https://"):
        bw.mine("counteranimal", tmp_path / "set")


def test_every_class_of_the_recipe_is_a_taxon():
    entries = classes("counteranimal").entries
    assert len(entries) == 45
    assert [entry.name for entry in entries if not entry.words.taxon] == []


def test_a_download_carries_the_field_that_the_recipe_takes_classes_from(tmp_path):
    write_tables(tmp_path / "tables", [(name, "rock") for name in TAXA], observers=2)
    (tmp_path / "classes.yaml").write_text(CLASSES)
    words = [entry.words for entry in classes(str(tmp_path / "classes.yaml")).entries]
    folder = DownloadFolder(tmp_path / "shards")
    table = open_tables([str(choose(tmp_path / "tables", folder, words, PhotoChoice()).path)], {})
    with folder.locked():
        plan = prepared(folder, table, words, None, 512, filtered=False)
    label = load_any("counteranimal").label
    assert label.class_from == "metadata" and label.class_field in plan.columns
    queued = pq.read_table(folder.queue)
    assert sorted(queued[label.class_field].to_pylist()) == [[name] for name in sorted(TAXA)]


@pytest.fixture(scope="module")
def world(tmp_path_factory):
    """Tables, photographs, and the set that was mined of them."""
    home = tmp_path_factory.mktemp("animals")
    (home / "classes.yaml").write_text(CLASSES)
    with open_data(home / "tables", COUNTS) as served:
        changes = [word for one in _settings(served, home / "tables") for word in ("--set", one)]
        said = _said(benchwright("mine", "counteranimal", "--out", home / "set", *changes,
                                 "--workers", 1, "--json"))  # fmt: skip
        _said_card = benchwright("card", home / "set")
        assert _said_card.returncode == 0, _said_card.stderr
        yield served, home, said


@pytest.mark.slow
def test_the_recipe_runs_to_its_first_network_call(tmp_path):
    with open_data(tmp_path / "tables", {("zebra", "rock"): 2}) as served:
        base = served.base
    (tmp_path / "classes.yaml").write_text(CLASSES)
    settings = ["source.inaturalist=" + str(tmp_path / "tables"), f"source.photos={base}",
                "source.allow_private=[loopback]", f"classes={tmp_path / 'classes.yaml'}",
                "labels=objects"]  # fmt: skip
    changes = [word for one in settings for word in ("--set", one)]
    for _ in range(2):  # run again, it asks again: nothing of the first try stands in the way
        ran = benchwright("mine", "counteranimal", "--out", tmp_path / "set", *changes)
        assert ran.returncode == 2
        last = ran.stderr.strip().splitlines()[-1]
        assert "none of 2 rows gave an image (2 connection refused)" in last, ran.stderr


@pytest.mark.slow
def test_every_photograph_is_accounted_for(world):
    _, home, said = world
    steps = {step["step"]: step for step in said["steps"]}
    assert steps["download"]["kept"] == sum(COUNTS.values())
    for step in steps.values():
        assert step["taken"] == step["kept"] + sum(step["reasons"].values())
    held = sum(Dataset.open(home / "set").splits().values())
    assert held + rejects.read(home / "set").num_rows == sum(COUNTS.values())


@pytest.mark.slow
def test_what_was_planted_is_confirmed_and_the_set_is_sound(world):
    _, home, _ = world
    rows = {row.cls: row for row in group_table.read(home / "set")}
    assert rows["zebra"].confirmed and rows["zebra"].common == "rock"
    assert rows["giraffe"].confirmed and rows["giraffe"].counter == "snow"
    assert bw.verify(home / "set", workers=1).problems == ()
    assert bw.lint(home / "set") == []


@pytest.mark.slow
def test_photographers_are_credited_and_never_on_both_halves(world):
    served, home, _ = world
    tables = sorted((home / "set" / "references" / "counteranimal").glob("*.parquet"))
    lines = [record for table in tables for record in pq.read_table(table)["json"].to_pylist()]
    assert {line["licence"] for line in lines} <= {"cc-by-4.0", "cc0-1.0", "cc-by-nc-4.0"}
    assert len(LICENCES) == len({line["licence"] for line in lines})
    assert all(line["creator"].startswith('Person "') for line in lines)
    assert all(line["source"]["url"].startswith(served.base) for line in lines)
    assert all(line["source"]["uid"].startswith("uuid-") for line in lines)
    halves = Counter((line["cluster"], line["half"]) for line in lines)
    assert len({cluster for cluster, _ in halves}) == len(halves)


@pytest.mark.slow
def test_the_card_tells_of_stability_and_matched_drops(world):
    _, home, _ = world
    text = (home / "set" / "README.md").read_text("utf-8")
    for words in ("### Stability", "calibration/planted, openai", "1 vs 20", "### Matched Drops",
                  "--resize 512", "cc-by-nc-4.0", "The images are withheld"):  # fmt: skip
        assert words in text
    found = Findings.of(read_json(home / "set" / "build.json"))
    assert set(found.stability) == {row.cls for row in group_table.read(home / "set")}
    assert found.judge is None and found.review is None  # nobody knows, nobody looked


@pytest.mark.slow
def test_the_published_references_are_downloaded_and_built_again(world, tmp_path):
    served, home, _ = world
    bw.publish(home / "set", f"{tmp_path}/store", "1.0.0", workers=1)
    bw.pull(f"{tmp_path}/store@1.0.0", tmp_path / "pulled")
    assert not list((tmp_path / "pulled").rglob("*.tar"))
    whole = _rebuilt(tmp_path, "whole")
    assert (whole["same"], whole["changed"], whole["gone"]) == (True, 0, {})
    assert whole["dataset_sha256"] == Dataset.open(home / "set").digest

    table = pq.read_table(tmp_path / "pulled/references/counteranimal/counter-00000.parquet")
    paths = [url.removeprefix(served.base.removesuffix("/photos")) for url in
             table["url"].to_pylist()[:4]]  # fmt: skip
    other = served.files[next(path for path in served.files if path not in paths)]
    served.fates = {paths[0]: 404, paths[1]: 410, paths[2]: 403, paths[3]: other}
    some = _rebuilt(tmp_path, "some")
    served.fates = {}
    assert (some["same"], some["changed"]) == (False, 1)
    assert some["gone"] == {"not found": 2, "forbidden": 1}
    assert sum(some["samples"].values()) == some["wanted"] - 4
    assert bw.verify(tmp_path / "some", workers=1).problems == ()
    counted = rejects.by_reason(rejects.read(tmp_path / "some"))
    assert counted["another image by now"] == 1 and counted["not found"] == 2


def _rebuilt(folder, name):
    """Fetch all references and build the set again, as the card says; what the command says."""
    tables = sorted((folder / "pulled" / "references" / "counteranimal").glob("*.parquet"))
    fetched = folder / f"fetched-{name}"
    _said(benchwright("download", *tables, "--resize", 512, "--out", fetched, "--processes", 1,
                      "--allow-private", "loopback", "--json"))  # fmt: skip
    return _said(benchwright("import", "references", folder / "pulled", "--downloads", fetched,
                             "--out", folder / name, "--workers", 1, "--json"))  # fmt: skip
