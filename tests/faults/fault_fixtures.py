"""A runner of commands, and inputs for them that are made once; a pytest plugin."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import fault_subjects as subjects
import pytest
from composed_photographs import write_shards
from fault_harness import Bench, Runner, running


@pytest.fixture(scope="session")
def runner(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Runner]:
    """Commands in forked children, off any network but this machine's."""
    folder = tmp_path_factory.mktemp("runner")
    environment = {**os.environ, "BENCHWRIGHT_CACHE": str(folder / "cache"),
                   "BENCHWRIGHT_RETRY_SECONDS": "0.01", "HF_HUB_OFFLINE": "1"}  # fmt: skip
    with running(folder, environment) as found:
        yield found


@pytest.fixture(scope="session")
def bench(runner: Runner, tmp_path_factory: pytest.TempPathFactory) -> Bench:
    """Where commands are tried."""
    return Bench(runner, tmp_path_factory.mktemp("bench") / "home")


@pytest.fixture(scope="session")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder for what several tests start from."""
    return tmp_path_factory.mktemp("made")


@pytest.fixture(scope="session")
def dataset(runner: Runner, made: Path) -> Path:
    """A built set with its card."""
    return subjects.dataset(runner, made / "dataset")


@pytest.fixture(scope="session")
def store(bench: Bench, made: Path, dataset: Path) -> Path:
    """A store with one version of it."""
    subject = subjects.publish(dataset)
    home = bench.begin(subject)
    ended = bench.runner.run(subject, home)
    assert ended.code == 0, ended.said
    return shutil.copytree(home / "out", made / "store")


@pytest.fixture(scope="session")
def model(made: Path) -> str:
    """A model that costs nothing."""
    return subjects.tiny_model(made)


@pytest.fixture(scope="session")
def shards(made: Path) -> Path:
    """Six shards of pictures."""
    return subjects.pictures(made / "shards", 6, 20)


@pytest.fixture(scope="session")
def mined(made: Path) -> Path:
    """A recipe that mines a few hundred composed pictures."""
    classes, backgrounds = ["zebra", "cow"], ["rock", "grass"]
    counts = {(name, background): 40 for name in classes for background in backgrounds}
    shards = write_shards(made / "scenes", counts, a_shard=20)
    return subjects.mining_recipe(made, shards, classes, backgrounds)
