"""A runner of commands, and inputs for them that are made once; a pytest plugin."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import fault_subjects as subjects
import pytest
from composed_photographs import write_shards
from fault_harness import Bench, Runner, Subject, running, with_own_mounts
from small_web import Web, serving

from benchwright.cards import card


@pytest.fixture
def subject(request: pytest.FixtureRequest) -> Subject:
    """A command with small work to do, by its name; workers cost most of it."""
    made = request.getfixturevalue
    match request.param:
        case "build alone":
            return subjects.build(workers=1)
        case "build":
            return subjects.build()
        case "corpus build":
            recipe = made("made") / "pages.yaml"
            recipe.write_text(subjects.CORPUS)
            return subjects.corpus(recipe)
        case "download":
            return subjects.download(made("table"))
        case "embed":
            return subjects.embed(made("shards"), made("model"))
        case "mine":
            return subjects.mine(made("mined"))
        case "publish":
            return subjects.publish(made("dataset"))
        case "pull":
            return subjects.pull(made("store"))
    raise ValueError(request.param)


@pytest.fixture(scope="session")
def runner(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Runner]:
    """Commands in forked children, off any network but this machine's, with mounts of their own."""
    folder = tmp_path_factory.mktemp("runner")
    environment = {**os.environ, "BENCHWRIGHT_CACHE": str(folder / "cache"),
                   "BENCHWRIGHT_RETRY_SECONDS": "0.01", "HF_HUB_OFFLINE": "1"}  # fmt: skip
    with running(folder, environment, with_own_mounts()) as found:
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
def dataset(bench: Bench, made: Path) -> Path:
    """A built set with its card."""
    folder = shutil.copytree(bench.left(subjects.build(workers=1)), made / "dataset")
    card.write(folder)
    return folder


@pytest.fixture(scope="session")
def store(bench: Bench, made: Path, dataset: Path) -> Path:
    """A store with one version of it."""
    return shutil.copytree(bench.left(subjects.publish(dataset)), made / "store")


@pytest.fixture(scope="session")
def model(made: Path) -> str:
    """A model that costs nothing."""
    return subjects.tiny_model(made)


@pytest.fixture(scope="session")
def shards(made: Path) -> Path:
    """Six shards of pictures."""
    return subjects.pictures(made / "shards", 6, 20)


@pytest.fixture(scope="session")
def web() -> Iterator[Web]:
    """A web on loopback."""
    with serving() as found:
        yield found


@pytest.fixture(scope="session")
def table(web: Web, made: Path) -> Path:
    """A table of six hundred pictures of it, and of addresses without one."""
    return subjects.addresses(web, made, 600)


@pytest.fixture(scope="session")
def mined(made: Path) -> Path:
    """A recipe that mines composed pictures."""
    classes, backgrounds = ["zebra", "cow"], ["rock", "grass"]
    counts = {(name, background): 20 for name in classes for background in backgrounds}
    shards = write_shards(made / "scenes", counts, a_shard=20)
    return subjects.mining_recipe(made, shards, classes, backgrounds)
