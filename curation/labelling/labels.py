"""The label stage: class, background and the probe's answer for each sample of a part."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from benchwright import mirror
from benchwright.curation.embeddings import EmbeddingSet, Part
from benchwright.curation.labelling import verdicts
from benchwright.curation.labelling.claims import Claims, claims, columns
from benchwright.curation.labelling.heads import TextHead
from benchwright.curation.labelling.label_rows import LABELS, Counts, named, table_of
from benchwright.curation.labelling.plan import LabelPlan, LabelTask
from benchwright.curation.labelling.same_samples import chunks, has_vector, other_part, rows_in
from benchwright.curation.labelling.verdicts import Floats, Indices
from benchwright.dataset import read_table
from benchwright.errors import DatasetError
from benchwright.shards import replacing

INPUTS = b"inputs"
"""Key in a file's metadata: the digest of all that its rows depend on."""


def label_part(task: LabelTask) -> Counts:
    """Label one part; what the same inputs have given already is kept.

    Raises:
        DatasetError: the probe's embeddings lack the part, are of other samples, or hold NaN.
    """
    plan, part = task.plan, task.part
    file, inputs = plan.file(part), plan.inputs(part).encode()
    if _inputs_of(file) == inputs:
        return Counts.of(read_labels(file))
    table = label_rows(plan, part)
    with replacing(file) as target:
        marked = table.replace_schema_metadata({INPUTS: inputs})
        pq.write_table(marked, target, compression="zstd")
    return Counts.of(table)


def read_labels(file: Path) -> pa.Table:
    """The rows of a part's file.

    Raises:
        DatasetError: missing, damaged, or of other columns than this version's.
    """
    try:
        return read_table(file, LABELS)
    except DatasetError as error:
        raise DatasetError(f"{file}: holds no labels of this version; label again") from error


def label_rows(plan: LabelPlan, part: Part) -> pa.Table:
    """The rows of a part, in the order of the judge's embeddings, as ``LABELS`` declares them.

    Raises:
        DatasetError: as for ``label_part``.
    """
    judge, probe = plan.judge, plan.probe
    its_part = other_part(judge, part, probe)
    order = rows_in(judge, part, probe, its_part)
    metadata = judge.metadata(part, ["key", "shard", *columns(plan.settings)])
    claimed = claims(metadata, plan.classes, plan.settings)
    rows = [
        _label(plan, metadata.slice(place.start, len(seen)), claimed[place], seen, asked)
        for (place, seen), (_, asked) in zip(
            vectors(judge, part), vectors(probe, its_part, order), strict=True
        )
    ]
    return pa.concat_tables(rows) if rows else LABELS.empty_table()


def vectors(
    embedded: EmbeddingSet, part: Part, rows: Indices | slice = slice(None)
) -> Iterator[tuple[slice, Floats]]:
    """A part's vectors in chunks, as a head takes them: a CLIP's of unit length.

    Raises:
        DatasetError: one is NaN, infinite or zero.
    """
    unit = embedded.identity.kind == "clip"
    where = str(part.vectors_file(embedded.folder))
    return chunks(embedded.vectors(part), rows, unit, where)


def _label(
    plan: LabelPlan, metadata: pa.Table, claimed: Claims, seen: Floats, asked: Floats
) -> pa.Table:
    """The rows of a chunk, from the judge's and the probe's vectors of it."""
    judged = verdicts.softmax(plan.judge_head.logits(seen))
    answered = verdicts.softmax(plan.probe_head.logits(asked))
    classes = _likeliest(claimed, judged, plan.positions)
    labels = np.where(classes >= 0, plan.positions[classes], -1)
    verdict = verdicts.class_verdict(judged, labels)
    answer = verdicts.class_verdict(answered, labels)
    known = has_vector(asked)  # without one the probe has said nothing
    vouched = (classes >= 0) & (verdict.probability >= np.float32(plan.settings.class_probability))
    return table_of(
        LABELS,
        key=metadata["key"],
        shard=metadata["shard"],
        cls=named(plan.classes.names, classes),
        class_source=named((plan.settings.class_from,), np.minimum(classes, 0)),
        classes=[[plan.classes.names[index] for index in found] for found in claimed],
        judge_class=named(plan.labels.labels, verdict.first),
        judge_probability=verdict.probability,
        vouched=vouched,
        crowd=verdict.crowd,
        **_backgrounds(plan, classes, seen),
        prediction=named(plan.labels.labels, np.where(known, answer.first, -1)),
        score=np.where(known, answer.probability, np.float32(0)),
        correct=known & (labels >= 0) & (answer.first == labels),
    )


def _likeliest(claimed: Claims, probabilities: Floats, positions: Indices) -> Indices:
    """int64 [n]: of each sample's claimed classes the one likeliest to the judge; -1 without."""
    chosen = np.full(len(claimed), -1, np.int64)
    for row, found in enumerate(claimed):
        if len(found) > 1:
            chosen[row] = found[int(probabilities[row, positions[list(found)]].argmax())]
        elif found:
            chosen[row] = found[0]
    return chosen


def _backgrounds(plan: LabelPlan, classes: Indices, seen: Floats) -> dict[str, object]:
    """The background columns: of each class's samples by that class's own prompts."""
    count, settings = len(classes), plan.settings
    first, index, parent = (np.full(count, -1, np.int64) for _ in range(3))
    probability, margin = np.zeros(count, np.float32), np.zeros(count, np.float32)
    least, lead = settings.background_probability, settings.background_margin
    parent_of = np.array(plan.backgrounds.parent_of)
    for rows, head in _by_class(plan, classes):
        fine = verdicts.softmax(head.logits(seen[rows]))
        wide = verdicts.choose(verdicts.parents(fine, plan.backgrounds.parent_of), least, lead)
        choice = verdicts.choose(fine, least, lead) if settings.level == "fine" else wide
        first[rows], index[rows] = choice.first, choice.index
        probability[rows], margin[rows] = choice.probability, choice.margin
        parent[rows] = wide.index
        if settings.level == "fine":  # a clear background settles its parent, whatever adds up
            parent[rows] = np.where(choice.index >= 0, parent_of[choice.index], wide.index)
    names = plan.backgrounds.names if settings.level == "fine" else plan.backgrounds.parents
    return {
        "background": named(names, index),
        "background_first": named(names, first),
        "background_probability": probability,
        "background_margin": margin,
        "background_parent": named(plan.backgrounds.parents, parent),
    }


def _by_class(plan: LabelPlan, classes: Indices) -> Iterator[tuple[Indices, TextHead]]:
    """Rows of each class that occurs, with its head over backgrounds."""
    if plan.background_head is None:
        return
    for index in np.unique(classes[classes >= 0]):
        yield np.flatnonzero(classes == index), plan.background_head.of_class(int(index))


def _inputs_of(file: Path) -> bytes:
    """The digest that a finished file bears; nothing where there is none that can be read."""
    try:
        return (pq.read_schema(mirror.here(file)).metadata or {}).get(INPUTS, b"")
    except (OSError, pa.ArrowException):  # made again
        return b""
