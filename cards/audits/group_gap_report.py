"""What ``group_gap`` says: the confirmation half, and beside it the half that chose the groups."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from benchwright.cards.audits.audit import Findings
from benchwright.cards.audits.classed import ClassImages
from benchwright.cards.audits.few_labels import TABLE, label_table
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
from benchwright.cards.audits.image_columns import ImageColumns
from benchwright.cards.audits.label_heads import Labels
from benchwright.cards.audits.name_lists import listed
from benchwright.cards.audits.result import FEWEST, Result
from benchwright.cards.audits.running import published_name
from benchwright.cards.figures.audit_plots import Point, scatter_plot
from benchwright.curation.mining.confirm import Drop
from benchwright.curation.mining.label_sets import LabelSets
from benchwright.errors import DatasetError

DISCOVERY, CONFIRMATION = "discovery", "confirmation"
PREDICTED, AMONG_FEW = "predicted, ", "among few, "
"""Columns of each prompt: the label among all, and whether the own label won among the few."""


@dataclass(frozen=True, slots=True)
class GroupAnswers:
    """What a model answered to the images of a mined set.

    Attributes:
        images: of the set.
        labels: that it chose among.
        sets: the few labels of each class.
        sets_given: whether these are another run's.
        prompts: that it was asked with; the first is the headline's.
        columns: ``group``, ``half``, ``cluster``, ``probe`` as the miner recorded them, and for
            each prompt ``PREDICTED`` and ``AMONG_FEW``.
    """

    images: ClassImages
    labels: Labels
    sets: LabelSets
    sets_given: bool
    prompts: tuple[str, ...]
    columns: ImageColumns

    @property
    def selecting(self) -> tuple[str, ...]:
        """Models whose mistakes chose the groups; none where that is not recorded."""
        return tuple(sorted(set(self.columns["probe"]) - {""}))

    @property
    def paired(self) -> NDArray[np.bool_]:
        """Bool [n], images of the common or the counter group."""
        return np.isin(self.columns["group"], (COMMON, COUNTER))

    @property
    def half(self) -> str:
        """The half of the headline; "" of a set that was not split."""
        confirming = self.paired & (self.columns["half"] == CONFIRMATION)
        return CONFIRMATION if confirming.any() else ""

    @property
    def headline(self) -> NDArray[np.bool_]:
        """Bool [n], images that the headline is of."""
        return self.paired & (self.columns["half"] == self.half) if self.half else self.paired

    @property
    def few_differ(self) -> bool:
        """Whether there are more labels than the few: else both are one question."""
        return self.sets.labels.shape[1] < len(self.labels.names)

    def right(self) -> dict[str, NDArray[np.bool_]]:
        """What stands behind a measure's name to bool [n], right so: the headline's "" first."""
        found: dict[str, NDArray[np.bool_]] = {}
        few = f", 1 vs {self.sets.labels.shape[1]}"
        own = self.labels.own[self.columns.classes]
        for prompt in self.prompts:
            also = f", prompt {prompt}" if found else ""
            found[also] = self.columns[PREDICTED + prompt] == own
            if self.few_differ:
                found[few + also] = self.columns[AMONG_FEW + prompt]
        return found

    def of(self, right: NDArray[np.bool_], rows: NDArray[np.bool_]) -> Answers:
        """Some images, right or wrong, as the groups' figures take them."""
        _, clusters = np.unique(self.columns["cluster"].astype(str), return_inverse=True)
        counter = self.columns["group"] == COUNTER
        return Answers(self.columns.classes, counter, clusters, right).only(rows)


def report(answers: GroupAnswers, seed: int) -> Findings:
    """The findings of ``group_gap``.

    Raises:
        DatasetError: no class has images in both groups.
    """
    names, kept, right = answers.images.names, answers.headline, answers.right()
    found = drops(answers.of(right[""], kept), names)
    if not found:
        folder = answers.images.subject.dataset.folder
        raise DatasetError(f"{folder}: no class has both common and counter images")
    discovering = answers.paired & (answers.columns["half"] == DISCOVERY)
    both = np.isin(np.array(names, object), [drop.common.cls for drop in found])
    paired = kept & both[answers.columns.classes]
    results = [
        *balanced_results(found, ""),
        *class_results(found, ""),
        *_discovery(drops(answers.of(right[""], discovering), names)),
    ]
    for suffix in list(right)[1:]:
        results += balanced_results(drops(answers.of(right[suffix], kept), names), suffix)
    results += [
        resampled_classes(found, seed),
        *image_results(answers.of(right[""], paired), found, seed),
    ]
    return Findings(
        _whole_first(results),
        _outcomes(answers, right),
        facts={
            "label_set": answers.labels.name,
            "label_count": len(answers.labels.names),
            "headline_prompt": answers.prompts[0],
            "selecting_model": ", ".join(answers.selecting) or "not recorded",
            "half": answers.half or "not split",
        },
        notes=tuple(_notes(answers, found)),
        figures={"classes.png": _scatter(answers, found)},
        tables={TABLE: label_table(answers.images, answers.labels, answers.sets)},
    )


def _whole_first(results: Sequence[Result]) -> tuple[Result, ...]:
    """Figures of all classes, then of each; measures in the order they first come."""
    first = {result.measure: at for at, result in reversed(list(enumerate(results)))}
    return tuple(sorted(results, key=lambda of: (of.group != "", first[of.measure])))


def _discovery(found: Sequence[Drop]) -> Iterator[Result]:
    """The half that chose the groups; none where the set was not split."""
    if found:
        for result in (*balanced_results(found, ""), *class_results(found, "")):
            measure = f"{result.measure}, discovery half"
            yield result.model_copy(update={"measure": measure})


def _notes(answers: GroupAnswers, found: Sequence[Drop]) -> Iterator[str]:
    yield _about_selection(answers)
    if other := answers.labels.instead_of:
        yield f"The classifier does not know all of {other}: it chose among {answers.labels.name}."
    names, there = answers.images.names, {drop.common.cls for drop in found}
    if left_out := sorted(set(names) - there):
        yield f"Without images in both groups, and left out: {listed(left_out)}."
    thin = [d.common.cls for d in found if min(d.common.n, d.counter.n) < FEWEST]
    if thin:
        yield f"A group has fewer than {FEWEST} images in {len(thin)} of {len(found)} classes."
    pairs = zip(names, answers.sets.added, strict=True)
    if added := [name for name, at in pairs if at and name in there]:
        yield f"Their own label took the last place of their few labels: {listed(added)}."
    if not answers.few_differ:
        yield f"There are {len(answers.labels.names)} labels in all: no few of them were chosen."
    elif not answers.sets_given:
        yield "The few labels are the audited model's own; label_sets=FILE takes another's."


def _about_selection(answers: GroupAnswers) -> str:
    """Who chose the groups, on which images: what the headline can and cannot claim."""
    chosen = ", ".join(answers.selecting) or "a model that is not recorded"
    if answers.half:
        return (
            f"The groups were chosen on the discovery half, with {chosen}; the headline is of the "
            "confirmation half."
        )
    return (
        f"The set was not split: its groups were chosen with {chosen}, on the images that they "
        "are measured on, so that model's drop is too large (the winner's curse)."
    )


def _outcomes(answers: GroupAnswers, right: dict[str, NDArray[np.bool_]]) -> pa.Table:
    columns = answers.columns
    names = np.array(answers.images.names, object)
    spoken = np.array(answers.labels.names, object)
    said = {
        "key": columns.keys,
        "class": names[columns.classes],
        "group": columns["group"],
        "half": columns["half"],
        "cluster": columns["cluster"],
        "prediction": spoken[columns[PREDICTED + answers.prompts[0]]],
    }
    return pa.table(said | {f"right{suffix}": column for suffix, column in right.items()})


def _scatter(answers: GroupAnswers, found: Iterable[Drop]) -> bytes:
    points = [
        Point(drop.common.cls, drop.common.accuracy, drop.counter.accuracy,
              drop.common.interval(), drop.counter.interval())
        for drop in found
    ]  # fmt: skip
    title = f"group_gap: classes, {published_name(answers.images.subject.model.identity)}"
    return scatter_plot(title, "accuracy on common", "accuracy on counter", points)
