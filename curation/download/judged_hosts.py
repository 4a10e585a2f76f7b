"""Hosts looked up once and judged: which of their addresses the proxy may connect to."""

from __future__ import annotations

import asyncio
import socket
import time
from collections import OrderedDict
from dataclasses import dataclass, field

from benchwright.curation.download.addresses import AddressPolicy
from benchwright.curation.download.failures import FOR_NOW, MARK
from benchwright.curation.download.network_health import NetworkHealth
from benchwright.rejection import Reason

CACHE_SECONDS, CACHE_HOSTS = 60.0, 10_000
"""How long, and for how many hosts, judged addresses are kept: pictures often share a host."""

RESOLVE_AGAIN_AFTER = 1.0
"""Seconds before the second look-up where the resolver itself was busy."""


class RefusedError(Exception):
    """A request that is not passed on, or got no answer.

    Attributes:
        phrase: what the client is told, for ``failures`` to read.
    """

    def __init__(self, reason: Reason, for_now: bool = False) -> None:
        super().__init__(reason.value)
        self.phrase = f"{MARK}{reason.value}{FOR_NOW if for_now else ''}"


@dataclass(slots=True)
class JudgedHosts:
    """Looks hosts up, keeps what may be asked for a while, and tells of a resolver that is silent.

    Attributes:
        policy: which machines may be asked.
        health: told whether the resolver answers.
    """

    policy: AddressPolicy
    health: NetworkHealth
    _known: OrderedDict[tuple[str, int], tuple[float, list[str]]] = field(
        default_factory=OrderedDict
    )

    async def judged(self, host: str, port: int) -> list[str]:
        """The IP addresses of a host that may be asked, in the resolver's order.

        Raises:
            RefusedError: there is no such host, or none of its addresses may be asked.
        """
        now = time.monotonic()
        until, addresses = self._known.get((host, port), (0.0, []))
        if now >= until:
            found = await self._resolved(host, port)
            addresses = [address for address in found if self.policy.permits(address)]
            self._known[host, port] = now + CACHE_SECONDS, addresses
            self._known.move_to_end((host, port))
            while len(self._known) > CACHE_HOSTS:
                self._known.popitem(last=False)
        if not addresses:
            raise RefusedError(Reason.PRIVATE_ADDRESS)
        return addresses

    async def _resolved(self, host: str, port: int) -> list[str]:
        try:
            found = await _looked_up(host, port)
        except socket.gaierror as error:
            self.health.answered()  # by a resolver that knows there is no such host
            raise RefusedError(Reason.DNS) from error
        except UnicodeError as error:
            raise RefusedError(Reason.BAD_URL) from error
        if found is None:
            self.health.unreachable(host)
            raise RefusedError(Reason.DNS, for_now=True)
        return found


async def _looked_up(host: str, port: int) -> list[str] | None:
    """A host's IP addresses, each once; None while the resolver is busy or silent.

    Raises:
        socket.gaierror: there is no such host.
        UnicodeError: no host can be called so.
    """
    loop = asyncio.get_running_loop()
    for wait in (RESOLVE_AGAIN_AFTER, 0.0):
        try:
            found = await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM)
            return list(dict.fromkeys(str(entry[4][0]) for entry in found))
        except socket.gaierror as error:
            if error.errno != socket.EAI_AGAIN:
                raise
        await asyncio.sleep(wait)
    return None
