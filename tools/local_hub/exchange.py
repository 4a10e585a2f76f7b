"""What goes in and out: requests, their bodies, answers and refusals."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO
from urllib.parse import parse_qs

PIECE = 1 << 20
"""Bytes read or written at once: memory stays flat whatever the file's size."""


class Refused(Exception):  # noqa: N818 - an answer, not a failure of ours
    """An answer other than success.

    ``code`` is the Hub's ``X-Error-Code``, by which the client picks its exception.
    """

    def __init__(self, status: int, message: str, code: str = "", **body: str) -> None:
        super().__init__(message)
        self.status, self.message, self.code, self.body = status, message, code, body

    def answer(self) -> Answer:
        """As the Hub words it: in the headers and in the JSON."""
        headers = {"X-Error-Message": self.message.encode("unicode_escape").decode()}
        if self.code:
            headers["X-Error-Code"] = self.code
        return Answer.of({"error": self.message, **self.body}, self.status, headers)


class Body:
    """A request's body, read once; the client always tells its length."""

    def __init__(self, stream: BinaryIO, headers: Mapping[str, str]) -> None:
        self.stream = stream
        self.left = int(headers.get("Content-Length") or 0)
        self.received = 0

    def pieces(self) -> Iterator[bytes]:
        """The bytes not yet read.

        Raises:
            ConnectionError: The client went away before the end.
        """
        while self.left:
            piece = self.stream.read(min(PIECE, self.left))
            if not piece:
                raise ConnectionError("the body ends early")
            self.left -= len(piece)
            self.received += len(piece)
            yield piece

    def read(self) -> bytes:
        """All that is left."""
        return b"".join(self.pieces())


@dataclass(frozen=True, slots=True)
class Request:
    """One request; ``path`` is still quoted, ``endpoint`` is the address the client used."""

    method: str
    path: str
    query: str
    headers: Mapping[str, str]
    body: Body

    @property
    def endpoint(self) -> str:
        """The server's address as this client knows it."""
        return f"http://{self.headers['Host']}"

    def json(self) -> Any:
        """The body, which must be JSON; nothing is an empty object."""
        return json.loads(self.body.read() or b"{}")

    def asked(self, name: str) -> str:
        """A query parameter's last value, or an empty string."""
        return parse_qs(self.query).get(name, [""])[-1]


@dataclass(frozen=True, slots=True)
class Answer:
    """A status, headers, and a body: bytes, or ``length`` bytes of a file from ``start``."""

    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""
    file: Path | None = None
    start: int = 0
    length: int = 0
    new_bytes: int | None = None
    """What a commit added to the store, for the log."""

    @classmethod
    def of(
        cls,
        value: Any,
        status: int = 200,
        headers: dict[str, str] | None = None,
        new_bytes: int | None = None,
    ) -> Answer:
        """A JSON answer."""
        headers = {"Content-Type": "application/json", **(headers or {})}
        return cls(status, headers, json.dumps(value).encode(), new_bytes=new_bytes)

    @property
    def size(self) -> int:
        """Bytes of the body."""
        return self.length if self.file else len(self.body)

    def pieces(self, size: int) -> Iterator[bytes]:
        """The first ``size`` bytes of the body."""
        if not self.file:
            yield self.body[:size]
            return
        with self.file.open("rb") as stream:
            stream.seek(self.start)
            while size and (piece := stream.read(min(PIECE, size))):
                size -= len(piece)
                yield piece
