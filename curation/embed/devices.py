"""Shards over devices: one in this process, or a process for each of several."""

from __future__ import annotations

import multiprocessing
from collections.abc import Generator, Sequence
from dataclasses import dataclass, replace
from multiprocessing.connection import Connection, wait
from pathlib import Path
from typing import Any

from benchwright import mirror, worker_process
from benchwright.curation.embed.embedder import Embedder
from benchwright.curation.embed.part_files import write_part
from benchwright.curation.embed.sources import Shard
from benchwright.curation.embed.timing import Seconds
from benchwright.curation.embed.work import Embedded
from benchwright.curation.embeddings import Part
from benchwright.curation.models.identity import Model
from benchwright.curation.models.preprocess import Mode
from benchwright.curation.models.registry import load_model
from benchwright.errors import BenchwrightError
from benchwright.mirrored_folder import Mirror


@dataclass(frozen=True, slots=True)
class Target:
    """A set that parts are written to.

    Attributes:
        model: the id of its model.
        sha256: of the weights, which every process must load alike.
        made_by: digest of the model and the mode, which each part keeps.
        folder: of the set.
        numbers: shard's name to its part's number.
    """

    model: str
    sha256: str
    made_by: str
    folder: Path
    numbers: dict[str, int]


@dataclass(frozen=True, slots=True)
class Task:
    """What one device is to do.

    Attributes:
        device: ``cpu``, ``cuda:1``, ...
        dtype: that the models compute in; empty for the device's default.
        mode: of the preprocess.
        batch: images; None for the device's default.
        workers: reader processes.
        targets: one a model.
        shards: to embed.
    """

    device: str
    dtype: str
    mode: Mode
    batch: int | None
    workers: int
    targets: tuple[Target, ...]
    shards: tuple[Shard, ...]

    def over(self, devices: Sequence[str]) -> list[Task]:
        """This work on several devices, shards dealt out in turn and readers divided."""
        count = len(devices)
        readers = max(1, self.workers // count)
        return [
            replace(self, device=device, workers=readers, shards=self.shards[at::count])
            for at, device in enumerate(devices)
        ]


@dataclass(frozen=True, slots=True)
class Done:
    """A shard whose parts are written: one for each target."""

    shard: Shard
    samples: int
    parts: tuple[Part, ...]


@dataclass(frozen=True, slots=True)
class PartWriter:
    """Writes an embedded shard's parts; the sink of an ``Embedder``."""

    targets: tuple[Target, ...]

    def __call__(self, embedded: Embedded) -> Done:
        """Write a part to each target.

        Raises:
            DatasetError: the disk refused.
        """
        name = embedded.shard.name
        parts = [
            write_part(target.folder, target.numbers[name], embedded, model, target.made_by)
            for model, target in enumerate(self.targets)
        ]
        return Done(embedded.shard, embedded.samples, tuple(parts))


def load(task: Task) -> list[Model]:
    """The models of a task, on its device.

    Raises:
        ModelError: one cannot be loaded.
        BenchwrightError: its weights are others than those that the run began with.
    """
    models = []
    for target in task.targets:
        model = load_model(target.model, task.device, task.dtype)
        if model.identity.sha256 != target.sha256:
            raise BenchwrightError(f"{target.model}: its weights have changed; run again")
        models.append(model)
    return models


def run_here(task: Task, models: Sequence[Model], seconds: Seconds) -> Generator[Done, None, None]:
    """Do a task in this process.

    Args:
        task: to do.
        models: of its targets, in their order.
        seconds: what is spent is added here.

    Raises:
        BenchwrightError: as for ``Embedder.embed``.
    """
    with Embedder(models, task.mode, task.batch, task.workers) as embedder:
        try:
            yield from embedder.embed(task.shards, PartWriter(task.targets))
        finally:
            seconds.add(embedder.seconds)


def run_apart(tasks: Sequence[Task], seconds: Seconds) -> Generator[Done, None, None]:
    """Do tasks at once, each in a process of its own.

    Raises:
        BenchwrightError: one failed or died; the others are stopped, and finished parts kept.
    """
    spawn = multiprocessing.get_context("spawn")
    workers: dict[Connection, Any] = {}
    try:
        for task in tasks:
            ours, theirs = spawn.Pipe(duplex=False)
            process = spawn.Process(target=_work, args=(task, theirs, mirror.active()))
            process.start()
            theirs.close()  # so that its end is seen when it dies
            workers[ours] = process
        while workers:
            for ready in wait(list(workers)):
                assert isinstance(ready, Connection)
                try:
                    said = ready.recv()
                except EOFError:
                    raise BenchwrightError(
                        "a device's process died; finished parts are kept: run again to go on"
                    ) from None
                if isinstance(said, Exception):
                    raise said
                if isinstance(said, Seconds):
                    seconds.add(said)
                    workers.pop(ready).join()
                else:
                    yield said
    finally:
        for process in workers.values():
            process.terminate()
        for process in workers.values():
            process.join()


def _work(task: Task, out: Connection, mirrors: Sequence[Mirror]) -> None:
    """A device's process: says each shard that is done, at last the time it took."""
    worker_process.begin(mirrors)
    seconds = Seconds()
    try:
        for done in run_here(task, load(task), seconds):
            out.send(done)
        out.send(seconds)
    except BenchwrightError as error:
        out.send(error)
