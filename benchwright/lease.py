"""One run a folder of a storage: a sign that its holder renews, since storages have no locks.

A sign that is not renewed is a dead run's. A run that finds another's sign in the place of its own,
or none, has been taken for dead: it writes nothing more. What remains is the moment in which two
runs that begin at once both see no sign.
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
from dataclasses import asdict, astuple, dataclass
from pathlib import Path
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

MOST_PROCESSES = 2**31
"""Numbers that a process can have, and more."""

LOOK = 3.0
"""Seconds between looks at another's sign."""


@dataclass(frozen=True, slots=True)
class Sign:
    """Who is at work, and how often he has said so.

    Attributes:
        host: the machine's name.
        where: its boot and the process numbers' namespace, in which ``pid`` means something.
        pid: of the process.
        token: of the run.
        count: of renewals.
    """

    host: str
    where: str
    pid: int
    token: str
    count: int

    @classmethod
    def of_this_run(cls) -> Sign:
        """A new run's."""
        return cls(socket.gethostname(), _where(), os.getpid(), secrets.token_hex(8), 0)

    def text(self, count: int) -> bytes:
        """The sign as it is stored."""
        return json.dumps({**asdict(self), "count": count}).encode()

    def is_dead_here(self) -> bool:
        """Whether it is of a process of this machine that has ended."""
        if not self.where or self.where != _where():
            return False
        try:
            os.kill(self.pid, 0)
        except ProcessLookupError:
            return True
        except PermissionError:
            return False
        return False


def _where() -> str:
    """Empty where nobody can say, as on other systems than Linux."""
    try:
        boot = Path("/proc/sys/kernel/random/boot_id").read_text().strip()
        return f"{boot} {Path('/proc/self/ns/pid').readlink()}"
    except OSError:
        return ""


_lost: set[str] = set()
"""Storages that this process held, and that another run has taken over."""


def is_lost(name: str) -> bool:
    """Whether another run has taken over a storage that this process held."""
    return name in _lost


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
    mine = Sign.of_this_run()
    _lost.discard(storage.name)
    storage.write(FILE, mine.text(0))

    def check() -> None:
        if not _is_mine(storage, mine):
            raise _busy(storage, _read(storage))

    check()
    ended = threading.Event()
    renewing = threading.Thread(target=_renew, args=(storage, mine, ended), daemon=True)
    renewing.start()
    try:
        yield check
    finally:
        ended.set()
        renewing.join()
        with suppress(DatasetError):  # what ended the run is to be told, not this
            if _is_mine(storage, mine):
                storage.remove(FILE)


def _is_mine(storage: Storage, mine: Sign) -> bool:
    """Whether the sign that stands there is still this run's; once lost, it is lost for good."""
    if not is_lost(storage.name):
        found = _read(storage)
        if found is None or found.token != mine.token:
            _lost.add(storage.name)
    return not is_lost(storage.name)


def _renew(storage: Storage, mine: Sign, ended: threading.Event) -> None:
    count = 0
    while not ended.wait(RENEWED):
        count += 1
        with suppress(DatasetError):  # the run itself finds out, if it lasts
            if not _is_mine(storage, mine):
                return
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
        found = Sign(**json.loads(body)) if body else None
    except (ValueError, TypeError, RecursionError):  # no sign of ours
        return None
    kinds = (str, str, int, str, int)
    fits = found and all(isinstance(*pair) for pair in zip(astuple(found), kinds, strict=True))
    return found if found and fits and 0 < found.pid < MOST_PROCESSES else None


def _busy(storage: Storage, by: Sign | None) -> DatasetError:
    who = f" (process {by.pid} of {by.host})" if by else ""
    return DatasetError(
        f"{storage.name}: another run is at work here{who}; wait for it to end, or use another "
        "folder"
    )
