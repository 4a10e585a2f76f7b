"""The worst classes, and what better prompts do for them.

"Investigating the Limitation of CLIP Models: The Worst-Performing Categories" (arXiv 2310.03324).
The class-wise matching margin (CMM) says which classes are bad without a label being known; the
prompts of an ensemble are then weighted by it, and the worst classes described. Before and after
stand side by side on the same images.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from pydantic import Field

from benchwright.cards.audits.aliases import aliases, words_of
from benchwright.cards.audits.audit import Findings, Settings
from benchwright.cards.audits.background_words import backgrounds_in
from benchwright.cards.audits.class_accuracy import ClassAnswers, gains, results
from benchwright.cards.audits.classed import ClassImages, misfit
from benchwright.cards.audits.label_heads import Labels, checked, labels_for
from benchwright.cards.audits.matching_margin import MarginSums, prompt_weights, worst_first
from benchwright.cards.audits.prompt_ensembles import (
    ClassMeans,
    Vectors,
    described,
    descriptions,
    ensemble,
    margins_of_prompts,
    prompt_vectors,
)
from benchwright.cards.audits.result import Result
from benchwright.cards.audits.shares import share
from benchwright.cards.audits.subject import Subject
from benchwright.cards.figures.audit_plots import Point, scatter_plot
from benchwright.curation.labelling.classes import spoken
from benchwright.errors import DatasetError
from benchwright.seeding import digest
from benchwright.statistics.intervals import wilson

Assignment = Literal["labels", "pseudo", "soft"]
ASSIGNMENTS: tuple[Assignment, ...] = ("labels", "pseudo", "soft")
BASE, WEIGHTED, DESCRIBED = "", "weighted prompts", "with descriptions"

MOST_LISTED = 20
"""Worst classes among the results; the table has all of them."""


class WorstClassesSettings(Settings):
    """Settings of ``worst_classes``.

    Attributes:
        labels: as of ``group_gap``.
        prompt: name or template of the ensemble; the paper's is the 80 of CLIP.
        assignment: which images are class i's when prompts are weighted: those labelled so, those
            predicted so (the paper: no label is needed), or each by its probability.
        form: of the CMM that ranks the classes.
        k: of worst@k.
        temperature: of the softmax over prompts, in units of similarity: CLIP's own by default.
        enriched: worst classes that get descriptions.
        descriptions: JSON file of them; "" for the shipped.
    """

    labels: str = ""
    prompt: str = "openai"
    assignment: Assignment = "pseudo"
    form: Literal["A", "B"] = "A"
    k: tuple[int, ...] = (5, 10, 20, 100)
    temperature: float = Field(0.01, gt=0)
    enriched: int = Field(10, ge=0)
    descriptions: str = ""


@dataclass(slots=True)
class _Pass:
    """What a pass over the images adds up to, by label."""

    sums: dict[Assignment, MarginSums]
    means: ClassMeans
    confusion: NDArray[np.int64]
    keys: list[str] = field(default_factory=list)
    classes: list[NDArray[np.int32]] = field(default_factory=list)
    predicted: list[NDArray[np.int64]] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class WorstClasses:
    """The audit."""

    name: str = "worst_classes"
    about: str = "the worst classes by accuracy and matching margin, and mended prompts (CMM)"
    settings: type[Settings] = WorstClassesSettings

    def misfit(self, subject: Subject) -> str:
        """Why it cannot be run on this dataset with this model; empty if it can."""
        if not subject.has_text:
            return f"{subject.model.identity.id} has no text tower: there are no prompts to weigh"
        return misfit(subject)

    def run(self, subject: Subject, settings: Any) -> Findings:
        """Measure; see ``Audit.run``."""
        images = ClassImages.of(subject)
        labels = labels_for(images, settings.labels)
        vectors = prompt_vectors(subject.model, labels.names, settings.prompt)
        base = ensemble(vectors)
        seen = _first_pass(images, labels, base, settings.assignment)
        if not seen.keys:
            raise DatasetError(f"{subject.dataset.folder}: no image has a class")
        texts = _descriptions(labels, seen, settings)
        margins = margins_of_prompts(seen.means, vectors)
        extra = {
            label: checked(subject.model, subject.model.encode_texts(list(of)))
            for label, of in texts.items()
        }
        heads = {
            BASE: base,
            WEIGHTED: ensemble(vectors, prompt_weights(margins, settings.temperature)),
            DESCRIBED: described(seen.means, vectors, margins, extra, settings.temperature),
        }
        return _findings(images, labels, seen, heads, texts, settings)


AUDIT = WorstClasses()


def _first_pass(
    images: ClassImages, labels: Labels, base: Vectors, assignment: Assignment
) -> _Pass:
    count, width = base.shape
    empty = ClassMeans(np.zeros((count, width)), np.zeros(count))
    sums = {name: MarginSums.nothing(count) for name in ASSIGNMENTS}
    confusion = np.zeros((len(images.names), count), np.int64)
    seen = _Pass(sums, empty, confusion)
    scale = images.subject.model.logit_scale
    for batch in images.batches():
        scores = batch.vectors @ base.T
        predicted = scores.argmax(axis=1)
        truth = labels.own[batch.classes].astype(np.int32)
        shares = _softmax(scores * np.float32(scale))
        seen.sums["labels"].add(scores, truth)
        seen.sums["pseudo"].add(scores, predicted.astype(np.int32))
        seen.sums["soft"].add_soft(scores, shares)
        if assignment == "soft":
            seen.means.sums[:] += shares.T.astype(np.float64) @ batch.vectors
            seen.means.weight[:] += shares.sum(axis=0, dtype=np.float64)
        else:
            chosen = truth if assignment == "labels" else predicted
            np.add.at(seen.means.sums, chosen, batch.vectors)
            np.add.at(seen.means.weight, chosen, 1)
        np.add.at(seen.confusion, (batch.classes, predicted), 1)
        seen.keys += batch.keys
        seen.classes.append(batch.classes)
        seen.predicted.append(predicted)
    return seen


def _softmax(logits: NDArray[np.float32]) -> NDArray[np.float32]:
    raised = np.exp(logits - logits.max(axis=1, keepdims=True))
    found: NDArray[np.float32] = raised / raised.sum(axis=1, keepdims=True)
    return found


def _margin(seen: _Pass, assignment: Assignment, form: str) -> NDArray[np.float64]:
    sums = seen.sums[assignment]
    return sums.form_a() if form == "A" else sums.form_b()


def _descriptions(
    labels: Labels, seen: _Pass, settings: WorstClassesSettings
) -> dict[int, tuple[str, ...]]:
    """The descriptions of the worst classes, as the margins without labels rank them."""
    margin = _margin(seen, settings.assignment, settings.form)[labels.own]
    worst = labels.own[worst_first(margin)[: settings.enriched]]
    known = descriptions(settings.descriptions) if settings.enriched else {}
    found = {int(label): known.get(spoken(labels.names[label]), ()) for label in worst}
    return {label: texts for label, texts in found.items() if texts}


def _findings(
    images: ClassImages,
    labels: Labels,
    seen: _Pass,
    heads: Mapping[str, Vectors],
    texts: Mapping[int, tuple[str, ...]],
    settings: WorstClassesSettings,
) -> Findings:
    classes = np.concatenate(seen.classes)
    predicted = {BASE: np.concatenate(seen.predicted)} | _second_pass(images, heads)
    second = np.array([digest(settings.seed, "half", key) % 2 == 1 for key in seen.keys])
    answers = {
        name: ClassAnswers(classes, found == labels.own[classes], second, len(images.names))
        for name, found in predicted.items()
    }
    margin = _margin(seen, "labels", settings.form)[labels.own]
    called = aliases(words_of(labels.chosen), labels.own, seen.confusion)
    found = [*results(answers[BASE], settings.k, "")]
    found += _worst(images, answers[BASE], margin, settings.form)
    for name in (WEIGHTED, DESCRIBED):
        found += gains(answers[BASE], answers[name], name)
    for name in (WEIGHTED, DESCRIBED):
        found += results(answers[name], settings.k, f", {name}")
    table = _class_table(images, labels, seen, answers, called, texts)
    return Findings(
        tuple(found),
        _outcomes(images, labels, seen.keys, classes, predicted),
        facts={
            "label_set": labels.name,
            "label_count": len(labels.names),
            "described": len(texts),
            "margin_form": settings.form,
        },
        notes=tuple(_notes(images, labels, seen, answers[BASE], called, texts, settings)),
        figures={"classes.png": _scatter(images, answers[BASE], table)},
        tables={"classes.parquet": table},
    )


def _second_pass(images: ClassImages, heads: Mapping[str, Vectors]) -> dict[str, NDArray[np.int64]]:
    found: dict[str, list[NDArray[np.int64]]] = {name: [] for name in heads if name != BASE}
    for batch in images.batches():
        for name, of in found.items():
            of.append((batch.vectors @ heads[name].T).argmax(axis=1))
    return {name: np.concatenate(of) for name, of in found.items()}


def _worst(
    images: ClassImages, answers: ClassAnswers, margin: NDArray[np.float64], form: str
) -> Iterator[Result]:
    """Accuracy and margin of the classes whose margin is the least."""
    known = answers.sizes > 0
    worst = [int(at) for at in worst_first(margin) if known[at]][:MOST_LISTED]
    for at in worst:
        yield share("accuracy of the worst", images.names[at], int(answers.hits[at]),
                    int(answers.sizes[at]))  # fmt: skip
    for at in worst:
        value = float(margin[at])
        yield Result(
            measure=f"margin (form {form}) of the worst", group=images.names[at],
            n=int(answers.sizes[at]), estimate=value, low=value, high=value,
        )  # fmt: skip


def _class_table(
    images: ClassImages,
    labels: Labels,
    seen: _Pass,
    answers: Mapping[str, ClassAnswers],
    called: Mapping[int, int],
    texts: Mapping[int, tuple[str, ...]],
) -> pa.Table:
    """One row a class; NaN where a class has no margin."""
    own = labels.own
    columns: dict[str, Any] = {"class": list(images.names), "n": answers[BASE].sizes}
    for name, of in answers.items():
        columns[f"accuracy{name and ', '}{name}"] = of.accuracy
    columns["predicted"] = seen.sums["labels"].predicted[own]
    columns["never_predicted"] = seen.sums["labels"].never_predicted[own]
    for assignment, sums in seen.sums.items():
        columns[f"margin_a_{assignment}"] = sums.form_a()[own]
        columns[f"margin_b_{assignment}"] = sums.form_b()[own]
    count = range(len(images.names))
    columns["alias"] = [labels.names[called[at]] if at in called else "" for at in count]
    columns["descriptions"] = [len(texts.get(int(label), ())) for label in own]
    columns["background_words"] = [
        [word for text in texts.get(int(label), ()) for word in backgrounds_in(text)]
        for label in own
    ]
    schema_of_words = pa.array(columns["background_words"], pa.list_(pa.string()))
    return pa.table(columns | {"background_words": schema_of_words})


def _notes(
    images: ClassImages,
    labels: Labels,
    seen: _Pass,
    answers: ClassAnswers,
    called: Mapping[int, int],
    texts: Mapping[int, tuple[str, ...]],
    settings: WorstClassesSettings,
) -> Iterator[str]:
    yield (
        "No interval is claimed of worst@k, of the share of classes at 0, or of margins; worst@k "
        "chosen and seen on the same images is biased low, the split halves' is not."
    )
    if empty := [n for n, size in zip(images.names, answers.sizes, strict=True) if not size]:
        yield f"Classes without images are left out: {_some(empty)}."
    never = seen.sums["labels"].never_predicted[labels.own] & (answers.sizes > 0)
    if never.any():
        names = [images.names[at] for at in np.flatnonzero(never)]
        yield f"Never predicted, and without a margin where labels are not used: {_some(names)}."
    if at_zero := int((answers.accuracy == 0).sum()):
        of_alias = sum(1 for at in called if answers.accuracy[at] == 0)
        yield (
            f"{at_zero} classes are at 0: a harmonic or geometric mean of accuracies is 0 with "
            f"them. Of these, {of_alias} are called by an alias."
        )
    if called:
        pairs = [f"{images.names[at]} ({labels.names[called[at]]})" for at in sorted(called)]
        yield f"Called by an alias rather than missed: {_some(pairs)}."
    if settings.assignment == "labels":
        yield "The prompts' weights were chosen with these images' labels: their gain is too large."
    flagged = [text for of in texts.values() for text in of if backgrounds_in(text)]
    total = sum(map(len, texts.values()))
    if total:
        yield f"{len(flagged)} of the {total} descriptions used name a background."
    elif settings.enriched:
        yield "None of the worst classes has a description: nothing was described."


def _some(names: list[str]) -> str:
    more = f" and {len(names) - 10} more" if len(names) > 10 else ""
    return ", ".join(names[:10]) + more


def _outcomes(
    images: ClassImages,
    labels: Labels,
    keys: list[str],
    classes: NDArray[np.int32],
    predicted: Mapping[str, NDArray[np.int64]],
) -> pa.Table:
    names, spoken_as = np.array(images.names, object), np.array(labels.names, object)
    columns: dict[str, Any] = {"key": keys, "class": names[classes]}
    for name, found in predicted.items():
        after = f", {name}" if name else ""
        columns[f"prediction{after}"] = spoken_as[found]
        columns[f"right{after}"] = found == labels.own[classes]
    return pa.table(columns)


def _scatter(images: ClassImages, answers: ClassAnswers, table: pa.Table) -> bytes:
    """Accuracy before and after, a point a class."""
    after = table[f"accuracy, {DESCRIBED}"].to_numpy()
    low, high = wilson(answers.hits, answers.sizes)
    low2, high2 = wilson(np.round(np.nan_to_num(after) * answers.sizes), answers.sizes)
    points = [
        Point(name, float(answers.accuracy[at]), float(after[at]),
              (min(float(low[at]), float(answers.accuracy[at])), float(high[at])),
              (min(float(low2[at]), float(after[at])), float(high2[at])))
        for at, name in enumerate(images.names) if answers.sizes[at]
    ]  # fmt: skip
    title = f"worst_classes: classes, {images.subject.model.identity.id}"
    return scatter_plot(title, "accuracy before", f"accuracy {DESCRIBED}", points)
