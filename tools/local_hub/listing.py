"""Reading what a repository holds: its description, trees, refs and history."""

from __future__ import annotations

import hashlib
from typing import Any
from urllib.parse import parse_qs, quote

from exchange import Answer, Refused, Request
from hub import Hub
from store import Entry, Repository, Tree, pointer

PAGE, EXPANDED_PAGE = 1000, 50
"""Entries a page of a tree, as on the Hub; fewer where each names its last commit."""


def parents(path: str) -> list[str]:
    """The folders above a path, outermost first."""
    return [path[:at] for at, letter in enumerate(path) if letter == "/" and at]


def described(path: str, entry: Entry, repository: Repository) -> dict[str, Any]:
    """A file as the Hub's trees show it."""
    shown: dict[str, Any] = {"type": "file", "oid": entry.oid, "size": entry.size, "path": path}
    if entry.sha256:
        length = len(pointer(entry.sha256, entry.size))
        shown["lfs"] = {"oid": entry.sha256, "size": entry.size, "pointerSize": length}
        if chunked := repository.store.contents.xet.find(entry.blob):
            shown["xetHash"] = chunked.hash
    return shown


def folder_shown(path: str, tree: Tree) -> dict[str, Any]:
    """A folder as the Hub's trees show it; its name changes with anything below it."""
    inside = [(name, entry.oid) for name, entry in tree.items() if name.startswith(f"{path}/")]
    oid = hashlib.sha1(repr(inside).encode()).hexdigest()
    return {"type": "directory", "oid": oid, "size": 0, "path": path}


def last_commit(path: str, repository: Repository, oid: str) -> dict[str, str]:
    """The newest commit from ``oid`` back that changed a file or anything in a folder."""

    def under(tree: Tree) -> Entry | Tree:
        return tree.get(path) or {n: e for n, e in tree.items() if n.startswith(f"{path}/")}

    for step, commit in repository.history(oid):
        before = repository.tree(commit.parent) if commit.parent else {}
        if under(before) != under(repository.tree(step)):
            return {"id": step, "title": commit.title, "date": commit.date}
    raise Refused(404, f"{path} is nowhere", "EntryNotFound")


def shown(paths: list[str], repository: Repository, oid: str, expand: bool) -> list[dict[str, Any]]:
    """Files and folders of a commit; paths that are neither are left out."""
    tree = repository.tree(oid)
    folders = {folder for path in tree for folder in parents(path)}
    entries = []
    for path in paths:
        if path in tree:
            entry = described(path, tree[path], repository)
        elif path in folders:
            entry = folder_shown(path, tree)
        else:
            continue
        entries.append(
            entry | ({"lastCommit": last_commit(path, repository, oid)} if expand else {})
        )
    return entries


def tree(
    hub: Hub, request: Request, repository: Repository, revision: str, path: str = ""
) -> Answer:
    """A page of the files and folders below a folder."""
    oid = repository.resolve(revision)
    files = repository.tree(oid)
    inside = f"{path}/" if path else ""
    paths = {name for file in files for name in (file, *parents(file)) if name.startswith(inside)}
    if path and not paths:
        raise Refused(404, f"{path} does not exist on {revision}", "EntryNotFound")
    if request.asked("recursive").lower() != "true":
        paths = {name for name in paths if "/" not in name[len(inside) :].lstrip("/")}
    expand = request.asked("expand").lower() == "true"
    limit = int(request.asked("limit") or (EXPANDED_PAGE if expand else PAGE))
    rest = sorted(name for name in paths if name > request.asked("cursor"))
    page = rest[:limit]
    headers = {}
    if len(rest) > limit:
        kept = [f"{key}={value}" for key in ("recursive", "expand", "limit")
                if (value := request.asked(key))]  # fmt: skip
        query = "&".join([*kept, f"cursor={quote(page[-1], safe='')}"])
        headers["Link"] = f'<{request.endpoint}{request.path}?{query}>; rel="next"'
    return Answer.of(shown(page, repository, oid, expand), headers=headers)


def paths_info(hub: Hub, request: Request, repository: Repository, revision: str) -> Answer:
    """The files and folders of the given names; a form, not JSON."""
    form = parse_qs(request.body.read().decode())
    expand = form.get("expand", [""])[-1].lower() == "true"
    return Answer.of(shown(form.get("paths", []), repository, repository.resolve(revision), expand))


def info(hub: Hub, request: Request, repository: Repository, revision: str = "main") -> Answer:
    """What the Hub says about a data set."""
    oid, state = repository.resolve(revision), repository.state()
    siblings = []
    for path, entry in repository.tree(oid).items():
        sibling: dict[str, Any] = {"rfilename": path}
        if request.asked("blobs").lower() in ("true", "1"):
            file = described(path, entry, repository)
            sibling |= {"size": entry.size, "blobId": entry.oid}
            if entry.sha256:
                sibling["lfs"] = {**file["lfs"], "sha256": entry.sha256}
        siblings.append(sibling)
    return Answer.of({
        "id": repository.name, "author": repository.name.split("/")[0], "sha": oid,
        "createdAt": state["created"], "lastModified": repository.commit(oid).date,
        "private": state["private"], "gated": state["gated"], "disabled": False,
        "downloads": 0, "likes": 0, "tags": [], "siblings": siblings,
    })  # fmt: skip


def refs(hub: Hub, request: Request, repository: Repository) -> Answer:
    """Branches and tags."""
    state = repository.state()
    listed = {
        kind: [
            {"name": name, "ref": f"refs/{place}/{name}", "targetCommit": oid}
            for name, oid in state[kind].items()
        ]
        for kind, place in (("branches", "heads"), ("tags", "tags"))
    }
    return Answer.of(listed | {"converts": [], "pullRequests": []})


def commits(hub: Hub, request: Request, repository: Repository, revision: str) -> Answer:
    """The history of a revision, newest first."""
    return Answer.of([
        {"id": oid, "title": commit.title, "message": commit.message, "date": commit.date,
         "authors": [{"user": commit.author}]}
        for oid, commit in repository.history(repository.resolve(revision))
    ])  # fmt: skip
