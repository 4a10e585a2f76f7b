"""A scene set from one command: the same bytes however it is built, and only what changed."""

import json
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from conftest import HEARING, TINY, benchwright, contents


def _build(recipe: Path, out: Path, *options: object) -> dict:
    ran = benchwright("build", recipe, "--out", out, "--json", *options)
    assert ran.returncode == 0, ran.stderr
    return json.loads(ran.stdout)


def test_one_worker_two_workers_and_a_second_run_give_the_same_bytes(tiny, tmp_path):
    first = _build(tiny, tmp_path / "a", "--workers", 1)
    second = _build(tiny, tmp_path / "b", "--workers", 2)
    assert contents(tmp_path / "a") == contents(tmp_path / "b")
    assert first["rendered"] == second["rendered"] == sum(first["samples"].values())
    before = contents(tmp_path / "a")
    again = _build(tiny, tmp_path / "a")
    assert (again["kept"], again["rendered"]) == (first["rendered"], 0)
    assert contents(tmp_path / "a") == before


def test_an_appended_object_builds_only_new_shards(tiny, tmp_path):
    out = tmp_path / "set"
    first = _build(tiny, out)
    tars = {name: body for name, body in contents(out).items() if name.endswith(".tar")}
    tiny.write_text(TINY.replace("cone]", "cone, heart]"))
    second = _build(tiny, out)
    after = contents(out)
    assert {name: after[name] for name in tars} == tars
    assert second["kept"] == sum(first["samples"].values())
    assert second["copied"] == 0
    assert second["rendered"] == sum(second["samples"].values()) - second["kept"] > 0
    _build(tiny, tmp_path / "fresh")
    assert contents(tmp_path / "fresh") == after


def test_a_replaced_object_rebuilds_only_scenes_that_hold_it(tiny, tmp_path):
    import pyarrow.parquet as pq

    out = tmp_path / "set"
    _build(tiny, out, "--set", "twins.factors=[order, size_swap, slot_swap, ground]")
    tiny.write_text(TINY.replace("mug", "heart"))
    again = _build(tiny, out, "--set", "twins.factors=[order, size_swap, slot_swap, ground]")
    manifest = pq.read_table(out / "manifest.parquet").to_pylist()
    holding = sum("heart" in row["objects"] for row in manifest)
    assert again["rendered"] == holding
    assert again["kept"] + again["copied"] == len(manifest) - holding > 0
    assert again["copied"] > 0


def test_a_shard_damaged_on_disk_is_made_again(tiny, tmp_path):
    out = tmp_path / "set"
    _build(tiny, out)
    before = contents(out)
    shard = out / "two" / "left_big-00000.tar"
    damaged = bytearray(shard.read_bytes())
    damaged[3000] ^= 1
    shard.write_bytes(damaged)
    _build(tiny, out)
    assert contents(out) == before


def test_a_folder_with_other_files_is_refused_and_left_alone(tiny, tmp_path):
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "README.md").write_text("my own")
    ran = benchwright("build", tiny, "--out", tmp_path / "mine")
    assert (ran.returncode, ran.stderr.count("\n")) == (2, 1)
    assert "holds other files and no dataset" in ran.stderr
    assert contents(tmp_path / "mine") == {"README.md": b"my own"}


@pytest.mark.parametrize("name", ["manifest.parquet", "shards.parquet", "two/_info.json"])
def test_building_again_mends_a_broken_folder(tiny, tmp_path, name):
    _build(tiny, tmp_path / "set")
    before = contents(tmp_path / "set")
    (tmp_path / "set" / name).write_bytes(b"[1]")
    (tmp_path / "set" / "two" / "left_big-00077.tar").write_bytes(b"stray")
    _build(tiny, tmp_path / "set")
    assert contents(tmp_path / "set") == before


def test_an_interrupted_build_says_how_to_go_on(tiny, tmp_path):
    out = ["--out", str(tmp_path / "s"), "--set", "image.size=1024"]
    command = [sys.executable, "-c", HEARING, "build", str(tiny), *out]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as process:
        while not list((tmp_path / "s").glob(".build/*.tar")):
            time.sleep(0.05)
        process.send_signal(signal.SIGINT)
        _, stderr = process.communicate()
    assert process.returncode == 130
    assert "run the same command to go on" in stderr
    assert "Traceback" not in stderr


def test_subsets_that_share_scenes_share_twins_and_verify(tiny, tmp_path):
    subsets = "[{name: a, layout: simco_two}, {name: b, layout: simco_two}]"
    twins = "{factors: [ground], share: 1.0, of: [a, b]}"
    _build(tiny, tmp_path / "set", "--set", f"subsets={subsets}", "--set", f"twins={twins}")
    assert benchwright("verify", tmp_path / "set").returncode == 0


def test_a_file_in_the_place_of_the_folder_is_one_line(tiny, tmp_path):
    (tmp_path / "file").write_text("")
    ran = benchwright("build", tiny, "--out", tmp_path / "file")
    assert (ran.returncode, ran.stderr.count("\n")) == (2, 1)
    assert "is a file" in ran.stderr


BAD = {
    "seeed: 1": "unknown key",
    "objects.names=[cube, spere]": 'did you mean "sphere"',
    "objects.names=[cube, cube]": "listed twice",
    "objects.names=[cube]": "slots",
    "subsets.0.layout=simco_tow": 'did you mean "simco_two"',
    "subsets.1.variants=[smae_size]": 'did you mean "same_size"',
    "subsets.1.scenes.scenes=-1": "greater than or equal to 1",
    "subsets.1.scenes.scenes=1000000": "subsets[1]",
    "subsets.2.layout={count: 5, large: 3.0, small: 3.0, gap: 3.0}": "subsets[2]",
    "image.size=100000": "image.size",
}


@pytest.mark.parametrize(("change", "message"), BAD.items())
def test_a_wrong_recipe_is_one_line_and_writes_nothing(tiny, tmp_path, change, message):
    override = change.replace("seeed: ", "seeed=")
    ran = benchwright("build", tiny, "--out", tmp_path / "set", "--set", override)
    assert ran.returncode == 2, ran.stderr
    assert ran.stderr.count("\n") == 1
    assert message in ran.stderr
    assert not (tmp_path / "set").exists()
