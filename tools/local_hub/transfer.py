"""Moving file contents: LFS uploads, the way to the chunk store, and downloads."""

from __future__ import annotations

import re
from typing import Any

from exchange import Answer, Refused, Request
from hub import Hub
from store import Repository


def lfs_batch(hub: Hub, request: Request, repository: Repository) -> Answer:
    """Where to send each object; nothing for those that are here."""

    def told(oid: str, size: int) -> dict[str, Any]:
        if hub.store.contents.find(oid) is not None:
            return {"oid": oid, "size": size}
        upload = {"href": f"{request.endpoint}/lfs/{oid}"}
        verify = {"href": f"{request.endpoint}/datasets/{repository.name}.git/info/lfs/verify"}
        return {"oid": oid, "size": size, "actions": {"upload": upload, "verify": verify}}

    objects = [told(file["oid"], file["size"]) for file in request.json()["objects"]]
    return Answer.of({"transfer": "basic", "objects": objects})


def lfs_put(hub: Hub, request: Request, oid: str) -> Answer:
    """Take in one object.

    Raises:
        Refused: 400 for bytes that are not what they are named.
    """
    if hub.store.contents.add(request.body.pieces()) != oid:
        raise Refused(400, f"The bytes that came are not {oid}")
    return Answer()


def lfs_verify(hub: Hub, request: Request, repository: Repository) -> Answer:
    """Whether an object has come whole."""
    asked = request.json()
    if hub.store.contents.find(asked["oid"]) != asked["size"]:
        raise Refused(404, f"No object {asked['oid']} of {asked['size']} bytes")
    return Answer.of({})


def xet_token(hub: Hub, request: Request, repository: Repository, revision: str) -> Answer:
    """Where the chunk store is: in the headers for the client, in the body for hf_xet."""
    token = hub.store.contents.xet.token()
    headers = {
        "X-Xet-Cas-Url": str(token["casUrl"]),
        "X-Xet-Access-Token": str(token["accessToken"]),
        "X-Xet-Token-Expiration": str(token["exp"]),
    }
    return Answer.of(token, headers=headers)


def resolve(hub: Hub, request: Request, repository: Repository, revision: str, path: str) -> Answer:
    """A file, or the range of it that is asked for.

    Raises:
        Refused: 404 EntryNotFound; 416 for a range outside the file.
    """
    oid = repository.resolve(revision)
    entry = repository.tree(oid).get(path)
    if entry is None:
        missing = Refused(404, "Entry not found", "EntryNotFound").answer()
        missing.headers["X-Repo-Commit"] = oid
        return missing
    headers = {"X-Repo-Commit": oid, "ETag": f'"{entry.oid}"', "Accept-Ranges": "bytes"}
    headers["Content-Type"] = "application/octet-stream"
    if entry.sha256:
        headers |= {"X-Linked-ETag": f'"{entry.sha256}"', "X-Linked-Size": str(entry.size)}
        if chunked := hub.store.contents.xet.find(entry.blob):
            route = f"{request.endpoint}/api/datasets/{repository.name}/xet-read-token/{oid}"
            headers |= {"X-Xet-Hash": chunked.hash, "Link": f'<{route}>; rel="xet-auth"'}
    if request.method == "HEAD":
        return Answer(200, headers | {"Content-Length": str(entry.size)})
    file = hub.store.contents.content(entry.blob)
    size = file.stat().st_size
    part = span(request.headers.get("Range", ""), size)
    start, end = part or (0, size)
    if part:
        headers["Content-Range"] = f"bytes {start}-{end - 1}/{size}"
    return Answer(206 if part else 200, headers, file=file, start=start, length=end - start)


def span(asked: str, size: int) -> tuple[int, int] | None:
    """First byte and the one after the last of a Range header with one range; None without one."""
    found = re.fullmatch(r"bytes=(\d*)-(\d*)", asked)
    if not found or found.groups() == ("", ""):
        return None
    first, last = found.groups()
    if not first:
        return max(0, size - int(last)), size
    start, end = int(first), min(int(last) + 1, size) if last else size
    if start >= end:
        raise Refused(416, f"{asked} is outside {size} bytes")
    return start, end
