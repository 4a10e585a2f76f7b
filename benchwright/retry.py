"""Trying again what may pass by itself: a busy or broken server, a cut connection, a time-out.

The Hub's client retries its uploads, and none of its commits, tags and listings; every call of ours
goes through here, so that a failure is one line that says what to do.
"""

from __future__ import annotations

import logging
import os
import sys
import time
from collections.abc import Callable, Collection, Iterator
from typing import TypeVar

from benchwright.errors import DatasetError

T = TypeVar("T")
log = logging.getLogger(__name__)

TRIES = 5
"""Times that a call is made in all."""

FIRST_WAIT = 1.0
"""Seconds before the second try; doubled before each further one: 15 s in all."""

LONGEST_WAIT = 300.0
"""Seconds that a server's ``Retry-After`` is honoured for: the window of the Hub's rate limits."""

WAIT_VARIABLE = "BENCHWRIGHT_RETRY_SECONDS"
"""Environment variable that replaces ``FIRST_WAIT``."""

PASSING = frozenset({408, 429, 500, 502, 503, 504})
"""HTTP statuses that say nothing against the request itself."""

ADVICE = {
    "GatedRepoError": "its owner gives access on request: ask on its page, then `hf auth login`",
    "OfflineModeIsEnabled": "unset HF_HUB_OFFLINE",
    "PermissionError": "set up the storage's own login, or choose another place",
    "NoCredentialsError": "set up the storage's own login",
}
"""Kind of error to what to do about it."""

AGAIN = "what was finished is kept: run the same command to go on"


def retried(what: str, action: Callable[[], T], passing: Collection[int] = PASSING) -> T:
    """What ``action`` returns, tried again while its failures may pass by themselves.

    Args:
        what: names the action in messages: ``org/name: reading the versions``.
        action: safe to be called twice.
        passing: HTTP statuses that are worth another try.

    Raises:
        DatasetError: it failed for good, or once too often.
    """
    waits = iter(_waits())
    while True:
        try:
            return action()
        except failures() as error:
            if isinstance(error, RuntimeError) and error.__cause__ is None:
                raise  # nobody's failure but ours
            status, kept_waiting = _response(error)
            if not _passes(error, passing):
                raise DatasetError(f"{what}: {_refusal(error, status)}") from error
            wait = next(waits, None)
            if wait is None:
                raise DatasetError(f"{what}: {_reason(error)}, {TRIES} times; {AGAIN}") from error
            wait = max(wait, min(kept_waiting, LONGEST_WAIT))
            log.warning("%s: %s; trying again in %g s", what, _reason(error), wait)
            time.sleep(wait)


def _waits() -> Iterator[float]:
    first = float(os.environ.get(WAIT_VARIABLE, FIRST_WAIT))
    return (first * 2**step for step in range(TRIES - 1))


def failures() -> tuple[type[BaseException], ...]:
    """What a storage or the Hub's client may raise for reasons that are not ours."""
    found: list[type[BaseException]] = [OSError, EOFError]
    if "huggingface_hub" in sys.modules:
        import httpx2
        from huggingface_hub.errors import HfUriError

        # The client wraps a failed upload into a RuntimeError.
        found += [httpx2.HTTPError, HfUriError, RuntimeError]
    if "botocore" in sys.modules:
        from botocore.exceptions import BotoCoreError

        found.append(BotoCoreError)
    if "aiohttp" in sys.modules:
        from aiohttp import ClientError

        found.append(ClientError)
    return tuple(found)


def _passes(error: BaseException, passing: Collection[int]) -> bool:
    status, _ = _response(error)
    if status:
        return status in passing
    names = {kind.__name__ for kind in type(error).__mro__}
    if names & {"OfflineModeIsEnabled", "NoCredentialsError", "LocalTokenNotFoundError"}:
        return False
    brief = {"TransportError", "BotoCoreError", "ConnectionError", "TimeoutError", "EOFError",
             "ClientConnectionError", "ClientPayloadError"}  # fmt: skip
    cause = error.__cause__ if isinstance(error, RuntimeError) else None
    return bool(names & brief) or (cause is not None and _passes(cause, passing))


def _response(error: BaseException) -> tuple[int, float]:
    """Status of the answer that an error is about, and the seconds it asks to wait; zeros if none.

    A failed upload is told by the error that caused it.
    """
    response = getattr(error, "response", None)
    if response is None or not hasattr(response, "status_code"):
        return _response(error.__cause__) if error.__cause__ else (0, 0.0)
    asked = str(response.headers.get("Retry-After", ""))
    return int(response.status_code), float(asked) if asked.isdecimal() else 0.0


def _reason(error: BaseException) -> str:
    status, _ = _response(error)
    if status:
        return f"the server answered {status}"
    words = " ".join(str(error).split())[:200]
    return f"{type(error).__name__}: {words}" if words else type(error).__name__


def _refusal(error: BaseException, status: int) -> str:
    """One line for a failure that no repetition mends."""
    name = type(error).__name__
    if name == "RepositoryNotFoundError" or (status == 401 and name != "GatedRepoError"):
        return "not there, or not for you to see; check the name, or log in with `hf auth login`"
    for kind, advice in ADVICE.items():
        if kind in {each.__name__ for each in type(error).__mro__}:
            return f"{_reason(error)}; {advice}"
    said = " ".join(str(getattr(error, "server_message", None) or "").split())[:200]
    return f"{_reason(error)}{f': {said}' if said else ''}"
