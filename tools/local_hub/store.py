"""Repositories on disk. Contents, trees and commits are named by digest, so nothing is kept twice.

`datasets/NAMESPACE/NAME/` is one repository: `repository.json` (settings and refs), `trees/`,
`commits/`. A commit is there once the ref in `repository.json` is replaced: wholly or not at all.
"""

from __future__ import annotations

import hashlib
import json
import shutil
import threading
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path
from typing import Any

from contents import Contents
from exchange import Refused

SHORT_OID = 7
"""Hex digits from which a commit may be abbreviated, as on the Hub."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A file of a tree. All but ``blob`` is what the Hub tells: forged entries tell otherwise."""

    blob: str
    """sha256 of the content that is sent."""
    size: int
    oid: str
    """git's name: of the content, or of the pointer for a large file."""
    sha256: str | None = None
    """Of a large file (LFS or xet); None for a file kept in git itself."""


Tree = dict[str, Entry]


@dataclass(frozen=True, slots=True)
class Commit:
    """One commit; ``tree`` names its files."""

    parent: str | None
    tree: str
    title: str
    message: str
    author: str
    date: str


def git_oid(content: bytes) -> str:
    """The sha1 that git gives a blob."""
    return hashlib.sha1(b"blob %d\0" % len(content) + content).hexdigest()


def pointer(sha256: str, size: int) -> bytes:
    """The file that git keeps in place of a large one."""
    head = "version https://git-lfs.github.com/spec/v1"
    return f"{head}\noid sha256:{sha256}\nsize {size}\n".encode()


def now() -> str:
    """The time as the Hub writes it."""
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


class Store:
    """Everything the server keeps, in one folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.contents = Contents(folder)
        self.lock = threading.RLock()
        """Held by whatever reads refs in order to change them."""

    def has(self, name: str) -> bool:
        """Whether there is a repository of this name."""
        return ".." not in name and (self.folder / "datasets" / name / "repository.json").exists()

    def repository(self, name: str) -> Repository:
        """A repository that exists.

        Raises:
            Refused: 404 RepoNotFound.
        """
        if not self.has(name):
            raise Refused(404, "Repository not found", "RepoNotFound")
        return Repository(self, name, self.folder / "datasets" / name)

    def create(self, name: str, private: bool) -> Repository:
        """A new, empty repository.

        Raises:
            Refused: 409 when there is one.
        """
        folder = self.folder / "datasets" / name
        with self.lock:
            if self.has(name):
                raise Refused(409, "You already created this dataset repo")
            for part in ("trees", "commits"):
                (folder / part).mkdir(parents=True, exist_ok=True)
            repository = Repository(self, name, folder)
            repository.save(
                {"private": private, "gated": False, "created": now(), "branches": {}, "tags": {}}
            )
        return repository


class Repository:
    """One data set repository."""

    def __init__(self, store: Store, name: str, folder: Path) -> None:
        self.store, self.name, self.folder = store, name, folder

    def state(self) -> dict[str, Any]:
        """Settings and refs: private, gated, created, branches, tags."""
        return json.loads((self.folder / "repository.json").read_text())

    def save(self, state: dict[str, Any]) -> None:
        """Replace settings and refs at once."""
        temporary = self.folder / "repository.json.tmp"
        temporary.write_text(json.dumps(state, indent=1))
        temporary.replace(self.folder / "repository.json")

    def delete(self) -> None:
        """Forget the repository; contents that others share stay."""
        with self.store.lock:
            shutil.rmtree(self.folder)

    def resolve(self, revision: str) -> str:
        """The commit that a branch, tag, full ref or (abbreviated) commit names.

        Raises:
            Refused: 404 RevisionNotFound.
        """
        state = self.state()
        short = revision.removeprefix("refs/heads/").removeprefix("refs/tags/")
        for refs in (state["branches"], state["tags"]):
            if short in refs:
                return refs[short]
        if len(revision) >= SHORT_OID and revision.isalnum():
            for path in (self.folder / "commits").glob(f"{revision}*.json"):
                return path.stem
        raise Refused(404, f"Invalid rev id: {revision}", "RevisionNotFound")

    def commit(self, oid: str) -> Commit:
        """A commit by its full name."""
        return read_commit(self.folder / "commits" / f"{oid}.json")

    def tree(self, oid: str) -> Tree:
        """The files of a commit; shared, so not to be changed."""
        return read_tree(self.folder / "trees" / f"{self.commit(oid).tree}.json")

    def history(self, oid: str) -> Iterator[tuple[str, Commit]]:
        """Commits from ``oid`` back to the first."""
        step: str | None = oid
        while step:
            commit = self.commit(step)
            yield step, commit
            step = commit.parent

    def append(self, branch: str, tree: Tree, title: str, message: str, author: str) -> str:
        """Put a commit on a branch, which starts with it if it is new; its oid."""
        with self.store.lock:
            state = self.state()
            files = {path: asdict(entry) for path, entry in sorted(tree.items())}
            name = self._written("trees", files)
            parent = state["branches"].get(branch)
            commit = Commit(parent, name, title, message, author, now())
            oid = self._written("commits", asdict(commit))
            state["branches"][branch] = oid
            self.save(state)
        return oid

    def _written(self, part: str, value: dict[str, Any]) -> str:
        text = json.dumps(value)
        oid = hashlib.sha1(text.encode()).hexdigest()
        (self.folder / part / f"{oid}.json").write_text(text)
        return oid


@lru_cache(maxsize=256)
def read_commit(path: Path) -> Commit:
    """A commit from its file, which never changes."""
    return Commit(**json.loads(path.read_text()))


@lru_cache(maxsize=64)
def read_tree(path: Path) -> Tree:
    """A tree from its file, which never changes."""
    return {name: Entry(**entry) for name, entry in json.loads(path.read_text()).items()}
