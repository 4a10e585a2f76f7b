"""The plan of labelling: everything that is the same for all parts, settled before the first.

Text vectors are part of it, so that labelling a part loads no model and looks at no image.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from benchwright.curation.embeddings import EmbeddingSet, Part
from benchwright.curation.labelling.backgrounds import Backgrounds
from benchwright.curation.labelling.classes import Classes
from benchwright.curation.labelling.heads import (
    BackgroundHead,
    Head,
    background_head,
    label_head,
    own_head,
)
from benchwright.curation.labelling.label_sets import LabelSet
from benchwright.curation.labelling.same_samples import check_apart, other_part
from benchwright.curation.labelling.text_vectors import Load, TextVectors
from benchwright.curation.labelling.verdicts import Indices
from benchwright.label_settings import Label

VERSION = 1
"""Raised when equal inputs give other rows, so that older files are made again."""


@dataclass(frozen=True, slots=True, eq=False)
class LabelPlan:
    """All that labelling a part needs besides the part; may be sent to other processes.

    Attributes:
        judge: whose verdicts count; the result has its parts and its rows.
        probe: whose answers are scored.
        settings: sources and thresholds.
        classes: to look for.
        labels: both models choose among these.
        positions: int64 [classes], of each class among the labels.
        backgrounds: the judge chooses among these.
        judge_head: the judge's, over labels.
        probe_head: the probe's, over labels.
        background_head: the judge's, over backgrounds; None for a classifier, which knows none.
        out: folder of the parts' files.
    """

    judge: EmbeddingSet
    probe: EmbeddingSet
    settings: Label
    classes: Classes
    labels: LabelSet
    positions: Indices
    backgrounds: Backgrounds
    judge_head: Head
    probe_head: Head
    background_head: BackgroundHead | None
    out: Path

    def file(self, part: Part) -> Path:
        """Where a part's labels lie."""
        return self.out / f"labels_{part.name}.parquet"

    def inputs(self, part: Part) -> str:
        """Digest of all that a part's rows depend on.

        Raises:
            DatasetError: the probe has no such part.
        """
        its_part = other_part(self.judge, part, self.probe)
        facts = {
            "version": VERSION,
            "settings": self.settings.model_dump_json(),
            "classes": repr(self.classes),
            "backgrounds": repr(self.backgrounds),
            "labels": self.labels.labels,
            "heads": [self.judge_head.digest, self.probe_head.digest],
            "behind": self.background_head.digest if self.background_head else "",
            "judge": _made_of(self.judge, part),
            "probe": _made_of(self.probe, its_part),
        }
        return hashlib.sha256(json.dumps(facts, sort_keys=True).encode()).hexdigest()

    def tasks(self) -> Iterator[LabelTask]:
        """A task a part."""
        return (LabelTask(self, part) for part in self.judge.parts)


@dataclass(frozen=True, slots=True, eq=False)
class LabelTask:
    """One part to label."""

    plan: LabelPlan
    part: Part


def plan(
    judge: EmbeddingSet,
    probe: EmbeddingSet,
    classes: Classes,
    labels: LabelSet,
    backgrounds: Backgrounds,
    settings: Label,
    work: Path,
    load: Load,
) -> LabelPlan:
    """Settle what all parts share; a model is loaded only for texts that are new.

    Args:
        judge: embeddings of the model that vouches.
        probe: embeddings of the model under test, of the same shards.
        classes: to look for, each of them a label.
        labels: to choose among.
        backgrounds: to choose among.
        settings: sources, prompts and thresholds.
        work: folder for ``texts/`` and ``labels/``.
        load: gives the model of an id.

    Raises:
        ModelError: probe and judge are one; a model cannot be had, or is another one now.
        RecipeError: a class that is no label, or an unknown prompt.
    """
    check_apart(judge, probe)
    positions = labels.positions(classes)
    behind = None
    if judge.identity.kind == "clip":
        texts = TextVectors(work / "texts", judge.identity, load)
        behind = background_head(classes, backgrounds, settings.background_prompt, texts)
    return LabelPlan(
        judge=judge,
        probe=probe,
        settings=settings,
        classes=classes,
        labels=labels,
        positions=positions,
        backgrounds=backgrounds,
        judge_head=head_of(judge, labels, settings.label_prompt, work, load),
        probe_head=head_of(probe, labels, settings.label_prompt, work, load),
        background_head=behind,
        out=work / "labels",
    )


def head_of(embedded: EmbeddingSet, labels: LabelSet, prompt: str, work: Path, load: Load) -> Head:
    """A model's head over a label set: of texts for a CLIP, its own for a classifier.

    Raises:
        ModelError: the model cannot be had, is another one now, or has no such label.
        RecipeError: an unknown prompt.
    """
    if embedded.identity.kind == "classifier":
        return own_head(labels, embedded.identity)
    return label_head(labels, prompt, TextVectors(work / "texts", embedded.identity, load))


def _made_of(embedded: EmbeddingSet, part: Part) -> list[str | int]:
    """What a part's vectors follow from; where no shard is known, the file itself as it stands."""
    made: list[str | int] = [embedded.identity.sha256, embedded.mode, part.samples, part.sha256]
    if not part.sha256:
        stat = part.vectors_file(embedded.folder).stat()
        made += [str(embedded.folder), stat.st_size, stat.st_mtime_ns]
    return made
