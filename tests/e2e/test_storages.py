"""Commands whose folders are on S3 leave there what they would leave here."""

import json
import os
import random
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest
from conftest import contents
from flat_shapes import RECIPE
from hub_server import running
from s3_process import client

import benchwright as bw

pytest_plugins = ("s3_server", "fault_tally")

MODEL = "calibration/planted"


@pytest.fixture
def machine(s3, tmp_path):
    """Runs a command as a machine of that name, with a cache of its own."""

    def environment(name: str) -> dict[str, str]:
        return {**s3, "BENCHWRIGHT_CACHE": str(tmp_path / name)}

    def run(name: str, *arguments: object) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "benchwright", *map(str, arguments)]
        ran = subprocess.run(command, env=environment(name), capture_output=True, text=True,
                             check=False, timeout=200)  # fmt: skip
        assert ran.returncode == 0, ran.stderr[-2000:]
        return ran

    run.environment = environment
    return run


@pytest.fixture
def recipe(tmp_path) -> Path:
    path = tmp_path / "small.yaml"
    path.write_text(RECIPE)
    return path


def kept(url: str, to: Path) -> dict[str, bytes]:
    """The files of a URL, without what is a machine's own."""
    client().get(url, str(to), recursive=True)
    return {name: body for name, body in contents(to).items() if not name.startswith(".")}


def test_a_build_killed_on_one_machine_is_finished_by_another(s3_url, machine, recipe, tmp_path):
    command = [sys.executable, "-m", "benchwright", "build", recipe, "--out", f"{s3_url}/set",
               "--workers", "1"]  # fmt: skip
    killed = subprocess.Popen(command, env=machine.environment("one"), stderr=subprocess.DEVNULL)
    while len([name for name in client().find(s3_url) if name.endswith(".json")]) < 3:
        assert killed.poll() is None, "it was done too soon"
        time.sleep(0.02)
    killed.kill()
    killed.wait()
    said = machine("another", "build", recipe, "--out", f"{s3_url}/set", "--json").stdout
    assert json.loads(said)["kept"] >= 9  # three shards of three or four
    machine("here", "build", recipe, "--out", tmp_path / "set")
    here = {name: body for name, body in contents(tmp_path / "set").items() if name[0] != "."}
    assert kept(f"{s3_url}/set", tmp_path / "kept") == here


KILLS, A_FOLDER = 20, 4
"""Kills, and how many of them meet one folder before it is let finish."""


@pytest.mark.slow
@pytest.mark.fault
def test_a_build_on_s3_is_killed_at_any_moment(s3_url, machine, recipe, tmp_path, tally):
    began = time.monotonic()
    machine("first", "build", recipe, "--out", f"{s3_url}/whole")
    seconds, chosen = time.monotonic() - began, random.Random(KILLS)
    whole = kept(f"{s3_url}/whole", tmp_path / "whole")
    for number in range(KILLS // A_FOLDER):
        build = ["build", recipe, "--out", f"{s3_url}/{number}"]
        with tally.trying("SIGKILL", "build on S3", A_FOLDER):
            for kill in range(A_FOLDER):
                environment = machine.environment(f"{number}-{kill % 2}")  # one's cache is old
                killed = subprocess.Popen([sys.executable, "-m", "benchwright", *map(str, build)],
                                          env=environment, stderr=subprocess.DEVNULL,
                                          start_new_session=True)  # fmt: skip
                with suppress(subprocess.TimeoutExpired):
                    killed.wait(chosen.uniform(0, seconds))
                with suppress(ProcessLookupError):
                    os.killpg(killed.pid, signal.SIGKILL)
                killed.wait()
            machine("last", *build)
        assert kept(f"{s3_url}/{number}", tmp_path / str(number)) == whole


def test_embeddings_are_made_of_s3_on_s3_once(s3_url, recipe, tmp_path, monkeypatch):
    monkeypatch.setenv("BENCHWRIGHT_CACHE", str(tmp_path / "one"))
    bw.build(recipe, f"{s3_url}/set", ["limit=8"], workers=1)
    first = bw.embed(f"{s3_url}/set", MODEL, workers=1, out=f"{s3_url}/vectors")
    monkeypatch.setenv("BENCHWRIGHT_CACHE", str(tmp_path / "another"))
    again = bw.embed(f"{s3_url}/set", MODEL, workers=1, out=f"{s3_url}/vectors")
    assert (again.shards, again.kept) == (0, first.shards)
    bw.build(recipe, tmp_path / "set", ["limit=8"], workers=1)
    bw.embed(tmp_path / "set", MODEL, workers=1, out=tmp_path / "vectors")
    client().get(f"{s3_url}/vectors", str(tmp_path / "kept"), recursive=True)
    (one,), (other,) = tmp_path.glob("vectors/*--exact"), tmp_path.glob("kept/*--exact")
    parts = sorted(path.relative_to(one) for path in one.glob("*/*.npy"))
    assert len(parts) == first.shards > 3
    for path in parts:
        assert np.array_equal(np.load(one / path), np.load(other / path))
    for path in one.glob("*/*.parquet"):
        assert pq.read_table(path).equals(pq.read_table(other / path.relative_to(one)))


def test_captions_are_built_on_s3(s3_url, tmp_path, monkeypatch):
    monkeypatch.setenv("BENCHWRIGHT_CACHE", str(tmp_path / "cache"))
    bw.build("simco-text", f"{s3_url}/set", ["limit=40"], workers=1)
    bw.build("simco-text", tmp_path / "set", ["limit=40"], workers=1)
    here = {name: body for name, body in contents(tmp_path / "set").items() if name[0] != "."}
    assert kept(f"{s3_url}/set", tmp_path / "kept") == here


@pytest.mark.slow
def test_a_set_is_built_and_embedded_in_a_repository_of_the_hub(recipe, tmp_path):
    with running(tmp_path / "hub") as hub:
        environment = {**hub.environment(tmp_path / "home"),
                       "BENCHWRIGHT_CACHE": str(tmp_path / "cache")}  # fmt: skip

        def run(*command: object) -> None:
            ran = subprocess.run([sys.executable, *map(str, command)], env=environment,
                                 capture_output=True, text=True, check=False)  # fmt: skip
            assert ran.returncode == 0, ran.stderr[-2000:]

        place = "hf://datasets/org/work"
        run("-c", 'import huggingface_hub as h; h.create_repo("org/work", repo_type="dataset")')
        run("-m", "benchwright", "build", recipe, "--out", f"{place}/set", "--limit", 8)
        embed = ("embed", f"{place}/set", "--model", MODEL, "--out", f"{place}/vectors")
        run("-m", "benchwright", *embed)
        run("-c", FETCH.format(place=place, to=tmp_path / "kept"))
    bw.build(recipe, tmp_path / "set", ["limit=8"], workers=1)
    bw.embed(tmp_path / "set", MODEL, workers=1, out=tmp_path / "vectors")
    here = {name: body for name, body in contents(tmp_path / "set").items() if name[0] != "."}
    there = contents(tmp_path / "kept/set")
    assert {name: body for name, body in there.items() if name[0] != "."} == here
    (one,), (other,) = tmp_path.glob("vectors/*--exact"), tmp_path.glob("kept/vectors/*--exact")
    parts = sorted(path.relative_to(one) for path in one.glob("*/*.npy"))
    assert parts and all(
        np.array_equal(np.load(one / path), np.load(other / path)) for path in parts
    )


FETCH = """
from huggingface_hub import HfFileSystem
HfFileSystem().get("{place}", "{to}", recursive=True)
"""


@pytest.mark.slow
def test_a_set_on_s3_is_audited_and_the_audits_are_there(s3_url, machine, recipe):
    machine("here", "build", recipe, "--out", f"{s3_url}/set")
    machine("another", "audit", f"{s3_url}/set", "--model", MODEL, "--only", "retrieval")
    (audit,) = client().glob(f"{s3_url}/set/audits/retrieval/*.json")
    assert json.loads(client().cat(audit))["audit"] == "retrieval"
