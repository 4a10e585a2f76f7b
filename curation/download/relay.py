"""Passing a request to a server and its response back, bounded in bytes and time."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from dataclasses import dataclass
from typing import Any

from benchwright.curation.download.connections import Streams
from benchwright.curation.download.http_head import RequestHead, ResponseHead
from benchwright.curation.download.judged_hosts import RefusedError
from benchwright.curation.download.traffic import Limits, Traffic
from benchwright.rejection import Reason

CHUNK = 65_536
"""Bytes relayed at a time."""

TLS_OVERHEAD = 1.05
"""Bytes on the wire per byte of content, generously: records of 16 KB carry some 30 bytes."""


@dataclass(frozen=True, slots=True)
class Relay:
    """Passes bytes between a client and a server.

    Attributes:
        limits: what a response may cost.
        traffic: what has gone through is added here.
    """

    limits: Limits
    traffic: Traffic

    async def exchange(self, request: RequestHead, client: Streams, server: Streams) -> None:
        """Serve one request: by HTTP in the open, by HTTPS as a tunnel.

        Args:
            request: its head, which is read already.
            client: who asked.
            server: who is asked.

        Raises:
            RefusedError: the server answers nothing that may be passed on.
        """
        reader, writer = server
        if request.tunnel:
            client[1].write(b"HTTP/1.1 200 Connection established\r\n\r\n")
            most = int(self.limits.most_bytes * TLS_OVERHEAD) + CHUNK
            downwards: Coroutine[Any, Any, Any] = self._pump(reader, client[1], most)
        else:
            writer.write(request.to_origin())
            downwards = self._respond(reader, client[1])
        # A client that is served, or has given up, closes: whatever the server does then.
        await _first(downwards, self._pump(client[0], writer, CHUNK * 16))

    async def _respond(self, reader: asyncio.StreamReader, answer: asyncio.StreamWriter) -> None:
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
