"""More answers to the same samples: other probes, other prompts, fewer labels.

The claimed class of each sample comes from its labels; only the question changes. Stability across
prompts and probes, and "1 against 20", are comparisons of such answers.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from benchwright.curation.embeddings import EmbeddingSet, Part
from benchwright.curation.labelling import verdicts
from benchwright.curation.labelling.classes import Classes
from benchwright.curation.labelling.heads import Head
from benchwright.curation.labelling.label_rows import ANSWERS, named, table_of
from benchwright.curation.labelling.label_sets import LabelSet
from benchwright.curation.labelling.labels import vectors
from benchwright.curation.labelling.same_samples import has_vector, other_part, rows_in
from benchwright.curation.labelling.verdicts import Floats, Indices
from benchwright.curation.mining.label_sets import LabelSets, ScoreSums
from benchwright.errors import DatasetError


@dataclass(frozen=True, slots=True, eq=False)
class Question:
    """What a probe is asked of each sample: which of the labels is it?

    Attributes:
        judge: whose embedding set the labels follow, row by row.
        probe: who is asked.
        head: the probe's, over the labels.
        classes: of the samples.
        labels: to choose among.
        among: the few labels that count for each class; None: all.
    """

    judge: EmbeddingSet
    probe: EmbeddingSet
    head: Head
    classes: Classes
    labels: LabelSet
    among: LabelSets | None = None


def answers(question: Question, part: Part, labelled: pa.Table) -> pa.Table:
    """What the probe says of a part's samples, as ``ANSWERS`` declares it.

    It says nothing (an empty prediction) of those it has no finite vector for.

    Args:
        question: with ``among``, no other label can be chosen or is likely.
        part: of the judge's set.
        labelled: that part's labels (``labels.read_labels``).

    Raises:
        DatasetError: the probe's embeddings lack the part, are of other samples, or hold NaN.
    """
    classes = _classes(labelled, question)
    positions = question.labels.positions(question.classes)
    labels = np.where(classes >= 0, positions[classes], -1)
    tables = []
    for place, chunk in _vectors(question, part):
        logits = question.head.logits(chunk)
        if question.among is not None:
            rows = np.flatnonzero(labels[place] >= 0)
            logits[rows] = _only(logits[rows], question.among.labels[classes[place][rows]])
        verdict = verdicts.class_verdict(verdicts.softmax(logits), labels[place])
        known = has_vector(chunk)
        own = labelled.slice(place.start, len(chunk))
        tables.append(
            table_of(
                ANSWERS,
                key=own["key"],
                cls=own["cls"],
                prediction=named(question.labels.labels, np.where(known, verdict.first, -1)),
                score=np.where(known, verdict.probability, np.float32(0)),
                correct=known & (labels[place] >= 0) & (verdict.first == labels[place]),
            )
        )
    return pa.concat_tables(tables) if tables else ANSWERS.empty_table()


def add_scores(sums: ScoreSums, question: Question, part: Part, labelled: pa.Table) -> None:
    """Add a part's scores to the sums that "1 against 20" picks its labels by (SCIENCE 2.2).

    Args:
        sums: of these classes and labels.
        question: who is asked about which labels; ``among`` plays no part.
        part: of the judge's set.
        labelled: that part's labels; a row with an empty class counts for none, so blank the
            class of samples that are left out.

    Raises:
        DatasetError: as for ``answers``.
    """
    classes = _classes(labelled, question)
    for place, chunk in _vectors(question, part):
        rows = np.flatnonzero((classes[place] >= 0) & has_vector(chunk))
        sums.add(question.head.scores(chunk[rows]), classes[place][rows])


def _only(logits: Floats, candidates: Indices) -> Floats:
    """Logits [n, labels] of the candidates [n, few] of each row; nothing of the others."""
    only = np.full_like(logits, -np.inf)
    np.put_along_axis(only, candidates, np.take_along_axis(logits, candidates, axis=1), axis=1)
    return only


def _classes(labelled: pa.Table, question: Question) -> Indices:
    """int64 [n]: the class of each row; -1 without one."""
    index = {name: at for at, name in enumerate(question.classes.names)} | {"": -1}
    try:
        return np.array([index[name] for name in labelled["cls"].to_pylist()], np.int64)
    except KeyError as error:
        raise DatasetError(
            f"labels: the class {error} is not among those asked about; label again"
        ) from error


def _vectors(question: Question, part: Part) -> Iterator[tuple[slice, Floats]]:
    its_part = other_part(question.judge, part, question.probe)
    rows = rows_in(question.judge, part, question.probe, its_part)
    return vectors(question.probe, its_part, rows)
