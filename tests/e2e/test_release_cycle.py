"""A set is published, grown and pruned, published again; both versions come back as they were."""

import json
import shutil
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path

import pytest
from conftest import contents
from forked_commands import BUILDING, ForkedCommands
from hub_server import LocalHub, hub

from benchwright.dataset import PULL, Dataset

__all__ = ["hub"]

RECIPE = """
recipe: 1
name: shapes
title: Flat shapes in pairs
image: {{size: 128}}
objects: {{names: [cube, sphere, mug, star, cone, heart, arrow, leaf{appended}], look: flat}}
subsets:
  - {{name: one, layout: one}}
  - {{name: two, layout: simco_two}}
withdrawn: {withdrawn}
"""
LOCAL = (PULL, "run.json")


class Release:
    """The command line against a local Hub, in one folder."""

    def __init__(self, hub: LocalHub, folder: Path, environment: dict[str, str], to: str):
        self.hub, self.folder, self.environment, self.to = hub, folder, environment, to
        self.commands = ForkedCommands(environment, (*BUILDING, "huggingface_hub.hf_api"))

    def run(self, *words: object) -> str:
        ran = self.commands.run(*words, cwd=self.folder)
        assert ran.returncode == 0, f"{words}\n{ran.stderr[-3000:]}"
        return ran.stdout

    def python(self, *words: object) -> str:
        ran = subprocess.run(
            [sys.executable, *map(str, words)], cwd=self.folder, env=self.environment,
            capture_output=True, text=True,
        )  # fmt: skip
        assert ran.returncode == 0, f"{words}\n{ran.stderr[-3000:]}"
        return ran.stdout

    def build(self, version: str, appended: str, withdrawn: list) -> None:
        """Bring the set up to a recipe; what it then is stays in a folder of the version's name."""
        recipe = RECIPE.format(appended=appended, withdrawn=json.dumps(withdrawn))
        (self.folder / "recipe.yaml").write_text(recipe)
        self.run("build", "recipe.yaml", "--out", "set")
        self.run("card", "set")
        shutil.copytree(self.folder / "set", self.folder / version)

    def publish(self, version: str) -> dict:
        return json.loads(self.run(
            "publish", "set", "--to", self.to, "--version", version, "--json"))  # fmt: skip


@pytest.fixture(scope="module")
def cycle(hub, tmp_path_factory):
    """Two versions published by LFS; their folders as they were, and the reports."""
    folder = tmp_path_factory.mktemp("lfs")
    with _release(hub, folder, hub.environment(folder / "hf")) as release:
        yield release, *_two_versions(release, folder)


@contextmanager
def _release(hub, folder, turned):
    environment = {**turned, "BENCHWRIGHT_CACHE": str(folder / "cache")}
    release = Release(hub, folder, environment, f"org/{folder.name.rstrip('0')}")
    try:
        yield release
    finally:
        release.commands.close()


def _two_versions(release, folder):
    release.build("1.0.0", "", [])
    first = release.publish("1.0.0")
    before = contents(folder / "set")
    built = Dataset.open(folder / "set")
    last = [shard.shard for shard in built.shards if shard.split == "left_big"][-1]
    key = built.rows(last)[0].key
    withdrawn = [{"key": key, "why": "its sphere hides its cube"}]
    release.build("2.0.0", ", torus", withdrawn)
    second = release.publish("2.0.0")
    return (first, second), (before, contents(folder / "set")), key


def _published(found: dict[str, bytes]) -> dict[str, bytes]:
    return {n: b for n, b in found.items() if n not in LOCAL and not n.startswith(".build/")}


def test_the_second_version_sends_what_is_new_and_says_why(cycle):
    _, (first, second), (_, after), key = cycle
    assert (first["state"], second["state"]) == ("published", "published")
    assert (first["added"], first["removed"]) == (8 + 2 * 56, 0)
    assert (second["added"], second["removed"], second["changed"]) == (1 + 2 * 16, 1, 0)
    changelog = after["CHANGELOG.md"].decode()
    assert changelog.index("2.0.0") < changelog.index("1.0.0")
    assert key in changelog
    assert "withdrawn: its sphere hides its cube" in changelog
    assert "object torus is new" in changelog


@pytest.mark.parametrize(("version", "index"), [("1.0.0", 0), ("2.0.0", 1), ("1", 0)])
def test_both_versions_come_back_byte_for_byte(cycle, version, index):
    release, _, states, _ = cycle
    out = release.folder / f"pulled-{version}"
    release.run("pull", f"{release.to}@{version}", "--out", out)
    assert _published(contents(out)) == _published(states[index])
    release.run("verify", out)


def test_by_xet_both_versions_come_back_too(cycle, hub, tmp_path):
    built = cycle[0].folder
    with _release(hub, tmp_path, hub.xet_environment(tmp_path / "hf")) as release:
        states = []
        for version in ("1.0.0", "2.0.0"):
            shutil.rmtree(tmp_path / "set", ignore_errors=True)
            shutil.copytree(built / version, tmp_path / "set")
            assert release.publish(version)["state"] == "published"
            states.append(contents(tmp_path / "set"))
        for version, state in zip(("1.0.0", "2.0.0"), states, strict=True):
            release.run("pull", f"{release.to}@{version}", "--out", version)
            assert _published(contents(tmp_path / version)) == _published(state)
        assert len(json.loads(release.python("-c", LOAD, release.to, "v2.0.0", False))) == 71


LOAD = """
import json, sys
from datasets import load_dataset
name, revision, streaming = sys.argv[1], sys.argv[2], sys.argv[3] == "True"
found = load_dataset(name, "two", split="left_big", revision=revision, streaming=streaming)
print(json.dumps([(row["__key__"], row["json"]["key"], row["jpg"].size) for row in found]))
"""


@pytest.mark.parametrize("streaming", [False, True])
@pytest.mark.parametrize(("revision", "count"), [("v1.0.0", 56), ("v2.0.0", 56 + 16 - 1)])
def test_datasets_loads_either_version(cycle, revision, count, streaming):
    release, *_ = cycle
    rows = json.loads(release.python("-c", LOAD, release.to, revision, streaming))
    assert len({key for key, _, _ in rows}) == count
    assert all(key == inner and size == [128, 128] for key, inner, size in rows)


OPENED = """
import json, sys
from pathlib import Path
import mlcroissant, timm.data, webdataset
folder = Path(sys.argv[1])
tars = sorted(map(str, folder.glob("one/*.tar")))
by_webdataset = sorted(s["__key__"] for s in webdataset.WebDataset(tars, shardshuffle=False))
# The label is any whole number of the record; a scene has none that timm would call a class.
read = timm.data.create_dataset(
    "wds/one", root=str(folder / "one"), split="alone", target_key="width")
by_timm = [(picture.size, label) for picture, label in read]
records = mlcroissant.Dataset(jsonld=folder / "croissant.json").records("one-image")
by_croissant = sorted(next(v for k, v in r.items() if k.endswith("key")) for r in records)
by_croissant = [key.decode() if isinstance(key, bytes) else key for key in by_croissant]
print(json.dumps([by_webdataset, by_timm, by_croissant]))
"""


def test_webdataset_timm_and_croissant_open_what_was_pulled(cycle):
    release, *_ = cycle
    release.environment["CROISSANT_CACHE"] = str(release.folder / "croissant")
    release.run("pull", f"{release.to}@2.0.0", "--config", "one", "--out", "one-config")
    release.run("pull", f"{release.to}@2.0.0", "--out", "whole")
    by_webdataset, by_timm, by_croissant = json.loads(release.python("-c", OPENED, "whole"))
    assert len(by_webdataset) == 9
    assert by_timm == [[[128, 128], 128]] * 9
    assert by_croissant == by_webdataset


def test_clip_benchmark_takes_the_export_of_a_pull(cycle):
    release, *_ = cycle
    release.run("pull", f"{release.to}@2.0.0", "--config", "one", "--out", "for-export")
    report = json.loads(release.run(
        "export", "for-export", "--format", "clip-benchmark", "--out", "bench", "--json"
    ))  # fmt: skip
    assert report["samples"] == 9
    (names,) = release.folder.glob("bench/**/classnames.txt")
    assert names.read_text().split() == ["cube", "sphere", "mug", "star", "cone", "heart", "arrow",
                                         "leaf", "torus"]  # fmt: skip
