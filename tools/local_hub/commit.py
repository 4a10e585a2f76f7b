"""Making commits: what the client asks before, the commit itself, and forged ones."""

from __future__ import annotations

import base64
import json
from fnmatch import fnmatch
from typing import Any

from exchange import Answer, Refused, Request
from hub import Hub
from store import SHORT_OID, Entry, Repository, Store, Tree, git_oid, pointer

LARGE = (
    "7z arrow avro bin bz2 ckpt ftz gz h5 joblib lz4 mds mlmodel model msgpack npy npz onnx ot "
    "parquet pb pickle pkl pt pth rar safetensors tar tflite tgz wasm xz zip zst pcm sam raw aac "
    "flac mp3 ogg wav bmp gif png tiff jpg jpeg webp mp4 webm"
)
"""Endings that the Hub lists in the `.gitattributes` of a new data set repository."""

GITATTRIBUTES = "".join(f"*.{e} filter=lfs diff=lfs merge=lfs -text\n" for e in LARGE.split())

REGULAR_LIMIT = 10_000_000
"""Bytes above which any file is a large one."""


def first(repository: Repository, author: str) -> None:
    """The commit that the Hub makes itself in a new repository."""
    tree = {".gitattributes": regular(repository.store, GITATTRIBUTES.encode())}
    repository.append("main", tree, "initial commit", "", author)


def regular(store: Store, content: bytes) -> Entry:
    """Keep a file that lives in git itself."""
    return Entry(store.contents.add([content]), len(content), git_oid(content))


def large(sha256: str, size: int) -> Entry:
    """A file that git has a pointer to."""
    return Entry(sha256, size, git_oid(pointer(sha256, size)), sha256)


def is_large(tree: Tree, store: Store, path: str, size: int, sample: bytes) -> bool:
    """Whether a file goes through LFS or xet: by `.gitattributes`, size, or binary content."""
    attributes = tree.get(".gitattributes")
    lines = store.contents.content(attributes.blob).read_text().splitlines() if attributes else []
    patterns = [line.split()[0] for line in lines if "filter=lfs" in line]
    name = path.rpartition("/")[2]
    listed = any(fnmatch(name, pattern) or fnmatch(path, pattern) for pattern in patterns)
    return listed or size > REGULAR_LIMIT or b"\0" in sample


def preupload(hub: Hub, request: Request, repository: Repository, revision: str) -> Answer:
    """Which files are large, and what each path holds now."""
    tree = repository.tree(repository.resolve(revision))
    answers = []
    for file in request.json()["files"]:
        path, sample = file["path"], base64.b64decode(file["sample"])
        mode = "lfs" if is_large(tree, hub.store, path, file["size"], sample) else "regular"
        there = tree.get(path)
        oid = {"oid": there.sha256 or there.oid} if there else {}
        answers.append({"path": path, "uploadMode": mode, "shouldIgnore": False, **oid})
    return Answer.of({"files": answers})


def commit(hub: Hub, request: Request, repository: Repository, revision: str) -> Answer:
    """One commit on a branch: all of its operations or none."""
    lines = [json.loads(line) for line in request.body.read().splitlines() if line.strip()]
    header = next(line["value"] for line in lines if line["key"] == "header")
    if request.asked("create_pr"):
        raise Refused(400, "The stand-in Hub has no pull requests")
    with hub.store.lock:
        head = repository.state()["branches"].get(revision)
        if head is None:
            raise Refused(404, f"Invalid branch: {revision}", "RevisionNotFound")
        parent = header.get("parentCommit") or head
        if len(parent) < SHORT_OID or not head.startswith(parent):
            raise Refused(412, "A commit has happened since. Please refresh and try again.")
        tree = dict(repository.tree(head))
        for line in lines:
            if line["key"] != "header":
                apply(tree, hub.store, line["key"], line["value"])
        oid = repository.append(
            revision, tree, header["summary"], header.get("description", ""), hub.user
        )
    return committed(request, repository, oid)


def committed(request: Request, repository: Repository, oid: str) -> Answer:
    """The answer to a commit, and to the log how many bytes were new."""
    url = f"{request.endpoint}/datasets/{repository.name}/commit/{oid}"
    body = {"success": True, "commitOid": oid, "commitUrl": url, "hookOutput": ""}
    return Answer.of(body, new_bytes=repository.store.contents.new_bytes())


def apply(tree: Tree, store: Store, operation: str, value: dict[str, Any]) -> None:
    """Carry out one operation of a commit.

    Raises:
        Refused: A path that leaves the repository, an operation that is none, a content that was
            not uploaded, a deletion of nothing.
    """
    path = value["path"]
    if any(part in ("", ".", "..", ".git") for part in path.rstrip("/").split("/")):
        raise Refused(400, f"Invalid path: {path}")
    if operation == "file":
        tree[path] = regular(store, base64.b64decode(value["content"]))
    elif operation == "lfsFile":
        size = store.contents.find(value["oid"])
        if size is None or size != value.get("size", size):
            raise Refused(400, f"Upload {path} before committing it: {value['oid']} is not here")
        tree[path] = large(value["oid"], size)
    elif operation in ("deletedFile", "deletedFolder"):
        prefix = path.rstrip("/") + "/"
        folder = operation == "deletedFolder"
        gone = [name for name in tree if (name.startswith(prefix) if folder else name == path)]
        if not gone:
            raise Refused(404, f"A file with this name doesn't exist: {path}", "EntryNotFound")
        for name in gone:
            del tree[name]
    else:
        raise Refused(400, f"Unknown operation: {operation}")


def forge(hub: Hub, request: Request, name: str) -> Answer:
    """A commit on main that adds entries as given: any path, size and digest, unchecked.

    The repository is made when it is not there.
    """
    asked = request.json()
    with hub.store.lock:
        if not hub.store.has(name):
            first(hub.store.create(name, private=False), hub.user)
        repository = hub.store.repository(name)
        tree = dict(repository.tree(repository.resolve("main")))
        for file in asked["files"]:
            tree[file["path"]] = forged(tree, hub.store, file)
        oid = repository.append("main", tree, asked.get("message", "forged"), "", hub.user)
    return committed(request, repository, oid)


def forged(tree: Tree, store: Store, file: dict[str, Any]) -> Entry:
    """An entry that tells the size and digest it is given, whatever it holds."""
    content = base64.b64decode(file["content_b64"])
    honest = regular(store, content)
    size = file.get("size", honest.size)
    if "sha256" in file or is_large(tree, store, file["path"], size, content):
        told = large(file.get("sha256", honest.blob), size)
        return Entry(honest.blob, size, told.oid, told.sha256)
    return Entry(honest.blob, size, honest.oid)
