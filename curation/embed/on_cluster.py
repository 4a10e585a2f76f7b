"""Shards over a Ray cluster: actors that load the models once, and a shard a call."""

from __future__ import annotations

from collections.abc import Generator, Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from benchwright import mirror, ray_engine
from benchwright.curation.embed.devices import Done, PartWriter, Task, load
from benchwright.curation.embed.embedder import Embedder
from benchwright.curation.embed.sources import Shard
from benchwright.curation.embed.timing import Seconds
from benchwright.curation.models.identity import ModelIdentity
from benchwright.curation.models.registry import load_model
from benchwright.errors import BenchwrightError
from benchwright.ray_actors import Pool


class ShardEmbedder:
    """In an actor: models in memory and readers running, for as long as there are shards."""

    def __init__(self, task: Task) -> None:
        """Load the models and start the readers, which end with the process.

        Raises:
            ModelError: one cannot be loaded.
        """
        embedder = Embedder(load(task), task.mode, task.batch, task.workers)
        self._embedder = embedder.__enter__()
        self._sink = PartWriter(task.targets)

    def __call__(self, shard: Shard) -> tuple[Done, Seconds]:
        """Embed a shard and write its parts.

        Raises:
            DatasetError: it cannot be read, or a part not written.
        """
        if not shard.is_remote:
            mirror.here(Path(shard.path))
        self._embedder.seconds = Seconds()
        (done,) = self._embedder.embed([shard], self._sink)
        return done, self._embedder.seconds


@dataclass(frozen=True, slots=True)
class Share:
    """What each actor gets: ``count`` actors with so many CPUs, readers, and GPUs."""

    count: int
    readers: int
    gpus: int


def share(device: str, workers: int | None) -> Share:
    """How a cluster is dealt out: an actor a GPU, or without one an actor a machine.

    Args:
        device: ``cpu`` or ``cuda``.
        workers: reader processes an actor; None for what its share of the machine's CPUs allows.

    Raises:
        BenchwrightError: the cluster has no GPU.
    """
    nodes = ray_engine.nodes()
    if device == "cpu":
        readers = workers or max(1, int(min(n["CPU"] for n in nodes if n.get("CPU"))))
        return Share(max(1, sum(int(n.get("CPU", 0)) // readers for n in nodes)), readers, 0)
    gpus = [n for n in nodes if n.get("GPU")]
    if not gpus:
        raise BenchwrightError(f"--device {device}: no node of the Ray cluster has a GPU")
    readers = workers or max(1, int(min(n["CPU"] // n["GPU"] for n in gpus)))
    return Share(int(sum(n["GPU"] for n in gpus)), readers, 1)


class ClusterMachines:
    """The machines of a Ray cluster; see ``Machines``."""

    def __init__(
        self, models: Iterable[str], devices: Sequence[str], dtype: str, workers: int | None
    ) -> None:
        """Ask a node with the device what the models are: the driver's machine may have none.

        Raises:
            ModelError: one cannot be loaded.
            BenchwrightError: no node has the device, or more than one kind is asked for.
        """
        import ray

        if len(devices) > 1 or ":" in devices[0]:
            raise BenchwrightError(
                f"--device {','.join(devices)}: on Ray, say cpu or cuda; Ray deals out the GPUs"
            )
        self._share = share(devices[0], workers)
        self.workers = self._share.readers
        look = ray.remote(num_cpus=1, num_gpus=self._share.gpus)(_identities)
        place = ray_engine.Place.of_driver()
        found = ray_engine.value_of(look.remote(list(models), devices[0], dtype, place))
        self.identities: tuple[ModelIdentity, ...] = found

    def run(
        self, task: Task, wanted: Sequence[int], seconds: Seconds
    ) -> Generator[Done, None, None]:
        """As ``Machines.run``: a lost worker or node costs the shard that it was at."""
        count = min(self._share.count, len(task.shards))
        resources = {"num_cpus": self._share.readers, "num_gpus": self._share.gpus}
        pool = Pool(ShardEmbedder, replace(task, shards=()), count, **resources)
        with mirror.shared():
            for done, spent in pool.run(task.shards):
                seconds.add(spent)
                yield done


def _identities(
    models: list[str], device: str, dtype: str, place: ray_engine.Place
) -> tuple[ModelIdentity, ...]:
    place.enter()
    return tuple(load_model(name, device, dtype).identity for name in models)
