"""Ray actors that keep something costly, such as a model, and work off shards one at a time."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from benchwright.errors import BenchwrightError
from benchwright.ray_engine import RETRIES, Place, value_of

QUEUED = 2
"""Calls that wait at an actor: the next begins while the driver hears of the last."""


@dataclass(frozen=True, slots=True)
class _Call:
    """A call under way: where, at what (None: begin), and how often it was tried before."""

    actor: Any
    item: Any
    tries: int


class _Actor:
    """What Ray runs; it prepares in a call, since errors of constructors lose their cause."""

    def __init__(self, make: Callable[[Any], Callable[[Any], Any]], argument: Any) -> None:
        self._make, self._argument = make, argument

    def begin(self, place: Place) -> None:
        place.enter()
        self._work = self._make(self._argument)

    def work(self, item: Any) -> Any:
        return self._work(item)


class Pool:
    """Actors that share a queue; one that dies is replaced and its work given to others.

    Ray would restart an actor by itself, but where its node is gone and no other has room, calls
    to it wait for ever; here they go to the actors that there are.
    """

    def __init__(
        self,
        make: Callable[[Any], Callable[[Any], Any]],
        argument: Any,
        count: int,
        **resources: float,
    ) -> None:
        """Ask Ray for the actors; work is given to each once it has begun.

        Args:
            make: called in each actor; gives what does one piece of work, which done twice must
                give the same result.
            argument: what ``make`` is called with; picklable.
            count: of actors.
            resources: of each, as ``ray.remote`` names them: ``num_cpus``, ``num_gpus``.
        """
        import ray

        self._kind, self._make = ray.remote(**resources)(_Actor), make
        self._argument = ray.put(argument)
        self._calls: dict[Any, _Call] = {}
        self._ready: dict[Any, int] = {}  # actor to calls that wait at it
        self._todo: deque[tuple[Any, int]] = deque()
        for _ in range(count):
            self._start(0)

    def run(self, items: Iterable[Any]) -> Iterator[Any]:
        """What is returned for each item, in the order they finish.

        Raises:
            BenchwrightError: the worker's own, or actors died again and again.
        """
        import ray
        from ray.exceptions import RayActorError

        self._todo.extend((item, 0) for item in items)
        try:
            while self._todo or any(self._ready.values()):
                (done,), _ = ray.wait(list(self._calls))
                call = self._calls.pop(done)
                try:
                    value = value_of(done, RayActorError)
                except RayActorError as error:
                    self._replace(call, error)
                else:
                    self._ready[call.actor] = self._ready.get(call.actor, 1) - 1
                    if call.item is not None:
                        yield value
                self._give()
        finally:
            for actor in {call.actor for call in self._calls.values()} | set(self._ready):
                ray.kill(actor)

    def _start(self, tries: int) -> None:
        actor = self._kind.remote(self._make, self._argument)
        self._calls[actor.begin.remote(Place.of_driver())] = _Call(actor, None, tries)

    def _give(self) -> None:
        """Fill the queues of the actors that have begun."""
        for actor in self._ready:
            while self._todo and self._ready[actor] < QUEUED:
                item, tries = self._todo.popleft()
                self._calls[actor.work.remote(item)] = _Call(actor, item, tries)
                self._ready[actor] += 1

    def _replace(self, call: _Call, error: Exception) -> None:
        """An actor died at this call: another is asked for, and another does what it was to do."""
        if call.tries >= RETRIES:
            first = str(error).strip().splitlines()[0]
            raise BenchwrightError(
                f"{RETRIES + 1} workers died one after the other ({first[:200]}; out of memory?); "
                "finished parts are kept: run the same command again to go on"
            ) from error
        if call.item is None:
            self._start(call.tries + 1)
            return
        self._todo.appendleft((call.item, call.tries + 1))
        if self._ready.pop(call.actor, None) is not None:
            self._start(0)
