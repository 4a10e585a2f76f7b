"""Heads of HTTP/1 messages, as far as a forward proxy has to understand them."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlsplit

HEAD_LIMIT = 65_536
"""Bytes of a message's head; http.client itself gives up at a line as long."""

HOP_BY_HOP = frozenset({"connection", "proxy-connection", "proxy-authorization", "keep-alive"})
"""Headers that concern one connection only."""

Headers = tuple[tuple[str, str], ...]


def _headers(lines: list[str]) -> Headers:
    pairs = (line.partition(":") for line in lines if ":" in line)
    return tuple((name.strip(), value.strip()) for name, _, value in pairs)


def _value(headers: Headers, name: str) -> str | None:
    return next((value for key, value in headers if key.lower() == name), None)


def _end_to_end(headers: Headers) -> str:
    kept = (pair for pair in headers if pair[0].lower() not in HOP_BY_HOP)
    return "".join(f"{name}: {value}\r\n" for name, value in kept)


@dataclass(frozen=True, slots=True)
class RequestHead:
    """What a client asks of a proxy.

    Attributes:
        method: ``GET``, or ``CONNECT`` for a tunnel.
        target: an absolute address, or host and port for a tunnel.
        headers: as they came.
    """

    method: str
    target: str
    headers: Headers

    @classmethod
    def parse(cls, head: bytes) -> RequestHead | None:
        """The head of a request; None if it is none that a downloader sends."""
        lines = head.decode("latin-1").split("\r\n")
        words = lines[0].split(" ")
        if len(words) != 3 or words[0] not in ("GET", "HEAD", "CONNECT"):
            return None
        return cls(words[0], words[1], _headers(lines[1:]))

    @property
    def tunnel(self) -> bool:
        """Whether bytes are to be passed both ways unseen."""
        return self.method == "CONNECT"

    def header(self, name: str) -> str | None:
        """A header's value, by its name in lower case."""
        return _value(self.headers, name)

    @property
    def place(self) -> tuple[str, int] | None:
        """Host and port that are asked for; None where that is no place on the web."""
        try:
            if self.tunnel:
                # http.client writes an IPv6 address here without its brackets.
                host, _, port = self.target.rpartition(":")
                return (host.strip("[]"), int(port)) if host else None
            parts = urlsplit(self.target)
            if parts.scheme != "http" or not parts.hostname:
                return None
            return parts.hostname, parts.port or 80
        except ValueError:
            return None

    def to_origin(self) -> bytes:
        """The head as the server itself is asked."""
        parts = urlsplit(self.target)
        path = parts.path or "/"
        target = f"{path}?{parts.query}" if parts.query else path
        first = f"{self.method} {target} HTTP/1.1\r\n"
        return f"{first}{_end_to_end(self.headers)}Connection: close\r\n\r\n".encode("latin-1")


@dataclass(frozen=True, slots=True)
class ResponseHead:
    """What a server answers.

    Attributes:
        status: HTTP status.
        phrase: what follows it.
        headers: as they came.
    """

    status: int
    phrase: str
    headers: Headers

    @classmethod
    def parse(cls, head: bytes) -> ResponseHead | None:
        """The head of a response; None if it is not HTTP."""
        lines = head.decode("latin-1").split("\r\n")
        version, _, rest = lines[0].partition(" ")
        code, _, phrase = rest.partition(" ")
        if not version.startswith("HTTP/") or not (code.isdecimal() and len(code) == 3):
            return None
        return cls(int(code), phrase, _headers(lines[1:]))

    @property
    def is_interim(self) -> bool:
        """Whether the real answer follows."""
        return 100 <= self.status < 200

    @property
    def length(self) -> int | None:
        """Bytes of content, where the server says so."""
        value = _value(self.headers, "content-length")
        return int(value) if value is not None and value.isdecimal() else None

    @property
    def has_end(self) -> bool:
        """Whether a client can tell the whole content from a part of it."""
        chunked = "chunked" in (_value(self.headers, "transfer-encoding") or "").lower()
        return chunked or self.length is not None or self.status in (204, 304)

    def to_client(self) -> bytes:
        """The head as it is passed on; without an end of its own the content comes in chunks."""
        # The proxy's own refusals must not be imitated.
        status = 400 if self.status == 470 else self.status
        framing = "" if self.has_end else "Transfer-Encoding: chunked\r\n"
        first = f"HTTP/1.1 {status} {self.phrase}\r\n"
        head = f"{first}{_end_to_end(self.headers)}{framing}Connection: close\r\n\r\n"
        return head.encode("latin-1")
