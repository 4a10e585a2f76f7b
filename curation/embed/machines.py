"""What embeds the shards: this machine's devices, or a cluster's."""

from __future__ import annotations

from collections.abc import Generator, Iterable, Sequence
from typing import Protocol

from benchwright import engine
from benchwright.curation.embed.devices import Done, Task, run_apart, run_here
from benchwright.curation.embed.timing import Seconds
from benchwright.curation.models.identity import ModelIdentity
from benchwright.curation.models.registry import load_model
from benchwright.ray_engine import Cluster


class Machines(Protocol):
    """Devices with models.

    Attributes:
        identities: of the models, as they are on these devices.
        workers: reader processes of a device.
    """

    identities: tuple[ModelIdentity, ...]
    workers: int

    def run(
        self, task: Task, wanted: Sequence[int], seconds: Seconds
    ) -> Generator[Done, None, None]:
        """Do a task.

        Args:
            task: to do.
            wanted: numbers of the models of its targets.
            seconds: what is spent is added here.

        Raises:
            BenchwrightError: a shard cannot be read, a part not written, or a process died.
        """
        ...


class ThisMachine:
    """One device in this process, or a process for each of several."""

    def __init__(
        self, models: Iterable[str], devices: Sequence[str], dtype: str, workers: int | None
    ) -> None:
        """Load the models.

        Raises:
            ModelError: one cannot be loaded.
        """
        self._models = [load_model(name, devices[0], dtype) for name in models]
        self._devices = tuple(devices)
        self.identities = tuple(model.identity for model in self._models)
        self.workers = workers or engine.cores()

    def run(
        self, task: Task, wanted: Sequence[int], seconds: Seconds
    ) -> Generator[Done, None, None]:
        """As ``Machines.run``."""
        if len(self._devices) == 1:
            return run_here(task, [self._models[number] for number in wanted], seconds)
        return run_apart(task.over(self._devices), seconds)


def machines_of(
    models: Iterable[str], devices: Sequence[str], dtype: str, workers: int | None
) -> Machines:
    """The machines of the current engine.

    Args:
        models: ids.
        devices: as ``embed`` takes them.
        dtype: that the models compute in; empty for the device's default.
        workers: reader processes; None for what the cores allow.

    Raises:
        ModelError: a model cannot be loaded.
        BenchwrightError: the cluster has no such device.
    """
    if isinstance(engine.current(), Cluster):
        from benchwright.curation.embed.on_cluster import ClusterMachines

        return ClusterMachines(models, devices, dtype, workers)
    return ThisMachine(models, devices, dtype, workers)
