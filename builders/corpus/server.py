"""The corpus's web server: on this machine's loopback addresses alone, answers as routed."""

from __future__ import annotations

import errno
import socket
import sys
import threading
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from benchwright.builders.corpus.routes import PAGES, Answer, Routes
from benchwright.errors import DatasetError

PATIENCE = 60.0
"""Seconds that a connection may stay silent."""

TRIES = 20
"""Free ports tried until one is free on every address."""

TLS_HELLO = b"\x16"
"""First byte of a client that wants to speak TLS (RFC 8446, 5.1)."""

NOT_TLS = b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"


class Pages:
    """What is served, and how often each path has been asked for; shared by all connections."""

    def __init__(self, folder: Path, routes: Routes) -> None:
        """Of a corpus's folder and its routes."""
        self.closing = threading.Event()
        self._files = folder / PAGES
        self._routes = routes
        self._asked: Counter[str] = Counter()
        self._lock = threading.Lock()

    def answer(self, path: str) -> Answer:
        """The next answer on a path; 404 where there is no such path."""
        answers = self._routes.get(path, (Answer(404),))
        with self._lock:
            number = self._asked[path]
            self._asked[path] += 1
        return answers[min(number, len(answers) - 1)]

    def content(self, answer: Answer) -> bytes:
        """The bytes an answer sends."""
        return (self._files / answer.file).read_bytes() if answer.file else b""

    def asked(self) -> dict[str, int]:
        """Path to requests so far."""
        with self._lock:
            return dict(self._asked)


class _Listener(ThreadingHTTPServer):
    """A server on one address."""

    request_queue_size = 256  # a downloader opens dozens of connections at once

    def __init__(self, address: str, port: int, pages: Pages) -> None:
        self.address_family = socket.AF_INET6 if ":" in address else socket.AF_INET
        self.pages = pages
        super().__init__((address, port), _Handler)

    def server_bind(self) -> None:
        # Not HTTPServer's: that one asks the resolver for the machine's name, which may take long.
        self.socket.bind(self.server_address)
        self.server_address = self.socket.getsockname()
        host, self.server_port = self.server_address[:2]
        self.server_name = str(host)

    def handle_error(self, request: Any, client_address: Any) -> None:
        # Clients that lose patience with slow answers hang up: that is what those are for.
        if not isinstance(sys.exception(), ConnectionError | TimeoutError):
            super().handle_error(request, client_address)


class _Handler(BaseHTTPRequestHandler):
    """One connection."""

    protocol_version = "HTTP/1.1"
    server_version, sys_version = "benchwright-corpus", ""
    timeout = PATIENCE
    wbufsize = -1  # headers and page in one packet where they fit
    disable_nagle_algorithm = True
    server: _Listener

    def handle(self) -> None:
        if self.connection.recv(1, socket.MSG_PEEK) == TLS_HELLO:
            self.connection.recv(65536)
            self.connection.sendall(NOT_TLS)
            return
        super().handle()

    def do_GET(self) -> None:
        pages = self.server.pages
        answer = pages.answer(urlsplit(self.path).path)
        if answer.delay and pages.closing.wait(answer.delay):
            self.close_connection = True
            return
        content = pages.content(answer)
        self.send_response(answer.status)
        for name, value in answer.headers:
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        if answer.drop:
            content = content[: len(content) // 2]
            self.close_connection = True
        self.wfile.write(content)

    def log_message(self, format: str, *args: Any) -> None:
        """Nothing: the downloader under test keeps count."""


@contextmanager
def listening(pages: Pages, addresses: Sequence[str], port: int) -> Iterator[int]:
    """Serve pages on some addresses, at one port, until the block ends.

    Args:
        pages: what to serve.
        addresses: loopback addresses that this machine has.
        port: 0 for any that is free.

    Yields:
        The port.

    Raises:
        DatasetError: the port is taken.
    """
    servers = _bound(pages, addresses, port)
    with ExitStack() as stack:
        for server in servers:
            stack.callback(server.server_close)
            thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
            thread.start()
            stack.callback(thread.join)
            stack.callback(server.shutdown)
        stack.callback(pages.closing.set)
        yield servers[0].server_port


def _bound(pages: Pages, addresses: Sequence[str], port: int) -> list[_Listener]:
    for tries_left in reversed(range(1 if port else TRIES)):
        servers: list[_Listener] = []
        try:
            for address in addresses:
                wanted = servers[0].server_port if servers else port
                servers.append(_Listener(address, wanted, pages))
            return servers
        except OSError as error:
            for server in servers:
                server.server_close()
            if error.errno != errno.EADDRINUSE or not tries_left:
                raise DatasetError(
                    f"port {port or 'any'}: {error.strerror}; name another with --port, or 0 for "
                    "any that is free"
                ) from error
    raise AssertionError("the last try returns or raises")
