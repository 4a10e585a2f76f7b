"""One run a folder of a storage: a sign that its holder renews, since storages have no locks.

A sign that is not renewed is a dead run's. What remains is the moment in which two runs that begin
at once both see none; then shards are made twice, which gives the same bytes.
"""

from __future__ import annotations

import json
import logging
import os
import secrets
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

from benchwright.errors import DatasetError

if TYPE_CHECKING:
    from benchwright.storage import Storage

log = logging.getLogger(__name__)

FILE = ".lease"

RENEWED = 10.0
"""Seconds between renewals: four can fail before the holder is taken for dead."""

DEAD = 45.0
"""Seconds without a renewal, by the clock of who waits, after which a run is dead."""

LOOK = 3.0
"""Seconds between looks at another's sign."""


@dataclass(frozen=True, slots=True)
class Sign:
    """Who is at work, and how often he has said so."""

    host: str
    pid: int
    token: str
    count: int

    def text(self, count: int) -> bytes:
        """The sign as it is stored."""
        return json.dumps({**asdict(self), "count": count}).encode()

    def is_dead_here(self) -> bool:
        """Whether it is of a process of this machine that has ended."""
        if self.host != socket.gethostname():
            return False
        try:
            os.kill(self.pid, 0)
        except ProcessLookupError:
            return True
        except PermissionError:
            return False
        return False


@contextmanager
def held(storage: Storage) -> Iterator[Callable[[], None]]:
    """Hold a folder of a storage; yields what raises where somebody has taken it over since.

    Raises:
        DatasetError: another run is at work in it, or the storage refuses.
    """
    if storage.name.startswith("hf://"):  # where each renewal would be a commit
        yield lambda: None
        return
    _wait_for_the_dead(storage)
    mine = Sign(socket.gethostname(), os.getpid(), secrets.token_hex(8), 0)
    storage.write(FILE, mine.text(0))

    def check() -> None:
        if (found := _read(storage)) is None or found.token != mine.token:
            raise _busy(storage, found)

    check()
    ended = threading.Event()
    renewing = threading.Thread(target=_renew, args=(storage, mine, ended), daemon=True)
    renewing.start()
    try:
        yield check
    finally:
        ended.set()
        renewing.join()
        if (found := _read(storage)) and found.token == mine.token:
            storage.remove(FILE)


def _renew(storage: Storage, mine: Sign, ended: threading.Event) -> None:
    count = 0
    while not ended.wait(RENEWED):
        count += 1
        with suppress(DatasetError):  # the run itself finds out, if it lasts
            found = _read(storage)
            if found is None or found.token == mine.token:  # else this machine has slept too long
                storage.write(FILE, mine.text(count))


def _wait_for_the_dead(storage: Storage) -> None:
    """Return when nobody holds the folder."""
    first = _read(storage)
    if first is None or first.is_dead_here():
        return
    log.warning("%s: held by %s; waiting to see whether it lives", storage.name, first.host)
    began = time.monotonic()
    while time.monotonic() - began < DEAD:
        time.sleep(LOOK)
        now = _read(storage)
        if now is None:
            return
        if now != first:
            raise _busy(storage, now)


def _read(storage: Storage) -> Sign | None:
    body = storage.read(FILE)
    try:
        return Sign(**json.loads(body)) if body else None
    except (ValueError, TypeError):  # no sign of ours
        return None


def _busy(storage: Storage, by: Sign | None) -> DatasetError:
    who = f" (process {by.pid} of {by.host})" if by else ""
    return DatasetError(
        f"{storage.name}: another run is at work here{who}; wait for it to end, or use another "
        "folder"
    )
