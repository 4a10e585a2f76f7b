"""Running a stage: a function of one shard, idempotent, over many shards.

In processes of this machine unless ``using`` says another engine (``benchwright.ray_engine``).
"""

from __future__ import annotations

import multiprocessing
import os
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from pathlib import Path
from typing import Protocol, TypeVar

from benchwright import mirror, worker_process
from benchwright.errors import BenchwrightError

Task = TypeVar("Task")
Result = TypeVar("Result")

IN_FLIGHT = 2
"""Tasks a worker may have waiting: enough to never idle, few enough to bound memory."""


class Engine(Protocol):
    """Where stages run: processes of this machine, or a cluster."""

    @property
    def width(self) -> int:
        """Tasks that it can work at at once."""
        ...

    @property
    def cores(self) -> int:
        """Cores of one of its machines."""
        ...

    def check(self, folder: Path) -> None:
        """See that all its machines can write to a folder.

        Raises:
            BenchwrightError: one cannot.
        """
        ...

    def run(
        self, stage: Callable[[Task], Result], tasks: Iterable[Task], workers: int
    ) -> Iterator[Result]:
        """Results of the stage, in the order they finish; see ``run``."""
        ...


class Processes:
    """Processes of this machine."""

    @property
    def width(self) -> int:
        """One a core."""
        return cores()

    @property
    def cores(self) -> int:
        """Those that this process may use."""
        return cores()

    def check(self, folder: Path) -> None:
        """There is one machine, which is about to find out."""

    def run(
        self, stage: Callable[[Task], Result], tasks: Iterable[Task], workers: int
    ) -> Iterator[Result]:
        """As ``run`` says; one worker is this process."""
        if workers <= 1:
            yield from map(stage, tasks)
            return
        # Spawned, not forked: forking a process with threads (Arrow, OpenCV) can deadlock.
        spawn = multiprocessing.get_context("spawn")
        pool = ProcessPoolExecutor(
            workers, spawn, initializer=worker_process.begin, initargs=(mirror.active(),)
        )
        try:
            yield from _drain(pool, stage, iter(tasks), workers * IN_FLIGHT)
        except BrokenProcessPool as error:
            worker_process.end_all()
            raise BenchwrightError(
                "a worker was killed (out of memory?); finished shards are kept: run the same "
                "command again to go on, with fewer --workers if memory is short"
            ) from error
        finally:
            pool.shutdown(wait=True, cancel_futures=True)


_engines: list[Engine] = [Processes()]
"""The last one is current: of the whole process, so that threads find it too."""


def current() -> Engine:
    """The engine that stages run on."""
    return _engines[-1]


@contextmanager
def using(engine: Engine) -> Iterator[None]:
    """Run stages on this engine in the meantime."""
    _engines.append(engine)
    try:
        yield
    finally:
        _engines.pop()


@contextmanager
def named(name: str) -> Iterator[None]:
    """Run stages on the engine that a recipe names, unless one was chosen already.

    Args:
        name: ``local`` or ``ray``.

    Raises:
        BenchwrightError: Ray is not installed, or no cluster is there.
    """
    if name == "local" or len(_engines) > 1:
        yield
        return
    from benchwright.ray_engine import cluster

    with cluster():
        yield


def cores() -> int:
    """Cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def default_workers() -> int:
    """Workers where nobody said how many: all that the engine has."""
    return current().width


def run(stage: Callable[[Task], Result], tasks: Iterable[Task], workers: int) -> Iterator[Result]:
    """Results of the stage, in the order they finish, by the current engine.

    Args:
        stage: a module-level function; a task done twice must give the same result.
        tasks: drawn only as workers come free, so they may be generated.
        workers: tasks at once.

    Raises:
        BenchwrightError: a worker died; what it had finished is kept.
    """
    return current().run(stage, tasks, workers)


def _drain(
    pool: ProcessPoolExecutor, stage: Callable[[Task], Result], tasks: Iterator[Task], limit: int
) -> Iterator[Result]:
    waiting: set[Future[Result]] = set()
    for task in tasks:
        waiting.add(pool.submit(stage, task))
        if len(waiting) >= limit:
            done, waiting = wait(waiting, return_when=FIRST_COMPLETED)
            yield from (future.result() for future in done)
    while waiting:
        done, waiting = wait(waiting, return_when=FIRST_COMPLETED)
        yield from (future.result() for future in done)
