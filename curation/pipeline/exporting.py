"""The export step: the images of confirmed pairs as a dataset folder, all others as rejects."""

from __future__ import annotations

import json
import math
import time
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq

from benchwright import engine, group_table, rejects
from benchwright import sensitivity as sensitivity_file
from benchwright.curation.embeddings import EmbeddingSet, Part
from benchwright.curation.mined.readers import TarReader, images
from benchwright.curation.mined.stored import stored
from benchwright.curation.mined.writing import Report, Sample, SetFacts, write
from benchwright.curation.mining.confirm import Verdict
from benchwright.curation.mining.group_rows import group_rows
from benchwright.curation.mining.pairs import Pair, Rule
from benchwright.curation.models.decoding import ImageRefused
from benchwright.curation.pipeline.grouping import Groups, sensitivity
from benchwright.curation.pipeline.labelling import labels_of
from benchwright.curation.pipeline.mining import Labelled, Mining
from benchwright.curation.pipeline.reviewing import Settled
from benchwright.curation.pipeline.sample_facts import SampleFacts
from benchwright.curation.pipeline.scoring import sample_file
from benchwright.curation.pipeline.sieving import cluster_file, filter_file
from benchwright.curation.pipeline.work import Step
from benchwright.errors import DatasetError
from benchwright.mined_findings import Findings
from benchwright.mined_record import Judge, MinedRecord, Probe
from benchwright.recipe_file import dump
from benchwright.rejection import Reason
from benchwright.rejects import Reject
from benchwright.sample_kinds import MINED, Label

COMMON, COUNTER = "common", "counter"
CONFIG = "counteranimal"
PICTURE = "jpg"


@dataclass(frozen=True, slots=True)
class Task:
    """The samples of one shard that are in a group.

    Attributes:
        root: folder that names of shards are relative to.
        shard: its name.
        rows: fields of each sample's record, but for what the image says.
        quality: of JPEGs, where one is encoded.
    """

    root: Path
    shard: str
    rows: tuple[dict[str, Any], ...]
    quality: int


def export(
    mining: Mining, labelled: Labelled, found: Groups, findings: Findings, root: Path
) -> tuple[Report, Step]:
    """Write the dataset folder.

    Args:
        mining: the run.
        labelled: the sets and labels.
        found: groups and verdicts.
        findings: what was found out beside the groups, for ``build.json``.
        root: folder that the names of shards are relative to.

    Raises:
        DatasetError: no pair was confirmed; or the folder cannot be written.
    """
    recipe, judge, start = mining.recipe, labelled.sets.judge, time.monotonic()
    confirmed = found.confirmed
    if not confirmed:
        raise DatasetError(f"{recipe.name}: no class has a confirmed pair: {_why_none(found)}")
    names = list(labelled.plan.classes.names)  # all of them: a label stays what it is as sets grow
    left: list[Reject] = list(_embedding_rejects(judge))
    samples: list[Sample] = []
    with mining.begin("looking at the images") as progress:
        tasks = _tasks(mining, labelled, confirmed, root, left)
        for kept, refused in engine.run(look, tasks, mining.at_once):
            samples += [_numbered(sample, names) for sample in kept]
            left += refused
            progress(len(samples) + len(left), judge.samples)
    facts = _set_facts(mining, labelled, names, findings)
    facts = replace(facts, looked_at=judge.samples + sum(p.rejects for p in judge.parts))
    with mining.begin("writing") as progress:
        report = write(
            mining.folder, dump(recipe), samples, TarReader(root),
            rejects.table(left), facts, mining.workers, progress,
        )  # fmt: skip
    group_table.write(mining.folder, group_rows(found.verdicts, Rule(recipe.groups.by)))
    sensitivity_file.write(mining.folder, sensitivity(mining))
    step = Step(
        "export", "", facts.looked_at, len(samples), dict(report.rejected),
        {"folder": mining.folder.name}, round(time.monotonic() - start, 3),
    )  # fmt: skip
    return report, step


def look(task: Task) -> tuple[list[Sample], list[Reject]]:
    """The stage: bring the images of one part into the form they are stored in.

    Raises:
        DatasetError: the shard cannot be read, or has changed since it was embedded.
    """
    places = dict(images(task.root, task.shard))
    read = TarReader(task.root)
    kept: list[Sample] = []
    refused: list[Reject] = []
    for row in task.rows:
        key = row["uid"]
        if key not in places:
            raise DatasetError(f"{task.shard}: {key} is gone since it was embedded; embed again")
        at = str(places[key])
        try:
            _, seen = stored(read(at), PICTURE, task.quality)
        except ImageRefused as error:
            refused.append(Reject(key, task.shard, error.reason, error.detail))
            continue
        fields = {name: value for name, value in row.items() if name != "uid"}
        record = MinedRecord(
            **{**fields, "key": seen.key, "width": seen.width, "height": seen.height,
               "sha256": seen.sha256, "brightness": seen.brightness}
        )  # fmt: skip
        kept.append(Sample(record, at))
    return kept, refused


def _tasks(
    mining: Mining,
    labelled: Labelled,
    confirmed: Mapping[str, Verdict],
    root: Path,
    left: list[Reject],
) -> Iterator[Task]:
    """A task a part; what is left out for another reason than its image goes to ``left``."""
    settled = Settled.of_recipe(mining)
    for part in labelled.sets.judge.parts:
        rows = []
        for line in _lines(mining, labelled, part, settled):
            group, reason, detail = _place(line, confirmed)
            if reason is None:
                rows.append(_record_fields(mining, labelled, line, group))
            else:
                left.append(Reject(line["key"], line["shard"], reason, detail))
        if rows:
            yield Task(root, part.shard, tuple(rows), mining.recipe.quality)


def _lines(
    mining: Mining, labelled: Labelled, part: Part, settled: Settled
) -> Iterator[dict[str, Any]]:
    """All that is known of each sample of a part."""
    judge = labelled.sets.judge
    metadata = judge.metadata(part, ["key", "shard", "caption", "url", "phash", "json"])
    tables = (
        metadata.to_pylist(),
        labels_of(labelled.plan, part, settled).to_pylist(),
        pq.read_table(filter_file(mining, part), columns=["reason", "detail"]).to_pylist(),
        pq.read_table(cluster_file(mining, part), columns=["duplicate_of"]).to_pylist(),
        pq.read_table(
            sample_file(mining, part), columns=["half", "cluster", "subject_scale"]
        ).to_pylist(),
    )
    decided = settled.of(judge, part)
    for number, rows in enumerate(zip(*tables, strict=True)):
        line: dict[str, Any] = {}
        for row in rows:
            line |= row
        said = decided.get(number)
        yield {**line, "review": f"{said.verdict} by {said.who}" if said else ""}


def _place(
    line: Mapping[str, Any], confirmed: Mapping[str, Verdict]
) -> tuple[str, Reason | None, str]:
    """The group of a sample, or why it is in none."""
    if line["reason"]:
        return "", Reason(line["reason"]), line["detail"]
    if line["duplicate_of"]:
        return "", Reason.NEAR_DUPLICATE, f"of {line['duplicate_of']}"
    if line["cls"] not in confirmed:
        return "", Reason.NO_PAIR, line["cls"]
    pair = confirmed[line["cls"]].pair
    assert isinstance(pair, Pair)
    for group, background in ((COMMON, pair.common), (COUNTER, pair.counter)):
        if line["background_first"] == background:
            return group, None, ""
    return "", Reason.OTHER_BACKGROUND, f"{line['cls']} on {line['background_first']}"


def _record_fields(
    mining: Mining, labelled: Labelled, line: Mapping[str, Any], group: str
) -> dict[str, Any]:
    """What is known of a sample before its image is looked at; ``uid`` is its key in the shard."""
    facts = SampleFacts.of(line["json"])
    scale = line["subject_scale"]
    return {
        "uid": line["key"],
        "cls": line["cls"],
        "class_source": line["class_source"],
        "label": 0,  # settled when the classes of the set are
        "source": facts.source(mining.recipe.source.collection, line["url"], line["key"]),
        "creator": facts.creator,
        "licence": facts.licence(mining.recipe.source.image_licence),
        "caption": line["caption"],
        "phash": f"{line['phash']:016x}",
        "background": line["background_first"],
        "background_probability": line["background_probability"],
        "background_margin": line["background_margin"],
        "subject_scale": 0.0 if math.isnan(scale) else scale,  # NaN: not measured
        "group": group,
        "half": line["half"],
        "cluster": line["cluster"],
        "probe": Probe(
            labelled.sets.probe.identity.id, line["prediction"], line["score"], line["correct"]
        ),
        "judge": Judge(
            labelled.sets.judge.identity.id,
            f"{line['judge_class']}, {line['judge_probability']:.3f} of the class",
        ),
        "review": line["review"],
    }


def _numbered(sample: Sample, names: list[str]) -> Sample:
    record = sample.record
    assert isinstance(record, MinedRecord)
    return replace(sample, record=replace(record, label=names.index(record.cls)))


def _embedding_rejects(judge: EmbeddingSet) -> Iterator[Reject]:
    for part in judge.parts:
        for row in judge.rejects(part).to_pylist():
            yield Reject(row["key"], row["shard"], Reason(row["reason"]), row["detail"])


def _why_none(found: Groups) -> str:
    told = [
        f"{of.cls}: {of.outcome} ({of.detail})" if of.detail else f"{of.cls}: {of.outcome}"
        for of in found.verdicts[:3]
    ]
    more = len(found.verdicts) - len(told)
    return "; ".join(told) + (f"; and {more} more" if more > 0 else "")


def _set_facts(
    mining: Mining, labelled: Labelled, names: list[str], findings: Findings
) -> SetFacts:
    recipe, sets = mining.recipe, labelled.sets
    ids = {entry.name: str(entry.index) if entry.index >= 0 else entry.wnid
           for entry in labelled.plan.classes.entries}  # fmt: skip
    kind = replace(MINED, picture=PICTURE, labels=tuple(Label(name, ids[name]) for name in names))
    models = {
        role: {"id": of.identity.id, "sha256": of.identity.sha256, "mode": of.mode}
        for role, of in (("probe", sets.probe), ("judge", sets.judge))
    }
    download = mining.work.earlier("download")
    made = {
        "models": models,
        **asdict(findings),
        "rows": {"downloaded": download.kept, **download.reasons} if download else {},
    }
    return SetFacts(
        kind, recipe.name, recipe.title, recipe.licence, CONFIG, 0, recipe.seed, recipe.quality,
        recipe.shard_size, json.loads(json.dumps(made)),
    )  # fmt: skip
