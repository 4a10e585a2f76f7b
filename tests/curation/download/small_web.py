"""A small web on loopback that has what goes wrong in the large one."""

import http.server
import io
import re
import ssl
import threading
import time
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import numpy as np
from PIL import Image

Answer = tuple[int, dict[str, str], bytes]


def picture(seed: int, form: str = "JPEG", size: int = 64) -> bytes:
    """A picture that differs with the seed."""
    pixels = np.random.default_rng(seed).integers(0, 255, (8, 8, 3)).astype(np.uint8)
    image = Image.fromarray(pixels).resize((size, size))
    file = io.BytesIO()
    image.save(file, form)
    return file.getvalue()


def deep_grey(value: int) -> bytes:
    """A 16-bit PNG of one tone."""
    file = io.BytesIO()
    Image.fromarray(np.full((32, 32), value, np.uint16)).save(file, "PNG")
    return file.getvalue()


@dataclass
class Web:
    """The server's state: what was asked of it, and what heals."""

    port: int
    asked: list[str] = field(default_factory=list)
    agents: set[str] = field(default_factory=set)
    slow: float = 3.0
    at_once: int = 0
    most_at_once: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)

    def url(self, path: str, host: str = "127.0.0.1") -> str:
        return f"http://{host}:{self.port}{path}"

    def answer(self, path: str) -> Answer:
        name, _, rest = path.lstrip("/").partition("/")
        again = self.asked.count(path) > 1
        jpeg = {"Content-Type": "image/jpeg"}
        match name:
            case "good":
                return 200, jpeg, picture(int(re.match(r"\d+", rest)[0]))
            case "small":
                return 200, jpeg, picture(int(rest), size=32)
            case "form":
                return 200, {}, picture(7, rest)
            case "deep":
                return 200, {}, deep_grey(30_000)
            case "same":
                return 200, jpeg, picture(999)
            case "status":
                return int(rest), {}, b"no"
            case "heals":
                return (200, jpeg, picture(500)) if again else (503, {}, b"later")
            case "busy":
                return (200, jpeg, picture(501)) if again else (429, {"Retry-After": "1"}, b"")
            case "html":
                return 200, jpeg, b"<html><body>not here</body></html>"
            case "cut":
                return 200, jpeg, picture(3)[:200]
            case "short":
                return 200, {**jpeg, "Content-Length": "90000"}, picture(4)
            case "huge":
                return 200, {**jpeg, "Content-Length": str(10**12)}, b""
            case "pixels":
                return 200, {}, bomb()
            case "robots":
                return 200, {**jpeg, "X-Robots-Tag": rest.replace("_", " ")}, picture(5)
            case "away":
                return 302, {"Location": f"http://{rest}"}, b""
            case "file":
                return 302, {"Location": "file:///etc/hosts"}, b""
            case "ftp":
                return 302, {"Location": f"ftp://127.0.0.1:{self.port}/good/1"}, b""
            case "loop":
                return 302, {"Location": path}, b""
            case "count":
                with self.lock:
                    self.at_once += 1
                    self.most_at_once = max(self.most_at_once, self.at_once)
                time.sleep(0.05)
                with self.lock:
                    self.at_once -= 1
                return 200, jpeg, b"counted"
            case "slow":
                time.sleep(self.slow)
                return 200, jpeg, picture(6)
            case _:
                return 404, {}, b"none"


def bomb() -> bytes:
    """A PNG whose header claims 30,000 x 30,000 pixels."""
    data = bytearray(picture(1, "PNG"))
    data[16:24] = (30_000).to_bytes(4, "big") * 2
    data[29:33] = zlib.crc32(bytes(data[12:29])).to_bytes(4, "big")
    return bytes(data)


@contextmanager
def serving(secured: ssl.SSLContext | None = None) -> Iterator[Web]:
    """The web, on a free port; by HTTPS with a context."""

    class Handler(http.server.BaseHTTPRequestHandler):
        timeout = 5

        def do_GET(self) -> None:
            web.asked.append(self.path)
            web.agents.add(self.headers.get("User-Agent", ""))
            if self.path.startswith("/silent"):
                return
            if self.path.startswith("/garbage"):
                self.wfile.write(b"\x16\x03\x01 this is not HTTP\r\n\r\n")
                return
            if self.path.startswith("/endless"):
                self.wfile.write(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
                while True:
                    self.wfile.write(b"4000\r\n" + bytes(0x4000) + b"\r\n")
            status, headers, body = web.answer(self.path)
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            if self.path.startswith("/form"):
                pass  # ends with the connection: no length
            elif "Content-Length" not in headers:
                self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    class Server(http.server.ThreadingHTTPServer):
        daemon_threads = True
        request_queue_size = 256

        def handle_error(self, *_: object) -> None:
            """A client that hangs up is no news."""

    server = Server(("127.0.0.1", 0), Handler)
    if secured is not None:
        server.socket = secured.wrap_socket(server.socket, server_side=True)
    web = Web(server.server_address[1])
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield web
    finally:
        server.shutdown()
        server.server_close()
