"""The gap between common and counter backgrounds of a mined set (CounterAnimal, 2403.11497).

The groups were chosen on the discovery half, by one model; an honest figure is of the confirmation
half, and the discovery half stands beside it. Published figures are class-balanced: the mean over
classes of the accuracy on a class's images.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from pydantic import Field

from benchwright.cards.audits.audit import Findings, Settings
from benchwright.cards.audits.classed import Classed, ClassImages
from benchwright.cards.audits.few_labels import read_label_sets
from benchwright.cards.audits.group_figures import COMMON, COUNTER
from benchwright.cards.audits.group_gap_report import (
    AMONG_FEW,
    PREDICTED,
    GroupAnswers,
    report,
)
from benchwright.cards.audits.image_columns import ImageColumns
from benchwright.cards.audits.label_heads import Labels, head, labels_for
from benchwright.cards.audits.subject import Subject
from benchwright.curation.labelling.heads import Head
from benchwright.curation.mining.label_sets import COUNT, LabelSets, ScoreSums
from benchwright.errors import BenchwrightError
from benchwright.sample_kinds import MINED

OWN_HEAD = "its own head"
"""What stands for the prompt of a classifier."""


class GroupGapSettings(Settings):
    """Settings of ``group_gap``.

    Attributes:
        labels: what images are told apart by: ``imagenet-1k``, a vocabulary or a file; "" for the
            labels the set was mined with, else ImageNet-1k where all classes have a number in it,
            else the set's classes.
        prompts: names or templates; the first is the headline's. The paper has both of these.
        top: labels a class in "1 vs 20".
        label_sets: a ``...-labels.parquet`` of an earlier run whose label sets to take, so that all
            models are asked the same (the paper takes one model's for all); "" for the model's own.
    """

    labels: str = ""
    prompts: tuple[str, ...] = Field(("single", "openai"), min_length=1)
    top: int = Field(COUNT, ge=2)
    label_sets: str = ""


@dataclass(frozen=True, slots=True)
class GroupGap:
    """The audit."""

    name: str = "group_gap"
    about: str = "accuracy on common and counter backgrounds and its drop (CounterAnimal)"
    settings: type[Settings] = GroupGapSettings

    def misfit(self, subject: Subject) -> str:
        """Why it cannot be run on this dataset with this model; empty if it can."""
        if subject.kind != MINED.name:
            return "it takes a mined set, whose classes have a common and a counter group"
        if not {COMMON, COUNTER} <= {shard.split for shard in subject.dataset.shards}:
            return "the set has no common and counter groups"
        if subject.has_text:
            return ""
        try:
            head(subject, labels_for(ClassImages.of(subject), ""), "")
        except BenchwrightError as error:
            return str(error)
        return ""

    def run(self, subject: Subject, settings: Any) -> Findings:
        """Measure; see ``Audit.run``."""
        images = ClassImages.of(subject)
        labels = labels_for(images, settings.labels)
        prompts = settings.prompts if subject.has_text else (OWN_HEAD,)
        heads = {prompt: head(subject, labels, prompt) for prompt in prompts}
        columns, sums = _against_all(images, labels, heads)
        given = settings.label_sets
        sets = (
            read_label_sets(Path(given), images, labels)
            if given
            else sums.label_sets(labels.own, settings.top)
        )
        _against_few(images, heads, sets, columns)
        answers = GroupAnswers(images, labels, sets, bool(given), tuple(heads), columns)
        return report(answers, settings.seed)


AUDIT = GroupGap()


def _against_all(
    images: ClassImages, labels: Labels, heads: Mapping[str, Head]
) -> tuple[ImageColumns, ScoreSums]:
    """Predictions among all labels, and the sums that settle the few, of the first prompt."""
    columns, sums = ImageColumns(), ScoreSums(len(images.names), len(labels.names))
    for batch in images.batches():
        _put_records(columns, batch)
        for number, (prompt, scorer) in enumerate(heads.items()):
            scores = scorer.scores(batch.vectors)
            columns.put(PREDICTED + prompt, scores.argmax(axis=1))
            grouped = np.array([r["group"] in (COMMON, COUNTER) for r in batch.records], bool)
            if number == 0 and grouped.any():
                sums.add(scores[grouped], batch.classes[grouped])
    return columns, sums


def _put_records(columns: ImageColumns, batch: Classed) -> None:
    """What the miner knew of each image; one without a cluster is a cluster of its own."""
    columns.add(batch)
    columns.put("group", (str(record["group"]) for record in batch.records))
    columns.put("half", (str(record["half"]) for record in batch.records))
    pairs = zip(batch.keys, batch.records, strict=True)
    columns.put("cluster", (str(record["cluster"]) or key for key, record in pairs))
    columns.put("probe", (str(record["probe"]["model"]) for record in batch.records))


def _against_few(
    images: ClassImages, heads: Mapping[str, Head], sets: LabelSets, columns: ImageColumns
) -> None:
    for batch in images.batches():
        for prompt, scorer in heads.items():
            right = sets.correct(scorer.scores(batch.vectors), batch.classes)
            columns.put(AMONG_FEW + prompt, right)
