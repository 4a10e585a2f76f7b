"""One pass over a set's images: each class's margins, by label and by what it was taken for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from benchwright.cards.audits.classed import ClassImages
from benchwright.cards.audits.image_columns import ImageColumns
from benchwright.cards.audits.label_heads import Labels
from benchwright.cards.audits.matching_margin import MarginSums
from benchwright.cards.audits.prompt_ensembles import ClassMeans
from benchwright.cards.audits.text_vectors import Vectors

Assignment = Literal["labels", "pseudo", "soft"]
"""Whose an image is: its label's, its prediction's, or everyone's by a share."""

ASSIGNMENTS: tuple[Assignment, ...] = ("labels", "pseudo", "soft")

PREDICTED = "predicted, "
"""Column of each head's predictions, before its name."""


@dataclass(frozen=True, slots=True)
class ClassMargins:
    """What the images add up to, by label: C^2 numbers, however many they are.

    Attributes:
        sums: of each assignment.
        means: of the assignment that prompts are weighted by.
        confusion: int64 [classes, C], images of each class by predicted label.
    """

    sums: dict[Assignment, MarginSums]
    means: ClassMeans
    confusion: NDArray[np.int64]

    def margin(self, assignment: Assignment, form: Literal["A", "B"]) -> NDArray[np.float64]:
        """CMM of each label: float64 [C]; NaN of one without images."""
        sums = self.sums[assignment]
        return sums.form_a() if form == "A" else sums.form_b()


def look(
    images: ClassImages,
    labels: Labels,
    texts: Vectors,
    assignment: Assignment,
    columns: ImageColumns,
) -> ClassMargins:
    """Look at each image once.

    Args:
        images: of the set.
        labels: to choose among.
        texts: float32 [C, width], of the labels.
        assignment: that ``ClassMargins.means`` is of.
        columns: get a row an image, with its prediction.
    """
    count, width = texts.shape
    seen = ClassMargins(
        {name: MarginSums.nothing(count) for name in ASSIGNMENTS},
        ClassMeans(np.zeros((count, width)), np.zeros(count)),
        np.zeros((len(images.names), count), np.int64),
    )
    scale = np.float32(images.subject.model.logit_scale)
    for batch in images.batches():
        scores = batch.vectors @ texts.T
        predicted = scores.argmax(axis=1)
        truth = labels.own[batch.classes].astype(np.int32)
        shares = _softmax(scores * scale)
        seen.sums["labels"].add(scores, truth)
        seen.sums["pseudo"].add(scores, predicted.astype(np.int32))
        seen.sums["soft"].add_soft(scores, shares)
        if assignment == "soft":
            seen.means.add_soft(batch.vectors, shares)
        else:
            seen.means.add(batch.vectors, truth if assignment == "labels" else predicted)
        np.add.at(seen.confusion, (batch.classes, predicted), 1)
        columns.add(batch)
        columns.put(PREDICTED, predicted)
    return seen


def _softmax(logits: NDArray[np.float32]) -> NDArray[np.float32]:
    raised = np.exp(logits - logits.max(axis=1, keepdims=True))
    found: NDArray[np.float32] = raised / raised.sum(axis=1, keepdims=True)
    return found
