"""References: the tables that are published where images are withheld."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from built_set import carded, withheld  # noqa: F401
from conftest import benchwright, contents

from benchwright import references
from benchwright.cards import card
from benchwright.cards.facts import Facts
from benchwright.cards.lint import lint

LOAD = """
import json, sys
from datasets import load_dataset
loaded = load_dataset(sys.argv[1], "two", split="left_big")
print(json.dumps([loaded.column_names, list(loaded)]))
"""


@pytest.fixture
def copy(withheld, tmp_path):  # noqa: F811
    return Path(shutil.copytree(withheld, tmp_path / "set"))


def test_every_sample_is_named_with_its_digest(withheld):  # noqa: F811
    manifest = Facts.read(withheld).manifest.to_pylist()
    tables = sorted((withheld / "references").glob("*/*.parquet"))
    rows = [row for table in tables for row in pq.read_table(table).to_pylist()]
    assert len(tables) == 9
    assert {(r["shard"], r["key"], r["sha256"]) for r in rows} == {
        (r["shard"], r["key"], r["sha256"]) for r in manifest
    }
    assert len(rows) == len(manifest)


def test_datasets_loads_the_tables_by_the_card_alone(withheld, tmp_path):  # noqa: F811
    bare = tmp_path / "published"
    shutil.copytree(withheld, bare, ignore=shutil.ignore_patterns("*.tar", ".build"))
    ran = subprocess.run(
        [sys.executable, "-c", LOAD, str(bare)], capture_output=True, text=True, check=False,
        env={**os.environ, "HF_HOME": str(tmp_path / "hf"), "HF_HUB_OFFLINE": "1"},
    )  # fmt: skip
    assert ran.returncode == 0, ran.stderr
    columns, rows = json.loads(ran.stdout)
    assert columns == list(references.COLUMNS)
    assert len(rows) == 20
    assert all(len(row["objects"]) == 2 and len(row["sha256"]) == 64 for row in rows)


def test_a_set_with_references_is_sound(copy):
    assert lint(copy) == []
    assert benchwright("verify", copy).returncode == 0


def test_building_again_keeps_card_and_tables(copy):
    before = contents(copy)
    assert benchwright("build", copy / "recipe.yaml", "--out", copy).returncode == 0
    assert contents(copy) == before


@pytest.mark.parametrize("damage", ["missing", "rows", "bytes"])
def test_a_table_that_is_not_the_manifests_is_named(copy, damage):
    path = copy / "references" / "two" / "left_big-00000.parquet"
    if damage == "missing":
        path.unlink()
    elif damage == "rows":
        pq.write_table(pq.read_table(path).slice(1), path)
    else:
        path.write_bytes(b"no table")
    ran = benchwright("verify", copy)
    assert ran.returncode == 1
    assert "references/two/left_big-00000.parquet" in ran.stderr


def test_a_set_that_publishes_its_images_again_drops_the_tables(copy):
    ran = benchwright("build", copy / "recipe.yaml", "--out", copy, "--set", "payload=images")
    assert ran.returncode == 0, ran.stderr
    assert any(problem.where == "references" for problem in lint(copy))
    card.write(copy)
    assert not list((copy / "references").glob("*/*"))
    assert lint(copy) == []
    assert (copy / "figures" / "overview.jpg").is_file()


def test_a_set_that_withholds_its_images_drops_the_pictures(carded, tmp_path):  # noqa: F811
    folder = Path(shutil.copytree(carded, tmp_path / "set"))
    set_ = ("--set", "payload=references")
    ran = benchwright("build", folder / "recipe.yaml", "--out", folder, *set_)
    assert ran.returncode == 0, ran.stderr
    card.write(folder)
    assert not list((folder / "figures").glob("*.jpg"))
    assert lint(folder) == []
