"""Models, readers and shared memory, made once and used for any number of shards."""

from __future__ import annotations

import multiprocessing
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import ExitStack
from types import TracebackType
from typing import TypeVar

import torch

from benchwright import worker_process
from benchwright.curation.embed import reading
from benchwright.curation.embed.encoding import Encoder, default_batch, default_lanes
from benchwright.curation.embed.flow import Flow
from benchwright.curation.embed.reading import Reader
from benchwright.curation.embed.slots import Slots
from benchwright.curation.embed.sources import Shard
from benchwright.curation.embed.timing import Seconds
from benchwright.curation.embed.work import Embedded
from benchwright.curation.models.identity import Model
from benchwright.curation.models.preprocess import Mode
from benchwright.curation.scratch import scratch
from benchwright.engine import cores
from benchwright.errors import BenchwrightError

BLOCK = 32
"""Samples a block: some 50 ms of decoding, so that passing it on costs next to nothing."""

SLOTS_A_READER = 2
"""One is read into while another waits to be packed."""

Result = TypeVar("Result")


class Embedder:
    """Turns shards into vectors; a context manager, since it holds processes.

    On a cluster, an actor keeps one and calls ``embed_shard``; here, ``embed`` takes them all and
    packs its batches across their borders, so that small shards waste nothing.
    """

    def __init__(
        self,
        models: Sequence[Model],
        mode: Mode = "exact",
        batch: int | None = None,
        workers: int | None = None,
    ) -> None:
        """Prepare; nothing is started yet.

        Args:
            models: loaded, all on one device; an image is decoded once for all of them.
            mode: of the preprocess.
            batch: images; default: 32 on a CPU, 256 elsewhere.
            workers: reader processes, default a core each; on a CPU also lanes of the encoder, a
                thread each: whatever readers leave of the cores, lanes take, and the other way.
        """
        self.models, self.mode = tuple(models), mode
        device = models[0].device
        self.workers = workers or cores()
        self.batch = batch or default_batch(device)
        self.lanes = default_lanes(device, self.workers)
        self.seconds = Seconds()
        distinct = tuple(dict.fromkeys(model.preprocess for model in models))
        self._preprocesses = distinct
        self._encoder = Encoder(models, [distinct.index(model.preprocess) for model in models])
        self._stack = ExitStack()

    def __enter__(self) -> Embedder:
        """Start readers and lanes."""
        edges = tuple(preprocess.size for preprocess in self._preprocesses)
        spawn = multiprocessing.get_context("spawn")
        self._slots = Slots.allocate(spawn, self.workers * SLOTS_A_READER, BLOCK, edges)
        reader = Reader(self._slots, self._preprocesses, self.mode)
        self._buffers = [self._encoder.buffer(self.batch, edges) for _ in range(self.lanes + 1)]
        with ExitStack() as stack:
            self.folder = stack.enter_context(scratch())
            # Threads of PyTorch's own would be set for the whole process: put back at the end.
            stack.callback(torch.set_num_threads, torch.get_num_threads())
            self._lanes = stack.enter_context(ThreadPoolExecutor(self.lanes, "lane", one_thread))
            self._writer = stack.enter_context(ThreadPoolExecutor(1, "writer"))
            self._readers = ProcessPoolExecutor(
                self.workers, spawn, initializer=reading.start, initargs=(reader,)
            )
            stack.callback(self._readers.shutdown, wait=True, cancel_futures=True)
            self._stack = stack.pop_all()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Stop them; what is under way is given up."""
        self._stack.close()

    def embed(
        self, shards: Iterable[Shard], sink: Callable[[Embedded], Result]
    ) -> Iterator[Result]:
        """Embed shards, and yield what the sink makes of each, in the order they finish.

        Args:
            shards: drawn as there is room for more.
            sink: called once a shard, in one thread.

        Raises:
            DatasetError: a shard cannot be read.
            BenchwrightError: a reader died; what the sink had finished is kept.
        """
        began = time.perf_counter()
        flow = Flow(
            self._readers, self._lanes, self._writer, self._encoder, self._slots,
            list(self._buffers), tuple(model.identity.width for model in self.models),
            str(self.folder), sink,
        )  # fmt: skip
        try:
            yield from flow.run(iter(shards))
        except BrokenProcessPool as error:
            worker_process.end_all()
            raise BenchwrightError(
                "a reader was killed (out of memory?); finished parts are kept: run the same "
                "command again to go on, with fewer --workers if memory is short"
            ) from error
        finally:
            elapsed = time.perf_counter() - began
            self.seconds.elapsed += elapsed
            self.seconds.lanes += elapsed * self.lanes
            self.seconds.add(flow.seconds)

    def embed_shard(self, shard: Shard) -> Embedded:
        """Embed one shard.

        Raises:
            DatasetError: it cannot be read.
        """
        (found,) = self.embed([shard], lambda embedded: embedded)
        return found


def one_thread() -> None:
    """Have this lane compute on its own core: the others have lanes of their own."""
    torch.set_num_threads(1)
