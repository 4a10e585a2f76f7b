"""The stand-in Hub, as the official client sees it. Each client is a process of its own, because
it reads the Hub's address when it is imported."""

import base64
import hashlib
import io
import json
import random
import subprocess
import sys
import tarfile
import urllib.error
import urllib.request
from pathlib import Path

import pytest
from hub_server import LocalHub, hub, running
from PIL import Image

__all__ = ["hub"]

CLIENT = """
import json, sys
from huggingface_hub import *
from huggingface_hub import constants
from huggingface_hub.errors import *
api, name, D = HfApi(), sys.argv[1], {"repo_type": "dataset"}

def commit(files, message="more", **how):
    added = [CommitOperationAdd(path, content) for path, content in files.items()]
    return api.create_commit(name, added, commit_message=message, **D, **how).oid

def say(**said):
    print(json.dumps(said))

def failure(act):
    try:
        act()
    except Exception as error:
        response = getattr(error, "response", None)
        return type(error).__name__, getattr(response, "status_code", None)
    return None, None
"""


def client(hub: LocalHub, home: Path, name: str, script: str, *more: object, **environment: str):
    """What a script says that runs after CLIENT; ``more`` are its further arguments."""
    run = subprocess.run(
        [sys.executable, "-c", CLIENT + script, name, *map(str, more)],
        env={**hub.environment(home), **environment},
        capture_output=True,
        text=True,
    )
    assert run.returncode == 0, run.stderr
    return json.loads(run.stdout.splitlines()[-1])


def status(hub: LocalHub, method: str, path: str, body: bytes | None = None, **headers: str) -> int:
    """Of a plain request without the client."""
    request = urllib.request.Request(hub.endpoint + path, body, headers, method=method)
    try:
        with urllib.request.urlopen(request) as answer:
            return answer.status
    except urllib.error.HTTPError as error:
        return error.code


def test_a_release_is_committed_tagged_listed_and_read_back(hub: LocalHub, tmp_path: Path) -> None:
    hub.clear_log()
    said = client(hub, tmp_path, "org/release", """
api.create_repo(name, **D)
again = api.create_repo(name, exist_ok=True, **D)
start = api.repo_info(name, **D).sha
card = b"---\\nlicense: mit\\n---\\n# A set"
files = {"README.md": card, "a/x.tar": b"tar" * 100_000, "figures/p.png": b"png"}
oid = commit(files, parent_commit=start)
api.create_tag(name, tag="v1.0.0", revision=oid, **D)
commit({"README.md": card + b"!"})
refs = api.list_repo_refs(name, **D)
tree = api.list_repo_tree(name, recursive=True, expand=True, revision="v1.0.0", **D)
folder = snapshot_download(name, revision="v1.0.0", **D)
checked = api.verify_repo_checksums(name, revision="v1.0.0", **D)
with HfFileSystem().open(f"datasets/{name}@v1.0.0/a/x.tar", "rb", block_size=64) as stream:
    stream.seek(1000)
    middle = stream.read(7).decode()
say(oid=oid, start=start, again=again.repo_id,
    tags={tag.name: tag.target_commit for tag in refs.tags},
    branches=[branch.name for branch in refs.branches],
    tree={f.path: (bool(f.lfs), f.last_commit.oid) for f in tree if isinstance(f, RepoFile)},
    same=all(open(f"{folder}/{path}", "rb").read() == content for path, content in files.items()),
    mismatches=checked.mismatches, checked=checked.checked_count, middle=middle,
    history=[c.commit_id for c in api.list_repo_commits(name, **D)][1:],
    found=[f.path for f in api.get_paths_info(name, ["a", "README.md", "nowhere"], **D)],
    missing=failure(lambda: hf_hub_download(name, "nowhere", **D))[0],
    no_rev=failure(lambda: hf_hub_download(name, "README.md", revision="v9", **D))[0],
    no_repo=failure(lambda: api.repo_info("org/nowhere", **D))[0])
""")  # fmt: skip
    oid, start = said["oid"], said["start"]
    assert said["again"] == "org/release"
    assert said["tags"] == {"v1.0.0": oid}
    assert said["branches"] == ["main"]
    assert said["tree"] == {
        ".gitattributes": [False, start],
        "README.md": [False, oid],
        "a/x.tar": [True, oid],
        "figures/p.png": [True, oid],
    }
    assert said["same"]
    assert (said["mismatches"], said["checked"]) == ([], 4)
    assert said["middle"] == ("tar" * 1000)[1000:1007]
    assert said["history"] == [oid, start]
    assert said["found"] == ["a", "README.md"]
    assert said["missing"] == "RemoteEntryNotFoundError"
    assert said["no_rev"] == "RevisionNotFoundError"
    assert said["no_repo"] == "RepositoryNotFoundError"

    status(hub, "GET", f"/api/datasets/org/release?token={hub.token}")
    log = hub.log()
    assert [line["new_bytes"] for line in log if "new_bytes" in line][
        1
    ] == 29  # of the card that changed
    assert {"PUT", "HEAD"} <= {line["method"] for line in log}
    assert any(line["status"] == 206 for line in log)
    written = (hub.store / "requests.jsonl").read_text()
    assert [json.loads(line) for line in written.splitlines()][-len(log) :] == log
    assert hub.token not in written


def test_a_commit_on_a_stale_parent_changes_nothing(hub: LocalHub, tmp_path: Path) -> None:
    said = client(hub, tmp_path, "org/stale", """
from concurrent.futures import ThreadPoolExecutor
api.create_repo(name, **D)
start = api.repo_info(name, **D).sha
def racing(i):
    return failure(lambda: commit({f"{i}.txt": b"here"}, parent_commit=start))
with ThreadPoolExecutor(4) as pool:
    outcomes = list(pool.map(racing, range(4)))
say(outcomes=outcomes, files=api.list_repo_files(name, **D))
""")  # fmt: skip
    won = [i for i, (error, _) in enumerate(said["outcomes"]) if error is None]
    assert len(won) == 1
    assert [code for _, code in said["outcomes"] if code] == [412] * 3
    assert said["files"] == [".gitattributes", f"{won[0]}.txt"]


def commit_by_hand(hub: LocalHub, path: str, content: bytes) -> int:
    """Status of a commit of one small file, which no client has checked."""
    value = {"path": path, "content": base64.b64encode(content).decode(), "encoding": "base64"}
    lines = [{"key": "header", "value": {"summary": "one"}}, {"key": "file", "value": value}]
    body = "\n".join(map(json.dumps, lines)).encode()
    owner = {"Authorization": f"Bearer {hub.token}"}
    return status(hub, "POST", "/api/datasets/org/hand/commit/main", body, **owner)


def test_paths_that_leave_the_repository_are_refused(hub: LocalHub) -> None:
    hub.forge("org/hand", [])
    for path in ("../x", "a/../../x", "/x", "a//x", ""):
        assert commit_by_hand(hub, path, b"x") == 400
    assert commit_by_hand(hub, "a/x", b"x") == 200


def test_the_same_bytes_are_kept_once(hub: LocalHub) -> None:
    hub.forge("org/hand", [])
    hub.clear_log()
    for path in ("one.txt", "two.txt"):
        commit_by_hand(hub, path, b"the same")
    assert [line["new_bytes"] for line in hub.log()] == [len(b"the same"), 0]


def test_files_are_deleted_and_copied_on_a_branch_of_their_own(hub: LocalHub, tmp_path: Path):
    said = client(hub, tmp_path, "org/branch", """
api.create_repo(name, **D)
commit({"a/x.tar": b"tar", "a/y.txt": b"text", "b.txt": b"b"})
api.create_branch(name, branch="next", **D)
twice = failure(lambda: api.create_branch(name, branch="next", **D))[1]
steps = [CommitOperationDelete("b.txt"), CommitOperationCopy("a/x.tar", "c/x.tar"),
         CommitOperationDelete("a/", is_folder=True)]
api.create_commit(name, steps, commit_message="move", revision="next", **D)
files = {rev: api.list_repo_files(name, revision=rev, **D) for rev in ("main", "next")}
nothing = failure(lambda: api.delete_file("b.txt", name, revision="next", **D))
api.delete_branch(name, branch="next", **D)
say(files=files, twice=twice, nothing=nothing,
    gone=failure(lambda: api.list_repo_files(name, revision="next", **D))[0])
""")  # fmt: skip
    assert said["files"]["main"] == [".gitattributes", "a/x.tar", "a/y.txt", "b.txt"]
    assert said["files"]["next"] == [".gitattributes", "c/x.tar"]
    assert said["twice"] == 409
    assert said["nothing"] == ["RemoteEntryNotFoundError", 404]
    assert said["gone"] == "RevisionNotFoundError"


def test_each_fault_reaches_the_client(hub: LocalHub, tmp_path: Path) -> None:
    kinds = ["429", "500", "503", "cut", "cut-after", "timeout"]
    rule = {"method": "POST", "path": "/org/faulty/tag/", "seconds": 0.2}
    hub.faults([{**rule, "nth": nth, "fault": kind} for nth, kind in enumerate(kinds, 1)])
    hub.clear_log()
    said = client(hub, tmp_path, "org/faulty", """
api.create_repo(name, **D)
outcomes = [failure(lambda: api.create_tag(name, tag=f"v{i}", **D)) for i in range(1, 8)]
say(outcomes=outcomes, tags=[tag.name for tag in api.list_repo_refs(name, **D).tags])
""")  # fmt: skip
    hub.clear_faults()
    assert [code for _, code in said["outcomes"]] == [429, 500, 503, None, None, None, None]
    assert [error is None for error, _ in said["outcomes"]] == [False] * 6 + [True]
    assert said["tags"] == ["v5", "v7"]  # cut after acting, and the first without a fault
    assert [line["fault"] for line in hub.log() if "fault" in line] == kinds


def test_a_download_cut_half_way_goes_on_where_it_was(hub: LocalHub, tmp_path: Path) -> None:
    content = random.Random(0).randbytes(400_000)
    hub.forge("org/cut", [{"path": "x.bin", "content": content}])
    hub.faults([{"method": "GET", "path": "x.bin", "nth": 1, "fault": "cut-half"}])
    hub.clear_log()
    said = client(hub, tmp_path, "org/cut", """
import hashlib
constants.DOWNLOAD_CHUNK_SIZE = 50_000  # it goes on from the last whole one; by itself, 10 MB
path = hf_hub_download(name, "x.bin", **D)
say(sha256=hashlib.sha256(open(path, "rb").read()).hexdigest())
""")  # fmt: skip
    hub.clear_faults()
    assert said["sha256"] == hashlib.sha256(content).hexdigest()
    gets = [line for line in hub.log() if line["method"] == "GET" and "x.bin" in line["path"]]
    assert [line["status"] for line in gets] == [200, 206]
    assert sum(line["sent"] for line in gets) == len(content)


def shard(keys: range) -> bytes:
    """A WebDataset tar of small images with a label."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as tar:
        for key in keys:
            image = io.BytesIO()
            Image.new("RGB", (8, 8), (key, 0, 0)).save(image, "PNG")
            for ending, content in (("png", image.getvalue()), ("cls", str(key).encode())):
                member = tarfile.TarInfo(f"{key:04d}.{ending}")
                member.size = len(content)
                tar.addfile(member, io.BytesIO(content))
    return buffer.getvalue()


CARD = b"""---
configs:
- config_name: shapes
  default: true
  data_files:
  - {split: common, path: "shapes/common-*.tar"}
  - {split: counter, path: "shapes/counter-*.tar"}
---
# Shapes
"""


def test_datasets_loads_a_tag_whole_and_as_a_stream(hub: LocalHub, tmp_path: Path) -> None:
    files = {
        "README.md": CARD,
        "shapes/common-00000.tar": shard(range(6)),
        "shapes/common-00001.tar": shard(range(6, 12)),
        "shapes/counter-00000.tar": shard(range(12, 18)),
    }
    hub.forge("org/shapes", [{"path": path, "content": body} for path, body in files.items()])
    said = client(hub, tmp_path, "org/shapes", """
api.create_tag(name, tag="v1.0.0", **D)
commit({"shapes/common-00000.tar": b"not a tar any more"})
from datasets import load_dataset
whole = load_dataset(name, "shapes", revision="v1.0.0")
stream = load_dataset(name, "shapes", revision="v1.0.0", split="common", streaming=True)
say(whole={split: sorted(rows["cls"]) for split, rows in whole.items()},
    stream=[(row["cls"], row["png"].getpixel((0, 0))[0]) for row in stream])
""")  # fmt: skip
    assert said["whole"] == {"common": list(range(12)), "counter": list(range(12, 18))}
    assert said["stream"] == [[key, key] for key in range(12)]


def test_a_private_repository_is_the_owners(hub: LocalHub, tmp_path: Path) -> None:
    said = client(hub, tmp_path, "org/own", """
api.create_repo(name, private=True, **D)
commit({"x.txt": b"mine"})
look = lambda token: failure(lambda: api.get_paths_info(name, ["x.txt"], token=token, **D))
hidden, wrong = look(False), look("hf_wrong")
mine = api.repo_info(name, **D).private
api.update_repo_settings(name, private=False, **D)
shown = look(False)
write = failure(lambda: api.create_tag(name, tag="v1", token=False, **D))
api.delete_repo(name, **D)
say(hidden=hidden, wrong=wrong[1], mine=mine, shown=shown, write=write[1],
    gone=failure(lambda: api.repo_info(name, **D))[0])
""")  # fmt: skip
    assert said["hidden"] == ["RepositoryNotFoundError", 401]
    assert said["wrong"] == 401
    assert said["mine"]
    assert said["shown"] == [None, None]
    assert said["write"] == 401
    assert said["gone"] == "RepositoryNotFoundError"


def test_long_trees_come_in_pages(hub: LocalHub, tmp_path: Path) -> None:
    names = [f"many/{number:04d}.txt" for number in range(1200)]
    hub.forge("org/many", [{"path": name, "content": b"same"} for name in names])
    hub.clear_log()
    files = client(hub, tmp_path, "org/many", "say(files=api.list_repo_files(name, **D))")["files"]
    assert files == [".gitattributes", *names]
    assert sum("/tree/" in line["path"] for line in hub.log()) == 2


def test_a_forged_repository_tells_what_it_was_given(hub: LocalHub, tmp_path: Path) -> None:
    lie = "0" * 64
    files = [
        {"path": "../x", "content": b"up"},
        {"path": "/etc/x", "content": b"root"},
        {"path": "short.tar", "content": b"four", "size": 9},
        {"path": "false.tar", "content": b"four", "sha256": lie},
    ]
    oid = hub.forge("org/forged", files)
    said = client(hub, tmp_path, "org/forged", """
tree = [f for f in api.list_repo_tree(name, recursive=True, **D) if isinstance(f, RepoFile)]
heads = [get_hf_file_metadata(hf_hub_url(name, p, **D)) for p in ("short.tar", "false.tar")]
say(paths=[f.path for f in tree], told={f.path: (f.size, f.lfs.sha256) for f in tree if f.lfs},
    sha=api.repo_info(name, **D).sha, size=heads[0].size, etag=heads[1].etag,
    refused=failure(lambda: hf_hub_download(name, "short.tar", **D))[0])
""")  # fmt: skip
    assert said["sha"] == oid
    assert {"../x", "/etc/x"} <= set(said["paths"])
    true = hashlib.sha256(b"four").hexdigest()
    assert said["told"] == {"short.tar": [9, true], "false.tar": [4, lie]}
    assert (said["size"], said["etag"]) == (9, lie)
    assert said["refused"]


def test_the_store_outlives_the_server(tmp_path: Path) -> None:
    with running(tmp_path / "store") as hub:
        oid = hub.forge("org/kept", [{"path": "x.txt", "content": b"kept"}])
    with running(tmp_path / "store") as hub:
        path = f"/datasets/org/kept/resolve/{oid}/x.txt"
        with urllib.request.urlopen(hub.endpoint + path) as answer:
            assert answer.read() == b"kept"


def test_bytes_that_are_not_what_they_are_named_are_refused(hub: LocalHub) -> None:
    right = hashlib.sha256(b"right").hexdigest()
    assert status(hub, "PUT", f"/lfs/{right}", b"wrong") == 400
    assert status(hub, "PUT", f"/lfs/{right}", b"right") == 200


@pytest.mark.parametrize(
    ("asked", "code", "body"),
    [
        ("bytes=2-4", 206, b"234"),
        ("bytes=7-", 206, b"789"),
        ("bytes=0-99", 206, b"0123456789"),
        ("bytes=-2", 206, b"89"),
        ("bytes=10-", 416, None),
        ("", 200, b"0123456789"),
    ],
)
def test_ranges(hub: LocalHub, asked: str, code: int, body: bytes | None) -> None:
    hub.forge("org/range", [{"path": "digits.txt", "content": b"0123456789"}])
    url = f"{hub.endpoint}/datasets/org/range/resolve/main/digits.txt"
    request = urllib.request.Request(url, headers={"Range": asked} if asked else {})
    try:
        with urllib.request.urlopen(request) as answer:
            assert (answer.status, answer.read()) == (code, body)
    except urllib.error.HTTPError as error:
        assert (error.code, None) == (code, body)


def test_xet_stores_little_more_than_what_changed(hub: LocalHub, tmp_path: Path) -> None:
    hub.clear_log()
    said = client(hub, tmp_path, "org/chunks", """
import hashlib, random
content = random.Random(0).randbytes(4_000_000)
changed = content[:2_000_000] + b"a changed sample" + content[2_000_100:]
api.create_repo(name, **D)
first = commit({"x.tar": content, "y.txt": b"small"})
second = commit({"x.tar": changed})
files = [open(hf_hub_download(name, "x.tar", revision=oid, **D), "rb").read()
         for oid in (first, second)]
info = api.get_paths_info(name, "x.tar", **D)[0]
say(same=files == [content, changed], xet=info.xet_hash, second=second,
    true=info.lfs.sha256 == hashlib.sha256(changed).hexdigest())
""", HF_HUB_DISABLE_XET="0")  # fmt: skip
    assert said["same"]
    assert said["xet"]
    assert said["true"]
    log = hub.log()
    first, second = [line["new_bytes"] for line in log if "new_bytes" in line]
    assert 4_000_000 <= first < 4_200_000
    assert 0 < second < 300_000
    assert not [line for line in log if line["method"] == "PUT"]
    assert not [line for line in log if line["method"] == "GET" and "/resolve/" in line["path"]]
    assert status(hub, "GET", f"/datasets/org/chunks/resolve/{said['second']}/x.tar") == 200


def test_a_rule_that_is_none_is_refused(hub: LocalHub) -> None:
    for rule in ({"fault": "418"}, {"fault": "cut", "when": 3}, {}):
        with pytest.raises(urllib.error.HTTPError, match="400"):
            hub.faults([rule])
