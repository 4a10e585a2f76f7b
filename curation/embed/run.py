"""``benchwright embed``: shards to embedding sets, resumable at any moment."""

from __future__ import annotations

import time
from collections.abc import Callable, Generator, Sequence
from contextlib import ExitStack, closing
from dataclasses import replace
from pathlib import Path

from benchwright.curation.embed.devices import Done, Task
from benchwright.curation.embed.encoding import default_lanes
from benchwright.curation.embed.machines import Machines, machines_of
from benchwright.curation.embed.plan import SetPlan, set_name
from benchwright.curation.embed.report import Report, broken_shards, reasons_of
from benchwright.curation.embed.sources import Shard, Source, find_shards, is_url
from benchwright.curation.embed.timing import Seconds
from benchwright.curation.embeddings import EmbeddingSet
from benchwright.curation.models.preprocess import Mode
from benchwright.errors import BenchwrightError
from benchwright.lock import locked

MOST_REJECTED = 0.2
"""Share of samples that may be unreadable: above it, something is wrong with all of them."""

ENOUGH_SEEN = 200
"""Samples before that share is looked at while the run goes on; it is at the end in any case."""

EMBEDDINGS = "embeddings"
"""Folder beside the shards that sets are kept in unless told otherwise."""

LEFT = ("*/img_emb/*", "*/metadata/*")
"""What of sets on a storage stays there: of a billion images, more than a disk holds."""

Progress = Callable[[int, int], None]


class RejectionLimitError(BenchwrightError):
    """A run that was stopped because of what it had to reject.

    Attributes:
        reasons: reason to number of samples.
    """

    def __init__(self, message: str, reasons: dict[str, int]) -> None:
        super().__init__(message)
        self.reasons = reasons

    def __reduce__(self) -> tuple[type[RejectionLimitError], tuple[str, dict[str, int]]]:
        return type(self), (str(self), self.reasons)


def embed(
    place: str,
    models: Sequence[str],
    mode: Mode = "exact",
    devices: Sequence[str] = ("cpu",),
    dtype: str = "",
    batch: int | None = None,
    workers: int | None = None,
    out: Path | None = None,
    most_rejected: float = MOST_REJECTED,
    progress: Progress = lambda done, total: None,
) -> Report:
    """Embed shards with models, one set a model; parts that are there already stay.

    Args:
        place: what ``find_shards`` takes.
        models: ids; an image is decoded once for all of them.
        mode: of the preprocess.
        devices: one, or several that share the shards; on a cluster ``cpu`` or ``cuda``.
        dtype: that the models compute in; empty for the device's default.
        batch: images; None for the device's default.
        workers: reader processes in all (on a cluster: of a device), default all cores.
        out: folder of the sets' folders; default ``embeddings`` beside the shards.
        most_rejected: share of the samples that may be unreadable.
        progress: called with samples done and, as far as can be told, in all.

    Raises:
        DatasetError: no shards, a shard that cannot be read, or a folder that is taken.
        ModelError: a model cannot be loaded.
        RejectionLimitError: more than ``most_rejected`` of the samples are unreadable.
        BenchwrightError: a process died; what was finished is kept.
    """
    source = find_shards(place)
    home = _home(place, source, out)
    machines = machines_of(dict.fromkeys(models), devices, dtype, workers)
    task = Task(devices[0], dtype, mode, batch, machines.workers, (), ())
    run = _Run(source, machines, task, most_rejected, progress)
    began = time.perf_counter()
    with ExitStack() as stack:
        for identity in machines.identities:
            folder = home / set_name(identity, mode)
            stack.enter_context(locked(folder))
            run.plans.append(SetPlan(folder, identity, mode))
        try:
            run.embed()
        finally:
            for plan in run.plans:
                plan.write_list()
    run.seconds.elapsed = time.perf_counter() - began
    return run.report(default_lanes(devices[0], machines.workers))


def _home(place: str, source: Source, out: Path | None) -> Path:
    if out is not None:
        return out
    if is_url(source.root):
        raise BenchwrightError(f"{place}: is remote; say with --out where embeddings are to go")
    return Path(source.root) / EMBEDDINGS


class _Run:
    """The state of one run."""

    def __init__(
        self,
        source: Source,
        machines: Machines,
        task: Task,
        most_rejected: float,
        progress: Progress,
    ) -> None:
        self.source, self.machines, self.progress = source, machines, progress
        self.plans: list[SetPlan] = []
        self.seconds = Seconds()
        self._task, self._most_rejected = task, most_rejected
        self._shards = self._samples = self._bytes = self._kept = 0

    def embed(self) -> None:
        """Embed what is missing: shards that miss the same sets together."""
        missing: dict[str, list[int]] = {}
        for number, plan in enumerate(self.plans):
            for shard in plan.left(self.source.shards):
                missing.setdefault(shard.name, []).append(number)
        self._kept = len(self.source.shards) - len(missing)
        groups: dict[tuple[int, ...], list[Shard]] = {}
        for shard in self.source.shards:
            if shard.name in missing:
                groups.setdefault(tuple(missing[shard.name]), []).append(shard)
        total = sum(shard.bytes for group in groups.values() for shard in group)
        self._check(ENOUGH_SEEN)
        for wanted, shards in groups.items():
            with closing(self._group(wanted, shards)) as group:
                for done in group:
                    self._take(done, wanted, total)
        self._check(1)

    def _group(self, wanted: Sequence[int], shards: Sequence[Shard]) -> Generator[Done, None, None]:
        targets = tuple(plan.target(shards) for plan in (self.plans[number] for number in wanted))
        task = replace(self._task, targets=targets, shards=tuple(shards))
        return self.machines.run(task, wanted, self.seconds)

    def _take(self, done: Done, wanted: Sequence[int], total: int) -> None:
        for number, part in zip(wanted, done.parts, strict=True):
            self.plans[number].add(part, done.shard)
        self._shards += 1
        self._samples += done.samples
        self._bytes += done.shard.bytes
        expected = round(self._samples * total / max(self._bytes, 1))
        self.progress(self._samples, max(expected, self._samples))
        self._check(ENOUGH_SEEN)

    def _check(self, enough: int) -> None:
        """Stop where too much was rejected, of all parts that are there.

        Raises:
            RejectionLimitError: so it is.
        """
        for plan in self.plans:
            rejects = sum(part.rejects for part in plan.parts)
            seen = rejects + sum(part.samples for part in plan.parts)
            if seen < enough or rejects <= self._most_rejected * seen:
                continue
            plan.write_list()
            reasons = reasons_of(EmbeddingSet.open(plan.folder))
            told = ", ".join(f"{reason} {count:,}" for reason, count in reasons.items())
            raise RejectionLimitError(
                f"{plan.folder}: {rejects:,} of {seen:,} samples were rejected, more than "
                f"{self._most_rejected:.0%} ({told}): see rejects/ there and mend the shards, or "
                "allow more with --most-rejected",
                reasons,
            )

    def report(self, lanes: int) -> Report:
        """What was done."""
        sets = tuple(EmbeddingSet.open(plan.folder) for plan in self.plans)
        return Report(
            sets=sets,
            shards=self._shards,
            kept=self._kept,
            samples=self._samples,
            reasons=reasons_of(sets[0]),
            broken=broken_shards(sets[0]),
            unfinished=self.source.unfinished,
            workers=self._task.workers,
            lanes=lanes,
            seconds=self.seconds,
        )
