"""A small corpus for tests, and a plain client that says what it gets from an address."""

import http.client
import io
import ipaddress
import socket
import ssl
from urllib.parse import urljoin, urlsplit

import cv2
import numpy as np
import pytest
from PIL import Image

from benchwright.builders.corpus.build import build
from benchwright.builders.corpus.folder import Corpus
from benchwright.corpus_recipe import CorpusRecipe
from benchwright.recipe_file import validate
from benchwright.rejection import Reason

SMALL = {
    "recipe": 1,
    "kind": "corpus",
    "name": "small",
    "title": "A small web corpus",
    "rows": 400,
    "classes": [
        {"name": "dog", "home": "grass", "share": 0.8},
        {"name": "car", "home": "snow", "share": 0.6, "weight": 2},
        {"name": "vase", "home": "grass", "share": 0.5},
    ],
    "backgrounds": ["grass", "snow"],
    "sizes": {"most": 256, "scales": [2.6]},
    "formats": {"png": 0.1, "webp": 0.1, "gif": 0.05, "bmp": 0.05},
    "slow_seconds": 20.0,
}

PATIENCE = 2.0
"""Seconds that the client waits."""

STATUSES = {404: Reason.NOT_FOUND, 410: Reason.NOT_FOUND, 429: Reason.RATE_LIMITED}
STATUSES |= dict.fromkeys((401, 403, 451), Reason.FORBIDDEN)
STATUSES |= dict.fromkeys((400, 406, 418), Reason.HTTP_OTHER)
STATUSES |= dict.fromkeys((500, 502, 503), Reason.SERVER_ERROR)
REFUSING = {"noai", "noimageai", "noindex", "noimageindex"}


def small(**changes: object) -> CorpusRecipe:
    """The small corpus's recipe, with some of its keys changed."""
    recipe = validate({**SMALL, **changes})
    assert isinstance(recipe, CorpusRecipe)
    return recipe


_BUILT: list[Corpus] = []  # a fixture that several modules import is one of each


@pytest.fixture(scope="session")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Corpus:
    """The small corpus, built once."""
    if not _BUILT:
        _BUILT.append(build(small(), tmp_path_factory.mktemp("corpora") / "small", workers=1))
    return _BUILT[0]


def fetch(url: str | None) -> tuple[str, bytes]:
    """What becomes of an address: ``downloaded`` or a reason, and the bytes that came."""
    for _ in range(6):
        parts = urlsplit(url or "")
        if parts.scheme not in ("http", "https"):
            return Reason.BAD_URL, b""
        if _is_private(parts.hostname):
            return Reason.PRIVATE_ADDRESS, b""
        try:
            answer, body = _get(parts)
        except Exception as error:
            return _failure(error), b""
        if answer.status in (301, 302, 307, 308):
            url = urljoin(url, answer.headers["Location"])
            continue
        if answer.status != 200:
            return STATUSES[answer.status], body
        return _judged(answer, body), body
    return Reason.REDIRECTS, b""


def _get(parts):
    kind = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
    connection = kind(parts.hostname, parts.port, timeout=PATIENCE)
    try:
        connection.request("GET", parts.path)
        answer = connection.getresponse()
        return answer, answer.read()
    finally:
        connection.close()


def _failure(error: Exception) -> Reason:
    kinds = {
        socket.gaierror: Reason.DNS,
        ssl.SSLError: Reason.TLS,
        TimeoutError: Reason.TIMEOUT,
        ConnectionRefusedError: Reason.REFUSED,
        http.client.IncompleteRead: Reason.DROPPED,
    }
    return next(reason for kind, reason in kinds.items() if isinstance(error, kind))


def _is_private(host: str) -> bool:
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return False
    return address.is_private and not address.is_loopback


def _judged(answer: http.client.HTTPResponse, body: bytes) -> str:
    for tag in answer.headers.get_all("X-Robots-Tag", []):
        robot, colon, words = tag.rpartition(":")
        is_ours = not colon or robot.strip() == "benchwright"
        if is_ours and {word.strip().lower() for word in words.split(",")} & REFUSING:
            return Reason.OPT_OUT
    try:
        with Image.open(io.BytesIO(body)) as image:
            width, height = image.size
    except Image.DecompressionBombError:
        return Reason.TOO_MANY_PIXELS
    except OSError:
        return Reason.UNDECODABLE
    whole = cv2.imdecode(np.frombuffer(body, np.uint8), cv2.IMREAD_UNCHANGED)
    try:
        Image.open(io.BytesIO(body)).load()
    except OSError:
        return Reason.UNDECODABLE
    return "downloaded" if whole is not None and width * height else Reason.UNDECODABLE
