"""Ray with three nodes gives the bytes that this machine's processes give."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from conftest import benchwright, contents

pytest.importorskip("ray")

NODES = Path(__file__).with_name("three_nodes.py")
MODEL = "calibration/planted"


def own_network() -> bool:
    """Whether this process may make a network of its own."""
    command = ["unshare", "--map-root-user", "--net", "ip", "link", "set", "lo", "up"]
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
        env={**os.environ, "RAY_AUTH_MODE": "disabled", "RAY_TMPDIR": "/tmp"},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-3000:]
    return json.loads(done.stdout.splitlines()[-1])


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


RECIPE = """
recipe: 1
name: small
title: A small set of flat shapes
image: {size: 96}
objects: {names: [cube, sphere, mug, star, cone], look: flat}
shard_size: 4
subsets:
  - {name: two, layout: simco_two, variants: [left_big, right_big]}
"""


def vectors(folder: Path) -> dict[str, bytes]:
    """The parts of the one set of embeddings."""
    (found,) = folder.glob("*--exact")
    names = [*found.glob("*/*.npy"), *found.glob("*/*.parquet")]
    return {path.relative_to(found).as_posix(): path.read_bytes() for path in names}


def test_a_build_and_an_embed_on_three_nodes_equal_those_of_one_process(here, tmp_path):
    outcomes = on_three_nodes(tmp_path, commands=[
        ["build", str(here / "small.yaml"), "--out", "set"],
        ["embed", str(here / "set"), "--model", MODEL, "--out", "vectors"],
    ])  # fmt: skip
    assert [status for status, _ in outcomes] == [0, 0], outcomes
    assert contents(tmp_path / "set") == contents(here / "set")
    assert vectors(tmp_path / "vectors") == vectors(here / "vectors")


@pytest.mark.slow
def test_a_node_lost_in_a_build_and_in_an_embed_costs_nothing(here, tmp_path):
    build = ["build", str(here / "small.yaml"), "--out", "set"]
    outcomes = on_three_nodes(
        tmp_path, commands=[build], watch=str(tmp_path / "set/.build"), lose_node_after=3
    )
    assert [status for status, _ in outcomes] == [0], outcomes
    assert contents(tmp_path / "set") == contents(here / "set")
    embed = ["embed", str(here / "set"), "--model", MODEL, "--out", "vectors"]
    outcomes = on_three_nodes(
        tmp_path, commands=[embed], watch=str(tmp_path / "vectors"), lose_node_after=5
    )
    assert [status for status, _ in outcomes] == [0], outcomes
    assert vectors(tmp_path / "vectors") == vectors(here / "vectors")


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
