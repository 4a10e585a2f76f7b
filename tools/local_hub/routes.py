"""Which request goes where, and who may send it."""

from __future__ import annotations

import hmac
import re
from collections.abc import Callable
from typing import Any, NamedTuple
from urllib.parse import unquote

import account
import commit
import control
import listing
import transfer
from exchange import Answer, Refused, Request
from hub import Hub
from store import Repository

Act = Callable[..., Answer]

API = "/api/datasets/{repository}"
FILES = "/datasets/{repository}"

ANYONE: list[tuple[str, str, Act]] = [
    ("GET", API, listing.info),
    ("GET", f"{API}/revision/{{revision}}", listing.info),
    ("GET", f"{API}/tree/{{revision}}", listing.tree),
    ("GET", f"{API}/tree/{{revision}}/{{path}}", listing.tree),
    ("POST", f"{API}/paths-info/{{revision}}", listing.paths_info),
    ("GET", f"{API}/refs", listing.refs),
    ("GET", f"{API}/commits/{{revision}}", listing.commits),
    ("GET", f"{API}/xet-read-token/{{revision}}", transfer.xet_token),
    ("GET", f"{FILES}/resolve/{{revision}}/{{path}}", transfer.resolve),
    ("PUT", "/lfs/{oid}", transfer.lfs_put),
    ("POST", "/api/validate-yaml", account.validate_yaml),
]
"""Needs a token only if the repository is private; the client sends none with a PUT."""

OWNER: list[tuple[str, str, Act]] = [
    ("GET", "/api/whoami-v2", account.whoami),
    ("POST", "/api/repos/create", account.create),
    ("DELETE", "/api/repos/delete", account.delete),
    ("PUT", f"{API}/settings", account.settings),
    ("POST", f"{API}/preupload/{{revision}}", commit.preupload),
    ("POST", f"{FILES}.git/info/lfs/objects/batch", transfer.lfs_batch),
    ("POST", f"{FILES}.git/info/lfs/verify", transfer.lfs_verify),
    ("GET", f"{API}/xet-write-token/{{revision}}", transfer.xet_token),
    ("POST", f"{API}/commit/{{revision}}", commit.commit),
    ("POST", f"{API}/{{kind}}/{{revision}}", account.add_ref),
    ("DELETE", f"{API}/{{kind}}/{{revision}}", account.delete_ref),
    ("GET", "/_log", control.show_log),
    ("DELETE", "/_log", control.clear_log),
    ("POST", "/_faults", control.set_faults),
    ("DELETE", "/_faults", control.set_faults),
    ("POST", "/_forge/{name}", commit.forge),
]
"""Needs the token."""

PARTS = {"repository": "[^/]+/[^/]+", "name": "[^/]+/[^/]+", "path": ".+", "kind": "tag|branch"}
"""What stands for these in a path; anything else is one part."""


class Route(NamedTuple):
    """A row of the tables above, ready to match."""

    method: str
    pattern: re.Pattern[str]
    act: Act
    owner_only: bool


def compiled(path: str) -> re.Pattern[str]:
    """The regular expression of a path with names in braces."""
    return re.compile(re.sub(r"{(\w+)}", lambda m: f"(?P<{m[1]}>{PARTS.get(m[1], '[^/]+')})", path))


ROUTES = [
    Route(method, compiled(path), act, table is OWNER)
    for table in (ANYONE, OWNER)
    for method, path, act in table
]


def answered(hub: Hub, request: Request) -> Answer:
    """Find who answers, check that the sender may ask, and ask."""
    method = "GET" if request.method == "HEAD" else request.method
    for route in ROUTES:
        found = route.pattern.fullmatch(request.path)
        if found and route.method == method:
            parts = {name: unquote(value) for name, value in found.groupdict().items()}
            try:
                return asked(hub, request, route, parts)
            except Refused as refusal:
                return refusal.answer()
            except (ValueError, KeyError) as error:  # a body that is not what the route expects
                return Refused(400, f"Malformed request: {error!r}").answer()
    return Refused(404, "Not found").answer()


def asked(hub: Hub, request: Request, route: Route, parts: dict[str, Any]) -> Answer:
    """Call a route's function on the repository that the path names.

    Raises:
        Refused: 401 where the token is wrong or missing. As on the Hub, without one a private
            repository and one that is not there look the same.
    """
    owner = is_owner(hub, request)
    if route.owner_only and not owner:
        raise Refused(401, "Log in first: this needs a token")
    if "repository" in parts:
        parts["repository"] = visible(hub, parts["repository"], owner)
    return route.act(hub, request, **parts)


def visible(hub: Hub, name: str, owner: bool) -> Repository:
    """A repository that the sender may read."""
    if owner:
        return hub.store.repository(name)
    if not hub.store.has(name) or hub.store.repository(name).state()["private"]:
        raise Refused(401, "Repository not found, or log in to see it", "RepoNotFound")
    return hub.store.repository(name)


def is_owner(hub: Hub, request: Request) -> bool:
    """Whether the token came with the request.

    Raises:
        Refused: 401 for another token.
    """
    shown = request.headers.get("Authorization", "")
    if shown and not hmac.compare_digest(shown.encode(), f"Bearer {hub.token}".encode()):
        raise Refused(401, "Invalid credentials in Authorization header")
    return bool(shown)
