"""What ``worst_classes`` says: the worst by name, their aliases, and what better prompts gain."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from benchwright.cards.audits.aliases import aliases, words_of
from benchwright.cards.audits.audit import Findings
from benchwright.cards.audits.background_words import backgrounds_in
from benchwright.cards.audits.bounds import unclaimed
from benchwright.cards.audits.class_accuracy import ClassAnswers, gains, results
from benchwright.cards.audits.class_margins import PREDICTED, ClassMargins
from benchwright.cards.audits.classed import ClassImages
from benchwright.cards.audits.image_columns import ImageColumns, second_half
from benchwright.cards.audits.label_heads import Labels
from benchwright.cards.audits.matching_margin import worst_first
from benchwright.cards.audits.name_lists import listed
from benchwright.cards.audits.result import Result
from benchwright.cards.audits.running import published_name
from benchwright.cards.audits.shares import share
from benchwright.cards.figures.audit_plots import Point, scatter_plot
from benchwright.statistics.intervals import wilson

BASE, WEIGHTED, DESCRIBED = "", "weighted prompts", "with descriptions"
HEADS = (BASE, WEIGHTED, DESCRIBED)

MOST_LISTED = 20
"""Worst classes among the results; the table has all of them."""


@dataclass(frozen=True, slots=True)
class WorstAnswers:
    """What a model answered with each of the ``HEADS``.

    Attributes:
        images: of the set.
        labels: that it chose among.
        columns: of each head its predictions, ``PREDICTED`` before its name.
        seen: margins of each label, with the plain prompts.
        texts: label to the descriptions that it was given.
        assignment: of the images that prompts were weighted by.
    """

    images: ClassImages
    labels: Labels
    columns: ImageColumns
    seen: ClassMargins
    texts: Mapping[int, Sequence[str]]
    assignment: str

    def of_head(self, name: str, seed: int) -> ClassAnswers:
        """Its answers, right or wrong."""
        classes = self.columns.classes
        right = self.columns[PREDICTED + name] == self.labels.own[classes]
        second = second_half(self.columns.keys, seed)
        return ClassAnswers(classes, right, second, len(self.images.names))

    @property
    def called(self) -> dict[int, int]:
        """Class to the label that is an alias of its own and took most of its misses."""
        return aliases(words_of(self.labels.chosen), self.labels.own, self.seen.confusion)


def report(
    answers: WorstAnswers, form: Literal["A", "B"], ks: Sequence[int], seed: int
) -> Findings:
    """The findings of ``worst_classes``.

    Args:
        answers: of all images.
        form: of the margin that ranks the classes.
        ks: of worst@k.
        seed: of the halves.
    """
    by_head = {name: answers.of_head(name, seed) for name in HEADS}
    margin = answers.seen.margin("labels", form)[answers.labels.own]
    found = [*results(by_head[BASE], ks, "")]
    for name in (WEIGHTED, DESCRIBED):
        found += gains(by_head[BASE], by_head[name], name)
    found += _worst(answers.images.names, by_head[BASE], margin, form)
    for name in (WEIGHTED, DESCRIBED):
        found += results(by_head[name], ks, f", {name}")
    return Findings(
        tuple(found),
        _outcomes(answers, by_head),
        facts={
            "label_set": answers.labels.name,
            "label_count": len(answers.labels.names),
            "described": len(answers.texts),
            "margin_form": form,
        },
        notes=tuple(_notes(answers, by_head[BASE])),
        figures={"classes.png": _scatter(answers.images, by_head[BASE], by_head[DESCRIBED])},
        tables={"classes.parquet": _class_table(answers, by_head)},
    )


def _worst(
    names: Sequence[str], answers: ClassAnswers, margin: NDArray[np.float64], form: str
) -> Iterator[Result]:
    """Accuracy and margin of the classes whose margin is the least."""
    hits, sizes = answers.hits, answers.sizes
    worst = [int(at) for at in worst_first(margin) if sizes[at]][:MOST_LISTED]
    for at in worst:
        yield share("accuracy of the worst", names[at], int(hits[at]), int(sizes[at]))
    for at in worst:
        measure = f"margin (form {form}) of the worst"
        yield unclaimed(measure, names[at], int(sizes[at]), float(margin[at]))


def _class_table(answers: WorstAnswers, by_head: Mapping[str, ClassAnswers]) -> pa.Table:
    """One row a class; NaN where a class has no margin."""
    names, own, called = answers.images.names, answers.labels.own, answers.called
    columns: dict[str, Any] = {"class": list(names), "n": by_head[BASE].sizes}
    for name, of in by_head.items():
        columns[f"accuracy{_after(name)}"] = of.accuracy
    columns["predicted"] = answers.seen.sums["labels"].predicted[own]
    columns["never_predicted"] = answers.seen.sums["labels"].never_predicted[own]
    for assignment, sums in answers.seen.sums.items():
        columns[f"margin_a_{assignment}"] = sums.form_a()[own]
        columns[f"margin_b_{assignment}"] = sums.form_b()[own]
    alias = [answers.labels.names[called[at]] if at in called else "" for at in range(len(names))]
    texts = [answers.texts.get(int(label), ()) for label in own]
    columns["alias"] = alias
    columns["descriptions"] = [len(of) for of in texts]
    places = [[word for text in of for word in backgrounds_in(text)] for of in texts]
    columns["background_words"] = pa.array(places, pa.list_(pa.string()))
    return pa.table(columns)


def _after(head: str) -> str:
    return f", {head}" if head else ""


def _outcomes(answers: WorstAnswers, by_head: Mapping[str, ClassAnswers]) -> pa.Table:
    names = np.array(answers.images.names, object)
    spoken_as = np.array(answers.labels.names, object)
    columns: dict[str, Any] = {
        "key": answers.columns.keys,
        "class": names[answers.columns.classes],
    }
    for name, of in by_head.items():
        columns[f"prediction{_after(name)}"] = spoken_as[answers.columns[PREDICTED + name]]
        columns[f"right{_after(name)}"] = of.right
    return pa.table(columns)


def _notes(answers: WorstAnswers, plain: ClassAnswers) -> Iterator[str]:
    yield (
        "No interval is claimed of worst@k, of the share of classes at 0, or of margins; worst@k "
        "chosen and seen on the same images is biased low, the split halves' is not."
    )
    yield from _about_failures(answers, plain)
    if answers.assignment == "labels":
        yield "The prompts' weights were chosen with these images' labels: their gain is too large."
    used = [text for of in answers.texts.values() for text in of]
    if used:
        flagged = sum(1 for text in used if backgrounds_in(text))
        yield f"{flagged} of the {len(used)} descriptions used name a background."
    else:
        yield "No class was given descriptions."


def _about_failures(answers: WorstAnswers, plain: ClassAnswers) -> Iterator[str]:
    """Which classes fail in a way that a mean does not show."""
    names, own, called = answers.images.names, answers.labels.own, answers.called
    if empty := [name for name, n in zip(names, plain.sizes, strict=True) if not n]:
        yield f"Classes without images are left out: {listed(empty)}."
    never = answers.seen.sums["labels"].never_predicted[own] & (plain.sizes > 0)
    if never.any():
        missed = [names[at] for at in np.flatnonzero(never)]
        yield f"Never predicted, and without a margin where labels are not used: {listed(missed)}."
    if at_zero := int((plain.accuracy == 0).sum()):
        of_alias = sum(1 for at in called if plain.accuracy[at] == 0)
        yield (
            f"Classes at 0: {at_zero}, of which {of_alias} are called by an alias; a harmonic or "
            "geometric mean of accuracies is 0 with them."
        )
    if called:
        pairs = [f"{names[at]} ({answers.labels.names[called[at]]})" for at in sorted(called)]
        yield f"Called by an alias rather than missed: {listed(pairs)}."


def _scatter(images: ClassImages, before: ClassAnswers, after: ClassAnswers) -> bytes:
    """Accuracy before and after, a point a class."""
    points = [
        Point(images.names[at], across, up, x_interval, y_interval)
        for at, (across, x_interval), (up, y_interval) in zip(
            np.flatnonzero(before.sizes).tolist(), _whiskers(before), _whiskers(after), strict=True
        )
    ]
    title = f"worst_classes: classes, {published_name(images.subject.model.identity)}"
    return scatter_plot(title, "accuracy before", f"accuracy {DESCRIBED}", points)


def _whiskers(answers: ClassAnswers) -> Iterator[tuple[float, tuple[float, float]]]:
    """The accuracy of each class that has images, and its interval."""
    there = answers.sizes > 0
    low, high = wilson(answers.hits[there], answers.sizes[there])
    for bounds in zip(answers.accuracy[there].tolist(), low.tolist(), high.tolist(), strict=True):
        estimate = bounds[0]
        yield estimate, (min(bounds[1], estimate), max(bounds[2], estimate))
