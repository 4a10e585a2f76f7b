"""Connections to judged hosts, so many to one host at once."""

from __future__ import annotations

import asyncio
import errno
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from benchwright.curation.download.http_head import HEAD_LIMIT
from benchwright.curation.download.judged_hosts import JudgedHosts, RefusedError
from benchwright.curation.download.traffic import Limits
from benchwright.rejection import Reason

ADDRESSES_TRIED = 3
"""Addresses of a host that are tried in turn."""

UNREACHABLE = frozenset({errno.ENETUNREACH, errno.EHOSTUNREACH, errno.ENETDOWN})

Streams = tuple[asyncio.StreamReader, asyncio.StreamWriter]


@dataclass(slots=True)
class _Turns:
    """The connections to one host: a semaphore, and how many hold or await it."""

    semaphore: asyncio.Semaphore
    users: int = 0


@dataclass(slots=True)
class Connections:
    """Opens connections to the very addresses that were judged.

    Attributes:
        hosts: looked up and judged.
        limits: what a response may cost.
    """

    hosts: JudgedHosts
    limits: Limits
    _turns: dict[str, _Turns] = field(default_factory=dict)

    @asynccontextmanager
    async def turn(self, host: str) -> AsyncIterator[None]:
        """Wait until fewer than ``per_host`` requests are at a host, and be one of them."""
        turns = self._turns.setdefault(host, _Turns(asyncio.Semaphore(self.limits.per_host)))
        turns.users += 1
        try:
            async with turns.semaphore:
                yield
        finally:
            turns.users -= 1
            if not turns.users:
                self._turns.pop(host, None)

    async def open(self, host: str, port: int) -> Streams:
        """A connection to a host, at the first of its addresses that answers.

        Raises:
            RefusedError: it may not be asked, or none answers in time.
        """
        addresses = await self.hosts.judged(host, port)
        health = self.hosts.health
        failure: OSError = OSError()
        try:
            async with asyncio.timeout(self.limits.connect_seconds):
                for address in addresses[:ADDRESSES_TRIED]:
                    try:
                        opened = await asyncio.open_connection(address, port, limit=HEAD_LIMIT)
                        health.answered()
                        return opened
                    except ConnectionRefusedError as error:
                        health.answered()
                        failure = error
                    except OSError as error:
                        failure = error
        except TimeoutError as error:
            raise RefusedError(Reason.TIMEOUT) from error
        if isinstance(failure, ConnectionRefusedError):
            raise RefusedError(Reason.REFUSED) from failure
        if isinstance(failure, TimeoutError):
            raise RefusedError(Reason.TIMEOUT) from failure
        if failure.errno in UNREACHABLE:
            health.unreachable(host)
        raise RefusedError(Reason.DROPPED) from failure
