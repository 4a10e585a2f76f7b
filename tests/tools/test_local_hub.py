"""The stand-in Hub's repositories, as the official client sees them."""

import hashlib
import json
import urllib.error
import urllib.request
from pathlib import Path

from hub_clients import client, commit_by_hand, status
from hub_server import LocalHub, hub, running

__all__ = ["hub"]


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


def test_paths_that_leave_the_repository_are_refused(hub: LocalHub) -> None:
    hub.forge("org/hand", [])
    for path in ("../x", "a/../../x", "/x", "a//x", ""):
        assert commit_by_hand(hub, path, b"x") == 400
    assert commit_by_hand(hub, "a/x", b"x") == 200


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
