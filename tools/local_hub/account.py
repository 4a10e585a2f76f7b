"""Repositories as a whole, and their branches and tags."""

from __future__ import annotations

import re
from typing import Any

import commit
from exchange import Answer, Refused, Request
from hub import Hub
from store import Repository

REFS = {"tag": "tags", "branch": "branches"}
"""Where a repository keeps the refs of a kind."""

NAME = re.compile(r"[\w][\w.-]{0,94}[\w]|[\w]")
"""A namespace or a name: what the client also accepts."""


def whoami(hub: Hub, request: Request) -> Answer:
    """Whose token this is."""
    token = {"type": "access_token", "accessToken": {"displayName": "local", "role": "write"}}
    return Answer.of({"type": "user", "name": hub.user, "orgs": [], "auth": token})


def named(hub: Hub, asked: dict[str, Any]) -> str:
    """The full name of the data set that a request speaks of.

    Raises:
        Refused: 400 for models and Spaces, and for names that are none.
    """
    if asked.get("type") != "dataset":
        raise Refused(400, 'The stand-in Hub has data sets only: pass repo_type="dataset"')
    parts = (asked.get("organization") or hub.user, asked["name"])
    if not all(NAME.fullmatch(part) and ".." not in part for part in parts):
        raise Refused(400, f"Invalid repository name: {'/'.join(parts)}")
    return "/".join(parts)


def is_private(asked: dict[str, Any]) -> bool:
    """Newer clients say ``visibility``, older ones ``private``."""
    return bool(asked.get("private", asked.get("visibility") == "private"))


def create(hub: Hub, request: Request) -> Answer:
    """A new repository; 409 with its address when there is one."""
    asked = request.json()
    name = named(hub, asked)
    url = f"{request.endpoint}/datasets/{name}"
    with hub.store.lock:
        if hub.store.has(name):
            raise Refused(409, "You already created this dataset repo", url=url)
        commit.first(hub.store.create(name, is_private(asked)), hub.user)
    return Answer.of({"url": url, "name": name})


def delete(hub: Hub, request: Request) -> Answer:
    """Take a repository away."""
    hub.store.repository(named(hub, request.json())).delete()
    return Answer.of({})


def settings(hub: Hub, request: Request, repository: Repository) -> Answer:
    """Who may see it: ``private`` or ``visibility``; ``gated`` is kept and shown, no more."""
    asked = request.json()
    with hub.store.lock:
        state = repository.state()
        if "private" in asked or "visibility" in asked:
            state["private"] = is_private(asked)
        state["gated"] = asked.get("gated", state["gated"])
        repository.save(state)
    return Answer.of({"private": state["private"], "gated": state["gated"]})


def validate_yaml(hub: Hub, request: Request) -> Answer:
    """Whether a card has front matter; what it says is not read."""
    if request.json()["content"].lstrip().startswith("---"):
        return Answer.of({"errors": [], "warnings": []})
    warning = {"message": "empty or missing yaml metadata in repo card"}
    return Answer.of({"errors": [], "warnings": [warning]})


def add_ref(hub: Hub, request: Request, repository: Repository, kind: str, revision: str) -> Answer:
    """A tag on a revision, or a branch of that name from ``startingPoint``; 409 if taken."""
    asked = request.json()
    tag = kind == "tag"
    name = asked["tag"] if tag else revision
    start = revision if tag else asked.get("startingPoint", "main")
    with hub.store.lock:
        state = repository.state()
        if name in state[REFS[kind]]:
            raise Refused(409, f"Reference already exists: {name}")
        state[REFS[kind]][name] = repository.resolve(start)
        repository.save(state)
    return Answer.of({}, 201)


def delete_ref(
    hub: Hub, request: Request, repository: Repository, kind: str, revision: str
) -> Answer:
    """Forget a tag or a branch, but for main; its commits stay."""
    if (kind, revision) == ("branch", "main"):
        raise Refused(403, "The main branch stays")
    with hub.store.lock:
        state = repository.state()
        if state[REFS[kind]].pop(revision, None) is None:
            raise Refused(404, f"Invalid rev id: {revision}", "RevisionNotFound")
        repository.save(state)
    return Answer.of({})
