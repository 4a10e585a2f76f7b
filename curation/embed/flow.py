"""One pass of shards through readers, encoder and writer, in bounded memory.

A shard is surveyed and cut into blocks; a reader turns a block into crops in a slot; crops of any
blocks, of any shards, are packed into full batches; what the encoder gives goes back to its block;
a shard whose blocks are complete is handed to the sink. Everything that waits, waits in a bounded
place: blocks are only read into free slots, and batches only filled where a buffer is free.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import FIRST_COMPLETED, Executor, Future, wait
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any, Generic, TypeVar

import numpy as np

from benchwright.curation.embed import reading
from benchwright.curation.embed.encoding import Encoded, Encoder
from benchwright.curation.embed.reading import Block, Survey
from benchwright.curation.embed.slots import Slots
from benchwright.curation.embed.sources import Shard
from benchwright.curation.embed.tar_index import Entry
from benchwright.curation.embed.timing import Seconds
from benchwright.curation.embed.work import BlockWork, Embedded, ShardWork, embedded

MAX_SURVEYS = 4
"""Shards looked through ahead: small ones never keep readers waiting, large ones never pile up."""

MAX_UNWRITTEN = 8
"""Finished shards that wait for the disk before no more are begun."""

Result = TypeVar("Result")


@dataclass(slots=True)
class _Batch:
    """A buffer that is being filled."""

    crops: tuple[Any, ...]
    filled: int = 0
    parts: list[tuple[BlockWork, int, int]] = field(default_factory=list)  # block, from, to


class Flow(Generic[Result]):
    """One pass; made anew for each, of resources that outlive it."""

    def __init__(
        self,
        readers: Executor,
        lanes: Executor,
        writer: Executor,
        encoder: Encoder,
        slots: Slots,
        buffers: list[tuple[Any, ...]],
        widths: tuple[int, ...],
        folder: str,
        sink: Callable[[Embedded], Result],
    ) -> None:
        """Prepare.

        Args:
            readers: runs ``reading``'s functions in processes.
            lanes: runs the encoder, in threads.
            writer: runs the sink, in a thread.
            encoder: of the models.
            slots: that the readers share with this process.
            buffers: for batches, of the encoder.
            widths: of the models' vectors.
            folder: for local copies of remote shards.
            sink: what to do with an embedded shard; what it returns is what the pass yields.
        """
        self._readers, self._lanes, self._writer = readers, lanes, writer
        self._encoder, self._slots, self._widths = encoder, slots, widths
        self._folder, self._sink = folder, sink
        self._free_slots = list(range(len(slots.memory)))
        self._free_buffers = buffers
        self._waiting: dict[Future[Any], Callable[[Any], None]] = {}
        self._unread: deque[tuple[ShardWork, int, tuple[Entry, ...]]] = deque()
        self._unpacked: deque[BlockWork] = deque()
        self._batch: _Batch | None = None
        self._surveys = self._reads = self._unwritten = 0
        self._results: list[Result] = []
        self.seconds = Seconds()

    def run(self, shards: Iterator[Shard]) -> Iterator[Result]:
        """Take shards as there is room, and yield what the sink makes of each, as they finish."""
        more = True
        while True:
            more = more and self._begin(shards)
            self._read()
            self._pack(last=not (more or self._surveys or self._reads or self._unread))
            yield from self._results
            self._results.clear()
            if not self._waiting:
                return
            done, _ = wait(self._waiting, return_when=FIRST_COMPLETED)
            for future in done:
                self._waiting.pop(future)(future.result())

    def _begin(self, shards: Iterator[Shard]) -> bool:
        """Survey as many shards as there is room for; whether there may be more."""
        while (
            self._surveys < MAX_SURVEYS
            and self._unwritten < MAX_UNWRITTEN
            and len(self._unread) < len(self._slots.memory)
        ):
            shard = next(shards, None)
            if shard is None:
                return False
            self._surveys += 1
            future = self._readers.submit(reading.survey, shard, self._folder)
            self._waiting[future] = partial(self._surveyed, shard)
        return True

    def _surveyed(self, shard: Shard, survey: Survey) -> None:
        self._surveys -= 1
        self.seconds.read += survey.seconds
        entries, size = survey.index.entries, self._slots.samples
        cuts = range(0, len(entries), size)
        begun = ShardWork(shard, survey, len(cuts))
        for number, start in enumerate(cuts):
            self._unread.append((begun, number, entries[start : start + size]))
        if not begun.left:
            self._finish(begun)

    def _read(self) -> None:
        """Have blocks read into all free slots."""
        while self._unread and self._free_slots:
            begun, number, entries = self._unread.popleft()
            slot = self._free_slots.pop()
            self._reads += 1
            future = self._readers.submit(
                reading.read_block, begun.survey.path, begun.shard.name, entries, slot
            )
            self._waiting[future] = partial(self._got, begun, number, slot)

    def _got(self, begun: ShardWork, number: int, slot: int, block: Block) -> None:
        self._reads -= 1
        self.seconds.read += block.read
        self.seconds.decode += block.decode
        rows = block.rows.num_rows
        vectors = [np.empty((rows, width), np.float16) for width in self._widths]
        begun.blocks[number] = found = BlockWork(begun, slot, block, vectors)
        self._unpacked.append(found)

    def _pack(self, last: bool) -> None:
        """Pack what was read into batches, and have full ones encoded; at last, what there is."""
        while self._unpacked:
            block = self._unpacked[0]
            rows = block.read.rows.num_rows
            if rows and not self._open_batch():
                return
            if rows:
                self._copy(block, rows)
            if block.packed == rows:
                self._unpacked.popleft()
                self._free_slots.append(block.slot)
                self._read()
                if not rows:
                    self._complete(block)
        if last and not self._reads and self._batch and self._batch.filled:
            self._encode()

    def _open_batch(self) -> bool:
        if self._batch is None and self._free_buffers:
            self._batch = _Batch(self._free_buffers.pop())
        return self._batch is not None

    def _copy(self, block: BlockWork, rows: int) -> None:
        batch = self._batch
        assert batch is not None
        began, size = time.perf_counter(), len(batch.crops[0])
        start = block.packed
        end = min(rows, start + size - batch.filled)
        to = batch.filled + end - start
        for buffer, crops in zip(batch.crops, self._slots.crops(block.slot), strict=True):
            buffer.numpy()[batch.filled : to] = crops[start:end]
        batch.parts.append((block, start, end))
        batch.filled, block.packed = to, end
        self.seconds.copy += time.perf_counter() - began
        if to == size:
            self._encode()

    def _encode(self) -> None:
        batch, self._batch = self._batch, None
        assert batch is not None
        future = self._lanes.submit(self._encoder.encode, batch.crops, batch.filled)
        self._waiting[future] = partial(self._encoded, batch)

    def _encoded(self, batch: _Batch, encoded: Encoded) -> None:
        self._free_buffers.append(batch.crops)
        self.seconds.copy += encoded.copy
        self.seconds.encode += encoded.encode
        at = 0
        for block, start, end in batch.parts:
            for into, vectors in zip(block.vectors, encoded.vectors, strict=True):
                into[start:end] = vectors[at : at + end - start]
            at += end - start
            block.encoded += end - start
            if block.encoded == block.read.rows.num_rows:
                self._complete(block)

    def _complete(self, block: BlockWork) -> None:
        block.of.left -= 1
        if not block.of.left:
            self._finish(block.of)

    def _finish(self, done: ShardWork) -> None:
        self._unwritten += 1
        self._waiting[self._writer.submit(self._write, done)] = self._written

    def _write(self, done: ShardWork) -> tuple[Result, float]:
        began = time.perf_counter()
        result = self._sink(embedded(done, self._widths))
        if done.shard.is_remote:
            Path(done.survey.path).unlink()
        return result, time.perf_counter() - began

    def _written(self, found: tuple[Result, float]) -> None:
        self._unwritten -= 1
        self._results.append(found[0])
        self.seconds.write += found[1]
