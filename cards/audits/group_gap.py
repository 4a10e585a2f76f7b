"""The gap between common and counter backgrounds of a mined set (CounterAnimal, 2403.11497).

The groups were chosen on the discovery half, by one model; an honest figure is of the confirmation
half, and the discovery half stands beside it. Published figures are class-balanced: the mean over
classes of the accuracy on a class's images.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray
from pydantic import Field

from benchwright.cards.audits.audit import Findings, Settings
from benchwright.cards.audits.classed import Classed, ClassImages
from benchwright.cards.audits.group_figures import (
    COMMON,
    COUNTER,
    Answers,
    balanced_results,
    class_results,
    drops,
    image_results,
    resampled_classes,
)
from benchwright.cards.audits.label_heads import Labels, head, labels_for
from benchwright.cards.audits.result import FEWEST, Result
from benchwright.cards.audits.subject import Subject
from benchwright.cards.figures.audit_plots import Point, scatter_plot
from benchwright.curation.labelling.heads import Head
from benchwright.curation.mining.confirm import Drop
from benchwright.curation.mining.label_sets import COUNT, LabelSets, ScoreSums
from benchwright.errors import BenchwrightError, DatasetError
from benchwright.sample_kinds import MINED

DISCOVERY, CONFIRMATION = "discovery", "confirmation"
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


@dataclass(slots=True)
class _Seen:
    """What was answered so far, a list of batches a column."""

    keys: list[str] = field(default_factory=list)
    classes: list[NDArray[np.int32]] = field(default_factory=list)
    groups: list[str] = field(default_factory=list)
    halves: list[str] = field(default_factory=list)
    clusters: list[str] = field(default_factory=list)
    probes: set[str] = field(default_factory=set)
    predicted: dict[str, list[NDArray[np.int64]]] = field(default_factory=dict)
    among_few: dict[str, list[NDArray[np.bool_]]] = field(default_factory=dict)

    def add(self, batch: Classed) -> None:
        self.keys += batch.keys
        self.classes.append(batch.classes)
        for record in batch.records:
            self.groups.append(str(record["group"]))
            self.halves.append(str(record["half"]))
            self.probes.add(str(record["probe"]["model"]))
        pairs = zip(batch.keys, batch.records, strict=True)
        self.clusters += [str(record["cluster"]) or key for key, record in pairs]


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
        seen, sums = _predictions(images, labels, heads)
        sets = _sets(settings, images, labels, sums)
        for batch in images.batches():
            for prompt, scorer in heads.items():
                correct = sets.correct(scorer.scores(batch.vectors), batch.classes)
                seen.among_few.setdefault(prompt, []).append(correct)
        return _findings(images, labels, sets, seen, settings)


AUDIT = GroupGap()


def _predictions(
    images: ClassImages, labels: Labels, heads: dict[str, Head]
) -> tuple[_Seen, ScoreSums]:
    """Predictions among all labels, and the sums that settle the few, of the first prompt."""
    seen, sums = _Seen(), ScoreSums(len(images.names), len(labels.names))
    for batch in images.batches():
        seen.add(batch)
        for number, (prompt, scorer) in enumerate(heads.items()):
            scores = scorer.scores(batch.vectors)
            seen.predicted.setdefault(prompt, []).append(scores.argmax(axis=1))
            grouped = np.array([r["group"] in (COMMON, COUNTER) for r in batch.records])
            if number == 0 and grouped.any():
                sums.add(scores[grouped], batch.classes[grouped])
    return seen, sums


def _sets(
    settings: GroupGapSettings, images: ClassImages, labels: Labels, sums: ScoreSums
) -> LabelSets:
    if not settings.label_sets:
        return sums.label_sets(labels.own, settings.top)
    path = Path(settings.label_sets)
    try:
        listed = {row["class"]: row["labels"] for row in pq.read_table(path).to_pylist()}
        number = {name: at for at, name in enumerate(labels.names)}
        chosen = [sorted(number[label] for label in listed[name]) for name in images.names]
        together = np.array(chosen, np.int64)
    except (OSError, pa.ArrowException, KeyError, TypeError, ValueError) as error:
        raise DatasetError(
            f"{path}: not the label sets of these classes and labels; give the "
            "-labels.parquet of a group_gap run on this set"
        ) from error
    if not (together == labels.own[:, None]).any(axis=1).all():
        raise DatasetError(f"{path}: a class's own label is not in its set")
    return LabelSets(together, labels.own, np.zeros(len(together), bool))


def _findings(
    images: ClassImages, labels: Labels, sets: LabelSets, seen: _Seen, settings: GroupGapSettings
) -> Findings:
    classes = np.concatenate(seen.classes)
    groups, halves = np.array(seen.groups, object), np.array(seen.halves, object)
    paired = (groups == COMMON) | (groups == COUNTER)
    headline = CONFIRMATION if (paired & (halves == CONFIRMATION)).any() else ""
    kept = paired & (halves == headline) if headline else paired
    _, clusters = np.unique(seen.clusters, return_inverse=True)
    few = f", 1 vs {sets.labels.shape[1]}"
    right: dict[str, np.ndarray] = {}
    for prompt, predicted in seen.predicted.items():
        also = "" if not right else f", prompt {prompt}"
        right[also] = np.concatenate(predicted) == labels.own[classes]
        right[f"{few}{also}"] = np.concatenate(seen.among_few[prompt])

    def answers(suffix: str, rows: NDArray[np.bool_]) -> Answers:
        return Answers(classes, groups == COUNTER, clusters, right[suffix]).only(rows)

    found = drops(answers("", kept), images.names)
    if not found:
        raise DatasetError(
            f"{images.subject.dataset.folder}: no class has both common and counter images"
        )
    results = [*balanced_results(found, ""), *class_results(found, "")]
    results += _discovery(answers("", paired & (halves == DISCOVERY)), images.names)
    results += [resampled_classes(found, settings.seed)]
    both = np.isin(np.array(images.names, object), [drop.common.cls for drop in found])
    results += image_results(answers("", kept & both[classes]), found, settings.seed)
    for suffix in list(right)[1:]:
        results += balanced_results(drops(answers(suffix, kept), images.names), suffix)
    first = next(iter(seen.predicted))
    return Findings(
        tuple(sorted(results, key=_order(results))),
        _outcomes(images, labels, seen, classes, right),
        facts={
            "label_set": labels.name,
            "label_count": len(labels.names),
            "headline_prompt": first,
            "selecting_model": ", ".join(sorted(seen.probes - {""})) or "not recorded",
            "half": headline or "not split",
        },
        notes=tuple(_notes(images, found, sets, seen, headline, settings)),
        figures={"classes.png": _scatter(images.subject, found)},
        tables={"labels.parquet": _label_table(images, labels, sets)},
    )


def _order(results: Sequence[Result]) -> Any:
    """Measures in the order they first come, all groups of each together."""
    first: dict[str, int] = {}
    for number, result in enumerate(results):
        first.setdefault(result.measure, number)
    return lambda result: first[result.measure]


def _discovery(answers: Answers, names: Sequence[str]) -> Iterator[Result]:
    """The half that chose the groups; none where the set was not split."""
    found = drops(answers, names) if len(answers.right) else []
    if found:
        for result in (*balanced_results(found, ""), *class_results(found, "")):
            measure = f"{result.measure}, discovery half"
            yield result.model_copy(update={"measure": measure})


def _notes(
    images: ClassImages,
    found: Sequence[Drop],
    sets: LabelSets,
    seen: _Seen,
    half: str,
    settings: GroupGapSettings,
) -> Iterator[str]:
    chosen = ", ".join(sorted(seen.probes - {""}))
    by = f", with {chosen}" if chosen else ""
    if half:
        yield (
            f"The groups were chosen on the discovery half{by}; the headline is of the "
            "confirmation half."
        )
    else:
        yield (
            f"The set was not split: groups were chosen{by} and are measured on the same images, "
            "so the selecting model's drop is too large (the winner's curse)."
        )
    if left_out := sorted(set(images.names) - {drop.common.cls for drop in found}):
        yield f"Without images in both groups, and left out: {', '.join(left_out)}."
    thin = [d.common.cls for d in found if min(d.common.n, d.counter.n) < FEWEST]
    if thin:
        yield f"A group has fewer than {FEWEST} images in {len(thin)} of {len(found)} classes."
    if added := [name for name, at in zip(images.names, sets.added, strict=True) if at]:
        yield f"Their own label took the last place of their few labels: {', '.join(added)}."
    if not settings.label_sets:
        yield "The few labels are the audited model's own; label_sets=FILE takes another's."


def _outcomes(
    images: ClassImages,
    labels: Labels,
    seen: _Seen,
    classes: NDArray[np.int32],
    right: dict[str, NDArray[np.bool_]],
) -> pa.Table:
    first = np.concatenate(next(iter(seen.predicted.values())))
    names, spoken = np.array(images.names, object), np.array(labels.names, object)
    columns = {
        "key": seen.keys,
        "class": names[classes],
        "group": seen.groups,
        "half": seen.halves,
        "cluster": seen.clusters,
        "prediction": spoken[first],
    }
    return pa.table(columns | {f"right{suffix}": column for suffix, column in right.items()})


def _label_table(images: ClassImages, labels: Labels, sets: LabelSets) -> pa.Table:
    listed = [[labels.names[at] for at in row] for row in sets.labels]
    return pa.table({"class": list(images.names), "labels": listed})


def _scatter(subject: Subject, found: Sequence[Drop]) -> bytes:
    points = [
        Point(drop.common.cls, drop.common.accuracy, drop.counter.accuracy,
              drop.common.interval(), drop.counter.interval())
        for drop in found
    ]  # fmt: skip
    title = f"group_gap: classes, {subject.model.identity.id}"
    return scatter_plot(title, "accuracy on common", "accuracy on counter", points)
