"""Writing a set of found images: records and images -> shards, resumable, only what changed.

    rejects = rejects_table([Reject("00000_7", "00000.tar", Reason.TOO_SMALL, "min side 48 < 64")])
    write(folder, recipe_text, samples, reader, rejects, facts)

The work is staged a shard a task and moved into place when all of it is done.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from hashlib import sha256
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pyarrow as pa

from benchwright import dataset as folder_files
from benchwright import engine, imported_record, mined_record, shards, staging
from benchwright import rejects as reject_table
from benchwright.curation.mined.plans import Planned, ShardPlan, plan_shards, planned
from benchwright.curation.mined.sources import Attribution
from benchwright.curation.mined.stored import key_of, stored
from benchwright.dataset import Dataset, Row, Shard
from benchwright.errors import DatasetError
from benchwright.folder_checks import card_holds
from benchwright.front_matter import write_plain_card
from benchwright.images import encoder_versions
from benchwright.imported_record import ImportedRecord
from benchwright.ledger import write_ledger
from benchwright.lock import locked
from benchwright.mined_record import MinedRecord
from benchwright.sample_kinds import MINED, SampleKind

Read = Callable[[str], bytes]
"""Gives an image as it was found; picklable, since worker processes call it."""

Progress = Callable[[int, int], None]


A_WORKER = 200
"""Samples that are worth starting another process for: it takes a second or two."""


@dataclass(frozen=True, slots=True)
class Sample:
    """A sample to be written.

    Attributes:
        record: of ``MinedRecord`` or ``ImportedRecord``, as the set's kind has it; its key is that
            of the stored image.
        at: where the image is, as the reader takes it.
        place: (config, split); default: the set's config, the split of its group.
    """

    record: MinedRecord | ImportedRecord
    at: str
    place: tuple[str, str] | None = None


@dataclass(frozen=True, slots=True)
class SetFacts:
    """What holds for a whole set.

    Attributes:
        kind: with the set's own picture format and classes.
        name, title, licence: as its recipe has them; the licence as the Hub names it.
        config: of samples that name none.
        looked_at: images that were looked at: those written and those rejected.
        seed: of its random choices.
        quality: of JPEGs, where images had to be converted.
        shard_size: samples a shard at most.
        made: what else ``build.json`` shall say: models, thresholds, digests of inputs. No times.
    """

    kind: SampleKind
    name: str
    title: str
    licence: str
    config: str
    looked_at: int
    seed: int = 0
    quality: int = 95
    shard_size: int = 500
    made: dict[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class Report:
    """What writing did.

    Attributes:
        dataset: the finished folder.
        kept, written: samples in shards that were there before, and in those that were not.
        rejected: reason to number of what was left out.
    """

    dataset: Dataset
    kept: int
    written: int
    rejected: dict[str, int]


@dataclass(frozen=True, slots=True)
class Task:
    """One shard to write."""

    plan: ShardPlan
    folder: Path
    read: Read
    picture: str
    quality: int


def write(
    folder: Path,
    recipe: str,
    samples: Iterable[Sample],
    read: Read,
    rejects: pa.Table,
    facts: SetFacts,
    workers: int | None = None,
    progress: Progress = lambda done, total: None,
) -> Report:
    """Write a set of found images into a folder, or bring the folder up to it.

    The same samples give the same bytes, from any number of workers and in any order. Files that
    other steps leave in the folder (``groups.parquet``, ``sensitivity.json``) are not touched.

    Args:
        folder: the dataset folder; made if missing.
        recipe: text of ``recipe.yaml``.
        samples: what the set holds.
        read: gives the image that a sample's ``at`` names, as it was found.
        rejects: what was left out, as ``benchwright.rejects.SCHEMA`` declares it.
        facts: of the whole set.
        workers: processes, default all cores.
        progress: called with samples done and in all.

    Raises:
        DatasetError: the counts do not add up, nothing is left, one image is there twice, an image
            is not the one its record says, or the folder cannot be written.
        RecordError: a record does not fit the declared schema.
    """
    attribution = Attribution()
    plans = plan_shards(_planned(samples, facts, attribution), facts.shard_size, facts.kind.picture)
    _check_counts(plans, rejects, facts)
    folder_files.check_ending(folder, folder_files.TAR, facts.kind.name)
    with locked(folder):
        before = staging.earlier(folder)
        missing = [plan for plan in plans if not staging.is_finished(folder, before, plan)]
        total = sum(plan.samples for plan in plans)
        kept = done = total - sum(plan.samples for plan in missing)
        progress(done, total)
        tasks = (Task(p, folder, read, facts.kind.picture, facts.quality) for p in missing)
        count = min(workers or engine.default_workers(), 1 + (total - kept) // A_WORKER)
        for samples_done in engine.run(write_shard, tasks, count):
            done += samples_done
            progress(done, total)
        folder_files.write_text(folder / folder_files.RECIPE, recipe)
        finished = _finish(folder, plans, before, recipe, rejects, facts, attribution)
    return Report(finished, kept, total - kept, dict(reject_table.by_reason(rejects)))


def _planned(
    samples: Iterable[Sample], facts: SetFacts, attribution: Attribution
) -> Iterator[Planned]:
    for sample in samples:
        attribution.add(sample.record)
        config, split = sample.place or (facts.config, _split(sample.record))
        yield planned(facts.kind, config, split, sample.record, sample.at)


def _split(record: MinedRecord | ImportedRecord) -> str:
    return record.split if isinstance(record, MinedRecord) else mined_record.UNGROUPED


def _check_counts(plans: list[ShardPlan], rejects: pa.Table, facts: SetFacts) -> None:
    kept = sum(plan.samples for plan in plans)
    if kept + rejects.num_rows != facts.looked_at:
        raise DatasetError(
            f"{facts.name}: {facts.looked_at:,} images were looked at, but {kept:,} are kept and "
            f"{rejects.num_rows:,} rejected: something was lost"
        )
    if not kept:
        counted = reject_table.by_reason(rejects).most_common()
        reasons = ", ".join(f"{count:,} {reason}" for reason, count in counted)
        raise DatasetError(f"{facts.name}: no image is left of {facts.looked_at:,}: {reasons}")


def write_shard(task: Task) -> int:
    """The stage: write one shard into the staging folder; returns how many samples it holds."""
    samples = task.plan.planned()
    written = shards.write(
        staging.staged_tar(task.folder, task.plan), (_segment(task, sample) for sample in samples)
    )
    plan = task.plan
    shard = Shard(
        plan.path, plan.config, plan.split, len(samples), written.bytes, written.sha256, plan.digest
    )
    rows = [
        Row(sample.key, plan.config, plan.split, plan.path, place.offset, place.bytes, place.sha256,
            sample.plan, sample.objects, "", "")
        for sample, place in zip(samples, written.placements, strict=True)
    ]  # fmt: skip
    staging.write_rows(task.folder, plan, shard, rows)
    return len(samples)


def _segment(task: Task, sample: Planned) -> bytes:
    content = task.read(sample.at)
    if key_of(content) != sample.key:
        content, _ = stored(content, task.picture, task.quality)
    if key_of(content) != sample.key:
        raise DatasetError(
            f"{sample.at}: its image has changed since it was looked at, or another encoder stored "
            "it; run the same command again"
        )
    return shards.segment(sample.key, {task.picture: content, **dict(sample.texts)})


def _finish(
    folder: Path,
    plans: list[ShardPlan],
    before: Dataset | None,
    recipe: str,
    rejects: pa.Table,
    facts: SetFacts,
    attribution: Attribution,
) -> Dataset:
    """Move staged shards into place, write all that describes them, drop what no plan names."""
    finished = staging.place_all(folder, plans, before)
    reject_table.write(folder, rejects)
    write_ledger(folder, attribution.ledger())
    build = build_facts(facts, finished, recipe, rejects)
    changed = build != folder_files.read_json(folder / folder_files.BUILD)
    folder_files.write_json(folder / folder_files.BUILD, build)
    if changed or not card_holds(finished):
        write_plain_card(finished, facts.licence, facts.title)
    staging.drop_stale(folder, {plan.path for plan in plans})
    return finished


def build_facts(
    facts: SetFacts, dataset: Dataset, recipe: str, rejects: pa.Table
) -> dict[str, Any]:
    """What ``build.json`` says: versions, digests, classes, counts. No times, no machine."""
    kind = facts.kind
    schema = (mined_record if kind.name == MINED.name else imported_record).VERSION
    return {
        "name": facts.name,
        "kind": kind.name,
        "picture": kind.picture,
        "benchwright": version("benchwright"),
        "schema": schema,
        "encoders": encoder_versions(),
        "quality": facts.quality,
        "shard_size": facts.shard_size,
        "seed": facts.seed,
        "recipe_sha256": sha256(recipe.encode()).hexdigest(),
        "dataset_sha256": dataset.digest,
        "classes": [{"name": label.name, "id": label.id} for label in kind.labels],
        "looked_at": facts.looked_at,
        "rejected": dict(sorted(reject_table.by_reason(rejects).items())),
        "samples": {f"{config}/{split}": n for (config, split), n in dataset.splits().items()},
        "made": facts.made or {},
    }
