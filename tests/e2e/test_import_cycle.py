"""An original's folder goes the whole way: imported, described, published, loaded, pulled."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from conftest import contents
from forked_commands import BUILDING, ForkedCommands
from found_images import counteranimal, encoded
from hub_server import LocalHub, hub

__all__ = ["hub"]

LOAD = """
import json, sys
from datasets import load_dataset
found = load_dataset(sys.argv[1], split="counter", revision="v1.0.0", streaming=sys.argv[2] == "s")
names = found.features["cls"].names
print(json.dumps([(row["__key__"], names[row["cls"]], row["json"]["class"],
                   row["json"]["background"], row["jpg"].size) for row in found]))
"""


class Commands:
    """The command line in a folder, turned to a local Hub."""

    def __init__(self, hub: LocalHub, folder: Path):
        self.folder = folder
        self.environment = {**hub.environment(folder / "hf"),
                            "BENCHWRIGHT_CACHE": str(folder / "cache")}  # fmt: skip
        modules = (*BUILDING, "huggingface_hub.hf_api")
        self.commands = ForkedCommands(self.environment, modules)

    def python(self, *words: object) -> str:
        ran = subprocess.run(
            [sys.executable, *map(str, words)], cwd=self.folder, env=self.environment,
            capture_output=True, text=True,
        )  # fmt: skip
        assert ran.returncode == 0, f"{words}\n{ran.stderr[-3000:]}"
        return ran.stdout

    def run(self, *words: object) -> str:
        alone = ["--workers", "1"] if words[0] in ("import", "verify", "publish") else []
        ran = self.commands.run(*words, *alone, cwd=self.folder)
        assert ran.returncode == 0, f"{words}\n{ran.stderr[-3000:]}"
        return ran.stdout


@pytest.fixture(scope="module")
def cycle(hub, tmp_path_factory) -> Iterator[Commands]:
    """A folder imported and published, by commands alone."""
    commands = Commands(hub, tmp_path_factory.mktemp("cycle"))
    original = counteranimal(commands.folder / "original")
    (original / "9 ostrich" / "common-ground" / "page.jpg").write_text("<html>gone</html>")
    (original / "9 ostrich" / "counter-water" / "alpha.png").write_bytes(encoded(900, "PNG"))
    said = json.loads(commands.run(
        "import", "counteranimal", "original", "--out", "set", "--licence", "cc-by-4.0", "--json",
    ))  # fmt: skip
    assert said["samples"] == {"counteranimal/common": 12, "counteranimal/counter": 13}
    assert said["rejected"] == {"not a whole image": 1}
    commands.run("verify", "set")
    commands.run("show", "set")
    commands.run("card", "set")
    commands.run("publish", "set", "--to", "org/counteranimal", "--version", "1.0.0")
    yield commands
    commands.commands.close()


def _published(folder: Path) -> dict[str, bytes]:
    found = contents(folder)
    return {
        name: body
        for name, body in found.items()
        if not name.startswith((".build/", "figures/contact-sheet")) and name != "pull.json"
    }


def test_what_is_pulled_is_what_was_imported_byte_for_byte(cycle):
    cycle.run("pull", "org/counteranimal@1.0.0", "--out", "pulled")
    assert _published(cycle.folder / "pulled") == _published(cycle.folder / "set")
    cycle.run("verify", "pulled")
    cycle.run("show", "pulled")


def test_a_split_alone_can_be_pulled_and_verified(cycle):
    cycle.run("pull", "org/counteranimal@1", "--split", "counter", "--out", "counter")
    assert not list((cycle.folder / "counter").rglob("common-*.tar"))
    cycle.run("verify", "counter")


@pytest.mark.parametrize("way", ["s", "map"])
def test_datasets_loads_it_with_labels_and_records(cycle, way):
    rows = json.loads(cycle.python("-c", LOAD, "org/counteranimal", way))
    assert len(rows) == 13
    assert {(name, said, ground) for _, name, said, ground, _ in rows} == {
        ("ostrich", "ostrich", "water"), ("bulbul", "bulbul", "grass"),
        ("ice bear", "ice bear", "ground"),
    }  # fmt: skip
    assert all(size == [64, 48] for *_, size in rows)


def test_webdataset_reads_it(cycle):
    script = (
        "import sys, benchwright as bw\n"
        "rows = list(bw.stream(sys.argv[1], split='common'))\n"
        "print(len(rows), sorted(set(rows[0]) - {'__key__', '__url__'}))\n"
    )
    said = cycle.python("-c", script, "org/counteranimal@1.0.0")
    assert said.split(maxsplit=1) == ["12", "['cls', 'jpg', 'json']\n"]


def test_importing_and_publishing_again_does_nothing(cycle):
    before = _published(cycle.folder / "set")
    again = json.loads(cycle.run(
        "import", "counteranimal", "original", "--out", "set", "--licence", "cc-by-4.0", "--json",
    ))  # fmt: skip
    assert (again["kept"], again["written"]) == (25, 0)
    assert _published(cycle.folder / "set") == before
    report = json.loads(cycle.run(
        "publish", "set", "--to", "org/counteranimal", "--version", "1.0.0", "--json"))  # fmt: skip
    assert report["state"] == "already published"


def test_the_command_line_says_what_was_left_out_and_what_to_do_next(cycle):
    ran = subprocess.run(
        [sys.executable, "-m", "benchwright", "import", "counteranimal", "original", "--out", "new",
         "--workers", "1"],
        cwd=cycle.folder, env=cycle.environment, capture_output=True, text=True,
    )  # fmt: skip
    assert ran.returncode == 0
    assert "left out: 1 not a whole image" in ran.stderr
    assert "benchwright card new" in ran.stderr
    ran = subprocess.run(
        [sys.executable, "-m", "benchwright", "import", "counteranimal", "nowhere", "--out", "x"],
        cwd=cycle.folder, env={**os.environ}, capture_output=True, text=True,
    )  # fmt: skip
    assert (ran.returncode, ran.stderr.count("\n")) == (2, 1)
    assert "no such folder to import" in ran.stderr
