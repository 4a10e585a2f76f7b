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
import errno
import secrets
import threading
from collections.abc import AsyncIterator, Coroutine
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any

from benchwright.curation.download.addresses import AddressPolicy
from benchwright.curation.download.failures import REFUSAL
from benchwright.curation.download.http_head import HEAD_LIMIT, RequestHead, ResponseHead
from benchwright.curation.download.judged_hosts import JudgedHosts, RefusedError
from benchwright.curation.download.network_health import NetworkHealth
from benchwright.rejection import Reason

CHUNK = 65_536
"""Bytes relayed at a time."""

RESOLVERS = 64
"""Threads that look hosts up: a look-up of a dead domain blocks its thread for seconds."""

ADDRESSES_TRIED = 3
"""Addresses of a host that are tried in turn."""

TLS_OVERHEAD = 1.05
"""Bytes on the wire per byte of content, generously: records of 16 KB carry some 30 bytes."""

UNREACHABLE = frozenset({errno.ENETUNREACH, errno.EHOSTUNREACH, errno.ENETDOWN})


@dataclass(frozen=True, slots=True)
class Limits:
    """What a response may cost.

    Attributes:
        most_bytes: of a response's content.
        connect_seconds: to reach a host.
        total_seconds: for a whole request: a server may send byte by byte for ever.
        per_host: connections to one host at once.
    """

    most_bytes: int = 64 * 2**20
    connect_seconds: float = 10.0
    total_seconds: float = 60.0
    per_host: int = 32


@dataclass(slots=True)
class Traffic:
    """What has gone through.

    Attributes:
        requests: finished, refused ones too; each step of a redirect is one.
        refused: those that the proxy refused.
        bytes: relayed, both ways.
    """

    requests: int = 0
    refused: int = 0
    bytes: int = 0


@dataclass(slots=True)
class _Turns:
    """The connections to one host: a semaphore, and how many hold or await it."""

    semaphore: asyncio.Semaphore
    users: int = 0


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
        self._hosts = JudgedHosts(self.policy, self.health)
        self._turns: dict[str, _Turns] = {}
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
        async with self._turn(host):
            if client.at_eof():
                return  # gave up while it waited
            reader, writer = await self._connect(host, port)
            try:
                if request.tunnel:
                    answer.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
                    most = int(self.limits.most_bytes * TLS_OVERHEAD) + CHUNK
                    downwards: Coroutine[Any, Any, Any] = self._pump(reader, answer, most)
                else:
                    writer.write(request.to_origin())
                    downwards = self._relay(reader, answer)
                # A client that is served, or has given up, closes: whatever the server does then.
                await _first(downwards, self._pump(client, writer, CHUNK * 16))
            finally:
                writer.close()

    async def _relay(self, reader: asyncio.StreamReader, answer: asyncio.StreamWriter) -> None:
        response = await self._response_head(reader)
        most = self.limits.most_bytes
        if response.length is not None and response.length > most:
            raise RefusedError(Reason.TOO_LARGE)
        answer.write(response.to_client())
        if response.has_end:
            await self._pump(reader, answer, most + CHUNK)
        elif await self._pump(reader, answer, most + CHUNK, chunked=True) <= most:
            answer.write(b"0\r\n\r\n")  # framed anew, so that a cut one cannot pass for whole
            await answer.drain()

    async def _response_head(self, reader: asyncio.StreamReader) -> ResponseHead:
        try:
            async with asyncio.timeout(self.limits.connect_seconds):
                response = ResponseHead.parse(await reader.readuntil(b"\r\n\r\n"))
                while response is not None and response.is_interim:
                    response = ResponseHead.parse(await reader.readuntil(b"\r\n\r\n"))
        except TimeoutError as error:
            raise RefusedError(Reason.TIMEOUT) from error
        except (OSError, EOFError) as error:
            raise RefusedError(Reason.DROPPED) from error
        except asyncio.LimitOverrunError as error:
            raise RefusedError(Reason.TOO_LARGE) from error
        if response is None:
            raise RefusedError(Reason.DROPPED)
        return response

    async def _pump(
        self,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        most: int,
        chunked: bool = False,
    ) -> int:
        """Relay until the sender ends or has sent ``most`` bytes; returns the bytes relayed."""
        received = 0
        while received < most and (block := await reader.read(CHUNK)):
            received += len(block)
            self.traffic.bytes += len(block)
            writer.write(b"%x\r\n%b\r\n" % (len(block), block) if chunked else block)
            await writer.drain()
        return received

    @asynccontextmanager
    async def _turn(self, host: str) -> AsyncIterator[None]:
        turns = self._turns.setdefault(host, _Turns(asyncio.Semaphore(self.limits.per_host)))
        turns.users += 1
        try:
            async with turns.semaphore:
                yield
        finally:
            turns.users -= 1
            if not turns.users:
                self._turns.pop(host, None)

    async def _connect(
        self, host: str, port: int
    ) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        addresses = await self._hosts.judged(host, port)
        failure: OSError = OSError()
        try:
            async with asyncio.timeout(self.limits.connect_seconds):
                for address in addresses[:ADDRESSES_TRIED]:
                    try:
                        opened = await asyncio.open_connection(address, port, limit=HEAD_LIMIT)
                        self.health.answered()
                        return opened
                    except ConnectionRefusedError as error:
                        self.health.answered()
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
            self.health.unreachable(host)
        raise RefusedError(Reason.DROPPED) from failure


async def _first(work: Coroutine[Any, Any, Any], other: Coroutine[Any, Any, Any]) -> None:
    """Do ``work`` until it is done, or ``other`` is; what ``work`` raises is raised."""
    tasks = [asyncio.ensure_future(work), asyncio.ensure_future(other)]
    try:
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        if tasks[0].done():
            tasks[0].result()
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
