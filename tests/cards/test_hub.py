"""A repository of the Hub as a place of versions, against the stand-in Hub."""

import json
import os
import subprocess
import sys

import pytest

pytest_plugins = ("hub_server",)

START = """
import json, sys
from pathlib import Path
from benchwright.cards.hub import HubRepository
from benchwright.cards.version import Version
from benchwright.errors import DatasetError
name, folder = sys.argv[1], Path(sys.argv[2])
hub, V1, V11 = HubRepository(name), Version(1, 0, 0), Version(1, 1, 0)
files = {"README.md": folder / "README.md", "two/a.tar": folder / "a.tar"}
def error(call):
    try:
        call()
    except DatasetError as error:
        return str(error)
"""


@pytest.fixture
def run(hub, tmp_path, request):
    """Runs code with a repository of its own, and returns what it leaves in `said`."""
    (tmp_path / "README.md").write_text("---\nlicense: mit\n---\n# One\n")
    (tmp_path / "a.tar").write_bytes(os.urandom(300_000))
    name = f"org/{request.node.name.partition('[')[0][:60]}"

    def run(code: str, **environment: str):
        ran = subprocess.run(
            [sys.executable, "-c", f"{START}\n{code}\nprint(json.dumps(said))", name, tmp_path],
            env={**hub.environment(tmp_path / "home"), "BENCHWRIGHT_RETRY_SECONDS": "0.01",
                 **environment},
            capture_output=True, text=True,
        )  # fmt: skip
        assert ran.returncode == 0, ran.stderr[-3000:]
        assert hub.token not in ran.stdout + ran.stderr
        return json.loads(ran.stdout.splitlines()[-1])

    yield run
    hub.clear_faults()


COMMIT = """
hub.create(False)
first = hub.commit(V1, files, [], hub.head(), "Version 1.0.0\\n\\nThe first.")
"""


@pytest.mark.parametrize("xet", ["0", "1"])
def test_a_version_is_there_when_it_is_tagged_and_not_before(run, xet):
    said = run(
        f"name += '{xet}'; hub = HubRepository(name)" + COMMIT + """
said = [hub.versions() == {}, hub.head() == first]
hub.release(V1, first); hub.release(V1, first)
said += [hub.versions() == {V1: first}, hub.resolve("") == hub.resolve("1") == first,
         all(hub.files(first)[path].matches(local) for path, local in files.items()),
         sorted(hub.files(first)) == sorted(files)]
""", HF_HUB_DISABLE_XET=xet)  # fmt: skip
    assert said == [True] * 6


def test_a_file_is_fetched_from_where_an_earlier_call_was_cut(run, hub):
    hub.faults([{"fault": "cut-half", "nth": 1, "path": "/resolve/"}])
    hub.clear_log()
    said = run(
        COMMIT
        + """
target = folder / "fetched"
target.write_bytes((folder / "a.tar").read_bytes()[:100_000])
file = hub.files(first)["two/a.tar"]
hub.fetch(first, file, target)
said = [file.matches(target), hub.open(first, "two/a.tar").read() == target.read_bytes()]
"""
    )
    assert said == [True, True]
    sent = [line["sent"] for line in hub.log() if "/resolve/" in line["path"]]
    assert max(sent[:-1]) <= 200_000  # the first 100,000 were here


def test_a_branch_a_commit_and_a_range_mean_a_commit(run):
    said = run(
        COMMIT
        + """
hub.release(V1, first)
files["two/b.tar"] = folder / "a.tar"
second = hub.commit(V11, {"two/b.tar": folder / "a.tar"}, ["two/a.tar"], first, "Version 1.1.0")
said = [hub.resolve(text) == second for text in ("main", second, second[:10])]
said += [hub.resolve("1") == first]
said += [error(lambda: hub.resolve("2")), error(lambda: hub.resolve("x"))]
said += [sorted(hub.files(second))]
"""
    )
    assert said[:4] == [True] * 4
    assert 'no version "2"' in said[4] and 'no version, branch or commit "x"' in said[5]
    assert said[6] == ["README.md", "two/b.tar"]


def test_a_commit_whose_answer_was_lost_is_not_made_twice(run, hub):
    hub.faults([{"fault": "cut-after", "nth": 1, "method": "POST", "path": "/commit/main"}])
    assert run(COMMIT + "said = hub.head() == first")
    commits = [line for line in hub.log() if line["method"] == "POST" and "/commit/" in line["path"]
               and "lost" in line["path"]]  # fmt: skip
    assert len(commits) == 1


def test_a_commit_over_somebody_elses_is_refused(run):
    said = run(
        COMMIT
        + """
other = hub.commit(V1, {"LICENSE": folder / "README.md"}, [], first, "Another's")
said = [error(lambda: hub.commit(V11, {"LICENSE-2": folder / "README.md"}, [], first, "Ours")),
        hub.head() == other]
"""
    )
    assert "somebody else has published" in said[0]
    assert said[1]


def test_a_tag_never_moves(run):
    said = run(
        COMMIT
        + """
hub.release(V1, first)
second = hub.commit(V11, {"LICENSE": folder / "README.md"}, [], first, "Version 1.1.0")
said = [error(lambda: hub.release(V1, second)), hub.versions() == {V1: first}]
"""
    )
    assert "names another commit" in said[0] and said[1]


def test_a_private_publish_makes_a_private_repository_and_never_changes_one(run):
    said = run("""
hub.check_private()
hub.create(True)
hub.check_private()
hub.create(False)
said = [error(hub.check_private)]
public = HubRepository(name + "-public")
public.create(False)
said += [error(public.check_private)]
""")
    assert said[0] is None
    assert "is public already" in said[1]


def test_a_server_that_stays_down_is_one_line_that_says_how_to_go_on(run, hub):
    hub.faults([{"fault": "503", "nth": 1, "times": 1000, "path": "/refs"}])
    said = run("said = error(hub.versions)")
    assert "answered 503, 5 times" in said
    assert "run the same command to go on" in said
    assert "\n" not in said


@pytest.mark.parametrize("fault", ["429", "500", "503", "cut", "cut-after", "timeout"])
def test_what_passes_by_itself_is_waited_for(run, hub, fault):
    hub.faults([{"fault": fault, "nth": 1, "times": 2, "path": "/refs", "seconds": 0.2}])
    assert run("said = hub.versions()") == {}


def test_without_a_login_one_is_told_to_log_in(run):
    said = run("said = error(lambda: hub.create(False))", HF_TOKEN="hf_wrong")
    assert "hf auth login" in said


def test_a_repository_that_is_not_there_is_one_line(run):
    said = run("said = [error(lambda: hub.resolve('')), len(hub.versions()), hub.head()]")
    assert "not there, or not for you to see" in said[0]
    assert said[1:] == [0, ""]


def test_offline_is_said_at_once(run):
    assert "HF_HUB_OFFLINE" in run("said = error(hub.versions)", HF_HUB_OFFLINE="1")


def test_a_card_that_the_hub_refuses_is_one_line(run):
    said = run("""
hub.create(False)
(folder / "README.md").write_text("---\\nlicense: [mit\\n---\\n")
said = error(lambda: hub.commit(V1, files, [], hub.head(), "Version 1.0.0"))
""")
    assert said is None or "the Hub refuses the files" in said


def test_nothing_of_the_client_is_imported_before_it_is_used():
    code = """
import sys, benchwright.cards.hub, benchwright.cards.publish
sys.exit("huggingface_hub" in sys.modules)
"""
    subprocess.run([sys.executable, "-c", code], check=True)
