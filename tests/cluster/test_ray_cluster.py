"""Ray with three nodes gives what this machine's processes give: on a shared folder, or on S3."""

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest
from composed_photographs import write_shards
from conftest import benchwright, contents
from flat_shapes import RECIPE

pytest.importorskip("ray")

NODES = Path(__file__).with_name("three_nodes.py")
MODEL = "calibration/planted"
BUCKET = "s3://bucket"


def own_network() -> bool:
    """Whether this process may make a network, mounts and process numbers of its own."""
    command = ["unshare", "--map-root-user", "--net", "unshare", "--mount", "--pid", "--fork",
               "--mount-proc", "ip", "link", "set", "lo", "up"]  # fmt: skip
    try:
        return subprocess.run(command, capture_output=True, check=False).returncode == 0
    except FileNotFoundError:
        return False


pytestmark = pytest.mark.skipif(not own_network(), reason="needs a network of its own for Ray")


def on_three_nodes(cwd: Path, **job) -> list[tuple[int, str]]:
    """Run a job (see three_nodes.py) and give each command's exit status and stderr."""
    done = subprocess.run(
        ["unshare", "--map-root-user", "--net", sys.executable, str(NODES), json.dumps(job)],
        capture_output=True, text=True, cwd=cwd, check=False, timeout=500,
        env={**os.environ, "RAY_AUTH_MODE": "disabled", "RAY_TMPDIR": "/tmp",
             "BENCHWRIGHT_CACHE": str(cwd / "cache")},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-3000:]
    return json.loads(done.stdout.splitlines()[-1])


def ended_well(outcomes: list[tuple[int, str]]) -> bool:
    """Whether all commands did."""
    for status, said in outcomes:
        assert status == 0, said
    return True


@pytest.fixture(scope="module")
def here(tmp_path_factory) -> Path:
    """What one process makes: a set of some forty scenes in shards of four, and its embeddings."""
    folder = tmp_path_factory.mktemp("here")
    recipe = folder / "small.yaml"
    recipe.write_text(RECIPE)
    assert benchwright("build", recipe, "--out", folder / "set", "--workers", 1).returncode == 0
    embed = ("embed", folder / "set", "--model", MODEL, "--out", folder / "vectors")
    assert benchwright(*embed, "--workers", 1).returncode == 0
    return folder


MINE = """
recipe: 1
kind: mine
name: mined
title: Mined
source: {{shards: {shards}}}
classes: [zebra, cow]
labels: objects
backgrounds: [rock, grass]
groups: {{minimum: 10}}
models: {{probe: calibration/planted, judge: calibration/unbiased}}
"""


def mining(path: Path, shards: Path | str) -> Path:
    """A recipe that mines these shards."""
    path.write_text(MINE.format(shards=shards))
    return path


def vectors(folder: Path) -> dict[str, bytes]:
    """The parts of the one set of embeddings."""
    (found,) = folder.glob("*--exact")
    names = [*found.glob("*/*.npy"), *found.glob("*/*.parquet")]
    return {path.relative_to(found).as_posix(): path.read_bytes() for path in names}


def same_rows(one: Path, other: Path) -> bool:
    """Whether two sets of embeddings hold the same; where a shard lay they note differently."""
    names = {path.relative_to(one) for path in one.glob("*/[!.]*/*")}
    assert names == {path.relative_to(other) for path in other.glob("*/[!.]*/*")}
    for name in names:
        if name.suffix == ".npy":
            assert np.array_equal(np.load(one / name), np.load(other / name)), name
        elif name.suffix == ".parquet":
            assert pq.read_table(one / name).equals(pq.read_table(other / name)), name
    return True


def published(folder: Path) -> dict[str, bytes]:
    """A set's files, without what is a machine's own."""
    return {name: body for name, body in contents(folder).items() if not name.startswith(".")}


def test_nodes_that_share_nothing_but_s3_give_the_bytes_of_one_process(here, tmp_path):
    outcomes = on_three_nodes(tmp_path, apart=True, keep=str(tmp_path / "kept"), commands=[
        ["build", str(here / "small.yaml"), "--out", f"{BUCKET}/set"],
        ["embed", f"{BUCKET}/set", "--model", MODEL, "--out", f"{BUCKET}/vectors"],
    ])  # fmt: skip
    assert ended_well(outcomes)
    assert published(tmp_path / "kept/set") == published(here / "set")
    assert same_rows(tmp_path / "kept/vectors", here / "vectors")
    # What is too much for one machine's disk was never on the driver's.
    assert not list((tmp_path / "cache").rglob("*.npy"))


@pytest.mark.slow
def test_nodes_that_share_a_folder_give_the_bytes_of_one_process(here, tmp_path):
    outcomes = on_three_nodes(tmp_path, commands=[
        ["build", str(here / "small.yaml"), "--out", "set"],
        ["embed", str(here / "set"), "--model", MODEL, "--out", "vectors"],
    ])  # fmt: skip
    assert ended_well(outcomes)
    assert contents(tmp_path / "set") == contents(here / "set")
    assert vectors(tmp_path / "vectors") == vectors(here / "vectors")


@pytest.mark.slow
def test_a_set_is_mined_and_audited_by_nodes_that_share_nothing_but_s3(here, tmp_path):
    counts = {
        (name, background): 40 for name in ("zebra", "cow") for background in ("rock", "grass")
    }
    shards = write_shards(tmp_path / "found", counts, a_shard=20)
    local = mining(tmp_path / "local.yaml", shards)
    mine = ("mine", local, "--out", tmp_path / "mined", "--workers", 1)
    assert benchwright(*mine).returncode == 0
    audit = ["--model", MODEL, "--only", "group_gap"]
    assert benchwright("audit", tmp_path / "mined", *audit).returncode == 0
    recipe = mining(tmp_path / "there.yaml", f"{BUCKET}/found")
    outcomes = on_three_nodes(
        tmp_path, apart=True, put=str(shards), keep=str(tmp_path / "kept"), commands=[
            ["mine", str(recipe), "--out", f"{BUCKET}/mined"],
            ["audit", f"{BUCKET}/mined", *audit],
        ],
    )  # fmt: skip
    assert ended_well(outcomes)
    mined, wanted = published(tmp_path / "kept/mined"), published(tmp_path / "mined")
    assert mined.keys() == wanted.keys()
    told = {"recipe.yaml", "build.json", "README.md"}  # which say where the shards lay
    assert {n: b for n, b in mined.items() if n not in told} == {
        n: b for n, b in wanted.items() if n not in told
    }  # fmt: skip


@pytest.mark.slow
def test_a_node_lost_in_a_build_and_in_an_embed_costs_nothing(here, tmp_path):
    build = ["build", str(here / "small.yaml"), "--out", "set"]
    outcomes = on_three_nodes(
        tmp_path, commands=[build], watch=str(tmp_path / "set/.build"), lose_node_after=3
    )
    assert ended_well(outcomes)
    assert contents(tmp_path / "set") == contents(here / "set")
    embed = ["embed", str(here / "set"), "--model", MODEL, "--out", "vectors"]
    outcomes = on_three_nodes(
        tmp_path, commands=[embed], watch=str(tmp_path / "vectors"), lose_node_after=5
    )
    assert ended_well(outcomes)
    assert vectors(tmp_path / "vectors") == vectors(here / "vectors")


@pytest.mark.slow
def test_a_node_lost_with_its_disk_costs_nothing(here, tmp_path):
    outcomes = on_three_nodes(
        tmp_path, apart=True, keep=str(tmp_path / "kept"), watch=f"{BUCKET}/set",
        lose_node_after=4, commands=[["build", str(here / "small.yaml"), "--out", f"{BUCKET}/set"]],
    )  # fmt: skip
    assert ended_well(outcomes)
    assert published(tmp_path / "kept/set") == published(here / "set")


@pytest.mark.slow
def test_a_killed_driver_leaves_finished_shards_and_a_rerun_makes_the_rest(here, tmp_path):
    build = ["build", str(here / "small.yaml"), "--out", "set"]
    embed = ["embed", str(here / "set"), "--model", MODEL, "--out", "vectors"]
    outcomes = on_three_nodes(
        tmp_path, commands=[build, build, embed], watch=str(tmp_path / "set/.build"),
        kill_driver_after=4,
    )  # fmt: skip
    assert [status for status, _ in outcomes] == [-9, 0, 0], outcomes
    assert contents(tmp_path / "set") == contents(here / "set")
    assert vectors(tmp_path / "vectors") == vectors(here / "vectors")


@pytest.mark.slow
def test_a_driver_lost_with_its_disk_leaves_what_s3_holds_and_another_makes_the_rest(
    here, tmp_path
):
    build = ["build", str(here / "small.yaml"), "--out", f"{BUCKET}/set", "--json"]
    outcomes = on_three_nodes(
        tmp_path, apart=True, keep=str(tmp_path / "kept"), fresh=str(tmp_path / "another"),
        commands=[build, build], watch=f"{BUCKET}/set", kill_driver_after=6,
    )  # fmt: skip
    assert [status for status, _ in outcomes] == [-9, 0], outcomes
    assert published(tmp_path / "kept/set") == published(here / "set")
