"""Pulling from the Hub: resumed, used offline, and as careful with what is hostile there."""

import base64
import json
import re
import subprocess
import sys
from pathlib import Path

from conftest import benchwright
from pulled_versions import CARD, HOSTILE, PUBLISH, published, tar

pytest_plugins = ["hub_server", "pulled_versions"]


PULL = """
import json, sys
from pathlib import Path
from benchwright.cards.pull import pull
from benchwright.errors import DatasetError
for source, out, *rest in json.loads(sys.argv[1]):
    try:
        report = pull(source, Path(out), *rest)
        print(json.dumps({"version": report.version, "revision": report.revision,
                          "ours": report.ours, "fetched": report.fetched, "kept": report.kept}))
    except DatasetError as error:
        print(json.dumps({"error": str(error)}))
"""


def _pulls_in(env, asked):
    """Pull, one after the other, in a process with this environment."""
    command = [sys.executable, "-c", PULL, json.dumps(asked, default=str)]
    ran = subprocess.run(command, env=env, capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stderr
    return [{**json.loads(line), "stderr": ran.stderr} for line in ran.stdout.splitlines()]


def _pull_in(env, *arguments):
    return _pulls_in(env, [arguments])[0]


def test_a_version_on_the_hub_is_pulled_resumed_and_used_offline(hub, environment, built, tmp_path):
    command = [sys.executable, "-c", PUBLISH, "org/tiny", str(built), "1.0.0", *published(built)]
    subprocess.run(command, env=environment, check=True, capture_output=True)
    hub.clear_log()
    part = _pull_in(environment, "org/tiny@1", tmp_path / "got", "three")
    assert (part["version"], part["ours"]) == ("1.0.0", True)
    asked = [entry["path"] for entry in hub.log()]
    assert any("/resolve/" in path and "three/" in path for path in asked)
    assert not any("two/" in path for path in asked)
    hub.faults([{"nth": None, "fault": "cut", "path": "/resolve/.*two.*00000.tar"}])
    cut = _pull_in(environment, "org/tiny@1", tmp_path / "got")
    assert "same command" in cut["error"]
    hub.clear_faults()
    rest = _pull_in(environment, "org/tiny@1", tmp_path / "got")
    assert rest["kept"] > 0
    assert benchwright("verify", tmp_path / "got").returncode == 0
    offline = {**environment, "HF_HUB_OFFLINE": "1"}
    again = _pull_in(offline, "org/tiny@1", tmp_path / "again", "two")
    assert again["fetched"] == 0
    assert "remembered" in again["stderr"]
    assert benchwright("verify", tmp_path / "again").returncode == 0
    unknown = _pull_in(offline, "org/other", tmp_path / "other")
    assert "error" in unknown


OF_THE_STORE = ("larger than the disk", "tiny members")
"""The Hub tells no such size; and what is in a tar is walked alike, wherever it comes from."""

HUB_HOSTILE = {name: case for name, case in HOSTILE.items() if name not in OF_THE_STORE}


def test_hostile_repositories_of_the_hub_are_refused(hub, environment, tmp_path):
    outs = {}
    for number, (name, (files, told, _)) in enumerate(HUB_HOSTILE.items()):
        forged = [
            {"path": path, "content": body, "size": told.get(path, {}).get("bytes", len(body)),
             **{key: value for key, value in told.get(path, {}).items() if key == "sha256"}}
            for path, body in files.items()
        ]  # fmt: skip
        hub.forge(f"evil/set{number}", forged)
        outs[name] = tmp_path / f"parent{number}" / "got"
        outs[name].parent.mkdir()
    asked = [(f"evil/set{number}", out) for number, out in enumerate(outs.values())]
    answers = _pulls_in(environment, asked)
    for (name, out), answer in zip(outs.items(), answers, strict=True):
        assert re.search(HOSTILE[name][2], answer.get("error", "")), (name, answer)
        assert "\n" not in answer["error"], name
        left = {path for path in out.parent.rglob("*") if path.is_file()}
        assert {path.name for path in left if path.parent != out / ".build"} <= {"pull.json"}, name
    assert not Path("/tmp/benchwright-x.txt").exists()
    everything = {path.relative_to(tmp_path).parts[0] for path in tmp_path.rglob("*")}
    assert everything <= {"cache", "home", *(out.parent.name for out in outs.values())}


def test_an_honest_repository_that_is_not_ours_and_has_no_version_is_pulled(
    hub, environment, tmp_path
):
    body = {"README.md": CARD, "data/train-0.tar": tar("a.txt"), "data/test-0.tar": tar("b.txt")}
    hub.forge("some/set", [{"path": path, "content": text} for path, text in body.items()])
    got = _pull_in(environment, "some/set", tmp_path / "got", "a", "test")
    assert (got["version"], got["ours"]) == ("", False)
    assert len(got["revision"]) == 40
    by_commit = _pull_in(environment, f"some/set@{got['revision']}", tmp_path / "got", "a", "train")
    assert by_commit["kept"] == 2
    assert base64.b64encode((tmp_path / "got/data/test-0.tar").read_bytes())
