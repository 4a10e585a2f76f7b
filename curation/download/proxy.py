"""A forward proxy on loopback that img2dataset's requests go through, redirects too.

urllib follows any redirect, to the machine itself or to a cloud's credentials as well. Here each
host is resolved once, its addresses are judged, and the connection goes to the very address that
was judged: no second look-up could give another one. Responses are bounded in bytes and time.
Plain HTTP is relayed, HTTPS is tunnelled (its certificates are checked by the client).

A refusal is status 470 with the reason in its phrase, which urllib puts into its error text;
``failures`` reads it there.
"""

from __future__ import annotations

import asyncio
import base64
import secrets
import threading
from collections.abc import Coroutine
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any

from benchwright.curation.download.addresses import AddressPolicy
from benchwright.curation.download.connections import Connections
from benchwright.curation.download.failures import REFUSAL
from benchwright.curation.download.http_head import HEAD_LIMIT, RequestHead
from benchwright.curation.download.judged_hosts import JudgedHosts, RefusedError
from benchwright.curation.download.network_health import NetworkHealth
from benchwright.curation.download.relay import Relay
from benchwright.curation.download.traffic import Limits, Traffic
from benchwright.rejection import Reason

RESOLVERS = 64
"""Threads that look hosts up: a look-up of a dead domain blocks its thread for seconds."""


@dataclass
class FilteringProxy:
    """The proxy, running in a thread of its own while the context is open.

    Attributes:
        policy: which machines may be asked.
        limits: what a response may cost.
        traffic: what has gone through so far.
        health: whether the network itself still answers.
    """

    policy: AddressPolicy
    limits: Limits = field(default_factory=Limits)
    traffic: Traffic = field(default_factory=Traffic)
    health: NetworkHealth = field(default_factory=NetworkHealth)

    def __post_init__(self) -> None:
        self._password = secrets.token_urlsafe(24)  # other users of this machine share loopback
        self._connections = Connections(JudgedHosts(self.policy, self.health), self.limits)
        self._relay = Relay(self.limits, self.traffic)
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="proxy", daemon=True)
        self._server: asyncio.Server | None = None

    def __enter__(self) -> FilteringProxy:
        self._loop.set_default_executor(ThreadPoolExecutor(RESOLVERS, "resolver"))
        self._thread.start()
        self._server = self._run(
            asyncio.start_server(self._serve, "127.0.0.1", 0, limit=HEAD_LIMIT, backlog=1024)
        )
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._run(self._close())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    @property
    def url(self) -> str:
        """What ``http_proxy`` and ``https_proxy`` are set to; holds a password."""
        assert self._server is not None
        port = self._server.sockets[0].getsockname()[1]
        return f"http://benchwright:{self._password}@127.0.0.1:{port}"

    def _run(self, work: Coroutine[Any, Any, Any]) -> Any:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result()

    async def _close(self) -> None:
        assert self._server is not None
        self._server.close()
        tasks = asyncio.all_tasks() - {asyncio.current_task()}
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _serve(self, client: asyncio.StreamReader, answer: asyncio.StreamWriter) -> None:
        try:
            async with asyncio.timeout(self.limits.total_seconds):
                await self._answer(client, answer)
        except RefusedError as refused:
            self.traffic.refused += 1
            answer.write(
                f"HTTP/1.1 {REFUSAL} {refused.phrase}\r\n"
                "Content-Length: 0\r\nConnection: close\r\n\r\n".encode()
            )
        except (OSError, EOFError, asyncio.LimitOverrunError):
            answer.transport.abort()  # in the middle of a response: the client sees it is cut
        finally:
            self.traffic.requests += 1
            answer.close()

    async def _answer(self, client: asyncio.StreamReader, answer: asyncio.StreamWriter) -> None:
        request = RequestHead.parse(await client.readuntil(b"\r\n\r\n"))
        word = base64.b64encode(f"benchwright:{self._password}".encode()).decode()
        if request is None or request.header("proxy-authorization") != f"Basic {word}":
            raise RefusedError(Reason.FORBIDDEN)
        if request.place is None:
            raise RefusedError(Reason.BAD_URL)
        host, port = request.place
        async with self._connections.turn(host):
            if client.at_eof():
                return  # gave up while it waited
            server = await self._connections.open(host, port)
            try:
                await self._relay.exchange(request, (client, answer), server)
            finally:
                server[1].close()
