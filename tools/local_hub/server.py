"""The server itself: connections, what is logged of them, and the failures that were asked for."""

from __future__ import annotations

import socket
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import unquote

from exchange import Answer, Body, Request
from hub import Hub
from routes import answered


class LocalServer(ThreadingHTTPServer):
    """A thread a connection, on this machine's own address only."""

    daemon_threads = True
    request_queue_size = 128
    """Connections that may wait; past the standard 5 a client's next try comes a second later."""

    def __init__(self, hub: Hub, port: int) -> None:
        self.hub = hub
        super().__init__(("127.0.0.1", port), Connection)


class Connection(BaseHTTPRequestHandler):
    """One client's connection, kept open between requests."""

    server: LocalServer
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    """With Nagle's algorithm, or an unbuffered file, each answer takes 40 ms."""
    wbufsize = -1

    def exchange(self) -> None:
        """Answer one request, or fail as a rule says."""
        path, _, query = self.path.partition("?")
        body = Body(self.rfile, self.headers)  # type: ignore[arg-type]
        request = Request(self.command, path, query, self.headers, body)  # type: ignore[arg-type]
        control = path.startswith("/_")
        rule = None if control else self.server.hub.faults.met(self.command, unquote(path))
        kind = rule.fault if rule else ""
        try:
            if kind == "timeout" and rule:
                time.sleep(rule.seconds)
            if kind in ("timeout", "cut"):
                self.note(request, None, 0, kind)
                return self.hang_up()
            failed = rule.answer() if rule and kind.isdigit() else None
            answer = failed or answered(self.server.hub, request)
            for _ in body.pieces():
                pass  # what is left of it would be taken for the next request
            sent = 0 if self.command == "HEAD" or kind == "cut-after" else answer.size
            sent = sent // 2 if kind == "cut-half" else sent
            if not control:
                self.note(request, answer, sent, kind)
            if kind == "cut-after":
                return self.hang_up()
            self.send(answer, sent)
            if kind == "cut-half":
                self.hang_up()
        except ConnectionError:
            self.close_connection = True

    do_GET = do_HEAD = do_POST = do_PUT = do_DELETE = exchange  # noqa: N815

    def send(self, answer: Answer, size: int) -> None:
        """The status, the headers and the first ``size`` bytes of the body."""
        self.send_response(answer.status)
        for name, value in ({"Content-Length": str(answer.size)} | answer.headers).items():
            self.send_header(name, value)
        self.end_headers()
        for piece in answer.pieces(size):
            self.wfile.write(piece)
        self.wfile.flush()

    def note(self, request: Request, answer: Answer | None, sent: int, fault: str) -> None:
        """Log a request, before the client can know that it is done."""
        path = f"{request.path}?{request.query}".rstrip("?")
        line = {
            "method": request.method,
            "path": path.replace(self.server.hub.token, "***"),
            "status": answer.status if answer else None,
            "received": request.body.received,
            "sent": sent,
        }
        if fault:
            line["fault"] = fault
        if answer and answer.new_bytes is not None:
            line["new_bytes"] = answer.new_bytes
        self.server.hub.log.add(line)

    def hang_up(self) -> None:
        """Drop the connection without another word."""
        self.close_connection = True
        self.connection.shutdown(socket.SHUT_RDWR)

    def log_message(self, format: str, *args: Any) -> None:
        """Nothing on the terminal: requests.jsonl has it all."""
