"""Running a stage: a function of one shard, idempotent, over many shards, in processes."""

from __future__ import annotations

import multiprocessing
import os
import signal
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from typing import TypeVar

from benchwright.errors import BenchwrightError

Task = TypeVar("Task")
Result = TypeVar("Result")

IN_FLIGHT = 2
"""Tasks a worker may have waiting: enough to never idle, few enough to bound memory."""


def default_workers() -> int:
    """Cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def run(stage: Callable[[Task], Result], tasks: Iterable[Task], workers: int) -> Iterator[Result]:
    """Results of the stage, in the order they finish.

    Args:
        stage: a module-level function; a task done twice must give the same result.
        tasks: drawn only as workers come free, so they may be generated.
        workers: processes; 1 runs in this one.

    Raises:
        BenchwrightError: a worker died; what it had finished is kept.
    """
    if workers <= 1:
        yield from map(stage, tasks)
        return
    # Spawned, not forked: forking a process with threads (Arrow, OpenCV) can deadlock.
    spawn = multiprocessing.get_context("spawn")
    pool = ProcessPoolExecutor(workers, spawn, initializer=_leave_interrupts_to_the_parent)
    try:
        yield from _drain(pool, stage, iter(tasks), workers * IN_FLIGHT)
    except BrokenProcessPool as error:
        raise BenchwrightError(
            "a worker was killed (out of memory?); finished shards are kept: run the same command "
            "again to go on, with fewer --workers if memory is short"
        ) from error
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


def _leave_interrupts_to_the_parent() -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)


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
