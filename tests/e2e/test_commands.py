"""The small commands: what they print where, and what a mistake looks like."""

import json

import pytest
from conftest import benchwright
from PIL import Image

from benchwright.recipe_file import parse, shipped, validate


def test_recipes_lists_those_shipped_and_prints_one_that_builds():
    listed = benchwright("recipes")
    assert listed.returncode == 0
    assert all(name in listed.stderr for name in shipped())
    printed = benchwright("recipes", "simco-demo")
    assert validate(parse(printed.stdout)).name == "simco-demo"


def test_an_unknown_recipe_is_one_line_with_a_hint():
    ran = benchwright("recipes", "simco-demmo")
    assert (ran.returncode, ran.stdout) == (2, "")
    assert ran.stderr == 'error: no recipe is called "simco-demmo" (did you mean "simco-demo"?)\n'


def test_schema_is_json_schema_that_knows_every_key():
    described = json.loads(benchwright("schema").stdout)
    assert described["$schema"].startswith("https://json-schema.org/")
    scenes = described["$defs"]["Recipe"]
    assert {"objects", "subsets", "twins", "balance"} <= set(scenes["properties"])
    assert scenes["additionalProperties"] is False


def test_show_writes_a_sheet_with_twins_beside_their_originals(tiny, tmp_path):
    out = tmp_path / "set"
    assert benchwright("build", tiny, "--out", out).returncode == 0
    ran = benchwright("show", out, "--columns", "4")
    assert ran.returncode == 0, ran.stderr
    assert "left_big" in ran.stderr
    with Image.open(out / "figures" / "contact-sheet.png") as sheet:
        assert sheet.width > 4 * 176 * 2
    assert benchwright("verify", out).returncode == 0


def test_limit_takes_the_first_scenes_of_each_split(tiny, tmp_path):
    ran = benchwright("build", tiny, "--out", tmp_path / "set", "--limit", 3, "--json")
    samples = json.loads(ran.stdout)["samples"]
    assert {count for name, count in samples.items() if not name.startswith("twins/")} == {3}
    assert benchwright("verify", tmp_path / "set").returncode == 0
    assert benchwright("show", tmp_path / "set").returncode == 0


@pytest.mark.parametrize("command", ["verify", "show"])
def test_a_folder_without_a_dataset_is_one_line(command, tmp_path):
    ran = benchwright(command, tmp_path)
    assert (ran.returncode, ran.stderr.count("\n")) == (2, 1)
    assert "no dataset here" in ran.stderr


def test_the_originals_design_is_a_setting(tiny, tmp_path):
    ran = benchwright(
        "build", tiny, "--out", tmp_path / "set", "--set", "balance=none", "--set", "twins=null"
    )
    assert ran.returncode == 0, ran.stderr
    build = json.loads((tmp_path / "set" / "build.json").read_text())
    mention = build["balance"]["three"]["splits"]["same_size"]["object x mention"]
    slot = build["balance"]["three"]["splits"]["same_size"]["object x slot"]
    assert mention == slot  # mention order is slot order, as in the originals
