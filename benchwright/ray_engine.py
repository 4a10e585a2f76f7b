"""Stages on a Ray cluster: the same functions of a shard, each a Ray task.

A task writes its shard by itself and returns what is said of it, so Ray carries plans and counts,
never images. Ray retries what a lost worker or node was at; a task done twice gives the same bytes.
What Ray does not do is to go on after its driver was killed: finished shards are found in the
folder, as they are after any interruption.
"""

from __future__ import annotations

import os
import secrets
import socket
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from benchwright import engine, mirror
from benchwright.engine import IN_FLIGHT
from benchwright.errors import BenchwrightError
from benchwright.mirrored_folder import Mirror

Task = TypeVar("Task")
Result = TypeVar("Result")

RETRIES = 3
"""Times that a shard whose worker died is given to another: one that kills four is to blame."""

ANSWER_SECONDS = 10.0
"""Within which a cluster's head takes a connection, however far away it is."""

QUIET = {"RAY_DEDUP_LOGS": "1", "RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO": "0"}
"""Settings of Ray unless the user has set them: without the second, a task without a GPU would
find CUDA hidden for the rest of its process's life."""


class Cluster:
    """A Ray cluster as an engine; made by ``cluster``."""

    @property
    def width(self) -> int:
        """Its CPUs."""
        import ray

        return max(1, int(ray.cluster_resources().get("CPU", 1)))

    @property
    def cores(self) -> int:
        """CPUs of the smallest node that has any."""
        return max(1, int(min(node.get("CPU", 0) for node in nodes() if node.get("CPU", 0))))

    def check(self, folder: Path) -> None:
        """Have every node read a file of the folder."""
        check_shared(folder)

    def run(
        self, stage: Callable[[Task], Result], tasks: Iterable[Task], workers: int
    ) -> Iterator[Result]:
        """As ``benchwright.engine.run``: a task is retried where its worker or node died."""
        import ray

        call = ray.remote(num_cpus=1, max_retries=RETRIES, scheduling_strategy="SPREAD")(_call)
        what, place = ray.put(stage), ray.put(Place.of_driver())
        width = self.width
        limit = workers if workers < width else width * IN_FLIGHT
        waiting: list[Any] = []
        with mirror.shared():
            try:
                for task in tasks:
                    waiting.append(call.remote(what, task, place))
                    if len(waiting) >= limit:
                        (done,), waiting = ray.wait(waiting)
                        yield value_of(done)
                while waiting:
                    (done,), waiting = ray.wait(waiting)
                    yield value_of(done)
            finally:
                for one in waiting:
                    ray.cancel(one)


def _call(stage: Callable[[Task], Result], task: Task, place: Place) -> Result:
    place.enter()
    return stage(task)


@dataclass(frozen=True, slots=True)
class Place:
    """Where the driver works: its folder, and the mirrors that it has opened."""

    folder: str
    mirrors: tuple[Mirror, ...]

    @classmethod
    def of_driver(cls) -> Place:
        """Of this process."""
        return cls(str(Path.cwd()), mirror.active())

    def enter(self) -> None:
        """Work there, so that a relative path means what it means to the driver.

        Raises:
            BenchwrightError: this node does not have the folder.
        """
        mirror.join(self.mirrors, apart=True)
        try:
            os.chdir(self.folder)
        except OSError as error:
            if not self.mirrors:  # whose paths are absolute, and the same everywhere
                raise BenchwrightError(
                    f"{self.folder}: a Ray node does not have it; start from a folder that all "
                    "nodes share"
                ) from error


def value_of(done: Any, *others: type[Exception]) -> Any:
    """What a Ray task returned.

    Args:
        done: its object reference.
        others: errors of Ray that the caller sees to.

    Raises:
        BenchwrightError: the task's own, or one that says that its workers died.
    """
    import ray
    from ray.exceptions import RayError, RayTaskError

    try:
        return ray.get(done)
    except RayTaskError as error:
        if isinstance(error.cause, BenchwrightError):
            raise error.cause from None
        raise
    except others:
        raise
    except RayError as error:
        first = str(error).strip().splitlines()[0]
        raise BenchwrightError(
            f"Ray gave up a shard after {RETRIES + 1} workers ({first[:200]}); finished shards are "
            "kept: run the same command again to go on"
        ) from error


@contextmanager
def cluster(address: str = "") -> Iterator[None]:
    """Run stages on Ray in the meantime.

    Args:
        address: of a cluster to join: ``auto``, ``10.0.0.1:6379``; empty takes ``RAY_ADDRESS`` of
            the environment, or else starts Ray on this machine alone.

    Raises:
        BenchwrightError: Ray is not installed, or no cluster is there.
    """
    for name, value in QUIET.items():
        os.environ.setdefault(name, value)
    try:
        import ray
    except ImportError as error:
        raise BenchwrightError("--engine ray needs Ray: pip install 'benchwright[ray]'") from error
    started = not ray.is_initialized()
    if started:
        try:
            _join(address or os.environ.get("RAY_ADDRESS", ""))
        except (ConnectionError, RuntimeError, ValueError, OSError) as error:
            reason = str(error).strip().splitlines()[0] if str(error).strip() else repr(error)
            raise BenchwrightError(
                f"--ray-address {address or 'of a new Ray'}: {reason}"
            ) from error
    try:
        with engine.using(Cluster()):
            yield
    finally:
        if started:
            ray.shutdown()


def _join(address: str) -> None:
    """Connect; without an address, Ray starts here with the cores that this process may use."""
    import ray

    if address:
        _knock(address)
        ray.init(address=address, log_to_driver=False, logging_level="WARNING")
        return
    ray.init(
        address="local", num_cpus=engine.cores(), include_dashboard=False, log_to_driver=False,
        logging_level="WARNING",
    )  # fmt: skip


def _knock(address: str) -> None:
    """See that somebody answers at HOST:PORT; Ray itself goes on asking for minutes.

    Raises:
        OSError: nobody does.
        ValueError: the port is no number.
    """
    host, _, port = address.removeprefix("ray://").rpartition(":")
    if host:
        socket.create_connection((host, int(port)), timeout=ANSWER_SECONDS).close()


def nodes() -> list[dict[str, float]]:
    """What each node that is alive has: ``CPU``, ``GPU`` and others, to its amount."""
    import ray

    return [node["Resources"] for node in ray.nodes() if node["Alive"]]


def check_shared(folder: Path) -> None:
    """Have every node read a file of this folder.

    Raises:
        BenchwrightError: one cannot; the folder must be on storage that all nodes share.
    """
    import ray
    from ray.util.scheduling_strategies import NodeAffinitySchedulingStrategy

    probe, said = folder.absolute() / f".seen-{secrets.token_hex(4)}", secrets.token_hex(16)
    look = ray.remote(num_cpus=0)(_read)
    probe.write_text(said)
    try:
        for node in [node for node in ray.nodes() if node["Alive"]]:
            there = NodeAffinitySchedulingStrategy(node["NodeID"], soft=False)
            if value_of(look.options(scheduling_strategy=there).remote(str(probe))) != said:
                raise BenchwrightError(
                    f"{folder}: the Ray node {node['NodeManagerAddress']} does not see it; choose "
                    "a folder on storage that all nodes share"
                )
    finally:
        probe.unlink()


def _read(path: str) -> str:
    try:
        return Path(path).read_text()
    except OSError:
        return ""
