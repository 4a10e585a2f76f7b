"""The worst classes, and what better prompts do for them.

"Investigating the Limitation of CLIP Models: The Worst-Performing Categories" (arXiv 2310.03324).
The class-wise matching margin (CMM) says which classes are bad without a label being known; the
prompts of an ensemble are then weighted by it, and the worst classes described. Before and after
stand side by side on the same images.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from pydantic import Field

from benchwright.cards.audits.audit import Findings, Settings
from benchwright.cards.audits.class_margins import PREDICTED, Assignment, ClassMargins, look
from benchwright.cards.audits.classed import ClassImages, misfit
from benchwright.cards.audits.image_columns import ImageColumns
from benchwright.cards.audits.label_heads import Labels, labels_for
from benchwright.cards.audits.matching_margin import prompt_weights, worst_first
from benchwright.cards.audits.prompt_ensembles import described, descriptions, margins_of_prompts
from benchwright.cards.audits.subject import Subject
from benchwright.cards.audits.text_vectors import Vectors, encoded, ensemble, prompt_vectors
from benchwright.cards.audits.worst_classes_report import (
    DESCRIBED,
    WEIGHTED,
    WorstAnswers,
    report,
)
from benchwright.curation.labelling.classes import spoken


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
        columns = ImageColumns()
        seen = look(images, labels, base, settings.assignment, columns)
        texts = _descriptions(labels, seen, settings)
        margins = margins_of_prompts(seen.means, vectors)
        each = encoded(subject.model, [text for of in texts.values() for text in of])
        ends = np.cumsum([len(of) for of in texts.values()], dtype=np.int64)
        extra = dict(zip(texts, np.split(each, ends[:-1]), strict=True)) if texts else {}
        heads = {
            WEIGHTED: ensemble(vectors, prompt_weights(margins, settings.temperature)),
            DESCRIBED: described(seen.means, vectors, margins, extra, settings.temperature),
        }
        _predict(images, heads, columns)
        answers = WorstAnswers(images, labels, columns, seen, texts, settings.assignment)
        return report(answers, settings.form, settings.k, settings.seed)


AUDIT = WorstClasses()


def _descriptions(
    labels: Labels, seen: ClassMargins, settings: WorstClassesSettings
) -> dict[int, tuple[str, ...]]:
    """Label to descriptions, of the classes whose margin by the chosen assignment is worst."""
    margin = seen.margin(settings.assignment, settings.form)[labels.own]
    worst = labels.own[worst_first(margin)[: settings.enriched]]
    known = descriptions(settings.descriptions) if settings.enriched else {}
    found = {int(label): known.get(spoken(labels.names[label]), ()) for label in worst}
    return {label: texts for label, texts in found.items() if texts}


def _predict(images: ClassImages, heads: Mapping[str, Vectors], columns: ImageColumns) -> None:
    """A second pass: what the mended prompts say of each image."""
    for batch in images.batches():
        for name, texts in heads.items():
            columns.put(PREDICTED + name, (batch.vectors @ texts.T).argmax(axis=1))
