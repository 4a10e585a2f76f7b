"""What ``openness`` says: numbers, curves, harmful words, and how labels and images lie."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from benchwright.cards.audits.adversarial import WordLosses, results_of_words
from benchwright.cards.audits.audit import Findings
from benchwright.cards.audits.beaten import Beaten
from benchwright.cards.audits.classed import ClassImages
from benchwright.cards.audits.features import feature_results
from benchwright.cards.audits.image_columns import ImageColumns
from benchwright.cards.audits.label_heads import Labels
from benchwright.cards.audits.name_lists import listed
from benchwright.cards.audits.openness_accuracy import (
    Curve,
    accuracies,
    by_vocabulary,
    curve_table,
    curves,
    growth,
)
from benchwright.cards.audits.result import Result
from benchwright.cards.audits.running import published_name
from benchwright.cards.audits.shares import paired_difference
from benchwright.cards.audits.text_vectors import Vectors
from benchwright.cards.audits.vocabularies import Vocabularies
from benchwright.cards.figures.audit_plots import curve_plot, distribution_plot

BASE, REPE = "", "REPE"
"""Heads: the labels as prompted, and moved towards captions."""

MARGIN, DISTANCE = "margin", "distance"
"""Columns: of each image to its label."""


@dataclass(frozen=True, slots=True)
class VocabularyAnswers:
    """What a model answered to images among growing vocabularies.

    Attributes:
        images: of the set.
        labels: that it chose among.
        groups: the vocabularies that the labels fall into.
        texts: float32 [C, width], of the labels as prompted.
        columns: ``MARGIN`` and ``DISTANCE`` of each image.
        beaten: by head, which vocabularies beat each image's label.
        sampled: float32 [m, width], the images whose pairs uniformity is over.
        captions: of each label, those that its vector was moved towards; none without retrieval.
    """

    images: ClassImages
    labels: Labels
    groups: Vocabularies
    texts: Vectors
    columns: ImageColumns
    beaten: Mapping[str, Beaten]
    sampled: Vectors
    captions: Sequence[Sequence[str]]


def report(
    answers: VocabularyAnswers, losses: WordLosses, trials: int, worst_words: int, seed: int
) -> Findings:
    """The findings of ``openness``.

    Args:
        answers: of all images.
        losses: that words brought.
        trials: permutations for each vocabulary.
        worst_words: of them named.
        seed: of the permutations.
    """
    columns, base = answers.columns, answers.beaten[BASE]
    results: list[Result] = []
    drawn: dict[str, Curve] = {}
    for name, found in answers.beaten.items():
        suffix = f", {name}" if name else ""
        grown = growth(found, trials, seed)
        results += accuracies(grown, columns.classes, suffix)
        drawn |= curves(grown, suffix)
    if moved := answers.beaten.get(REPE):
        gain = (of.everywhere.astype(np.float64) for of in (moved, base))
        results.append(paired_difference("accuracy gain, all labels, REPE", "", *gain))
    results += by_vocabulary(base, answers.groups.names)
    results += results_of_words(losses, worst_words)
    margin = columns[MARGIN]
    results += feature_results(columns[DISTANCE], margin, answers.texts, answers.sampled)
    title = f"openness: {published_name(answers.images.subject.model.identity)}"
    return Findings(
        tuple(results),
        _outcomes(answers),
        facts={
            "label_set": answers.labels.name,
            "label_count": len(answers.labels.names),
            "grouping": answers.groups.source,
            "vocabulary_count": len(answers.groups.names),
            "words_tried": len(losses.words),
        },
        notes=tuple(_notes(answers, losses)),
        figures={
            "curves.png": curve_plot(title, "vocabularies together", "accuracy", drawn),
            "margins.png": distribution_plot(title, "margin of the true label", margin, 0.0),
        },
        tables={"curves.parquet": curve_table(drawn), "words.parquet": losses.table()},
    )


def _outcomes(answers: VocabularyAnswers) -> pa.Table:
    columns, base = answers.columns, answers.beaten[BASE]
    said = {
        "key": columns.keys,
        "class": np.array(answers.images.names, object)[columns.classes],
        "right, own vocabulary": base.stands,
        "right, all labels": base.everywhere,
        "margin": columns[MARGIN],
    }  # fmt: skip
    if moved := answers.beaten.get(REPE):
        said |= {
            "right, own vocabulary, REPE": moved.stands,
            "right, all labels, REPE": moved.everywhere,
        }
    return pa.table(said)


def _notes(answers: VocabularyAnswers, losses: WordLosses) -> Iterator[str]:
    yield (
        "Acc-C and Acc-E are averaged over images, Acc-S over classes, as the authors' code does; "
        "their intervals are for other images of the same classes."
    )
    groups, base = answers.groups, answers.beaten[BASE]
    if groups.source == "random":
        size = len(answers.labels.names) / len(groups.names)
        yield (
            f"Vocabularies are groups of about {size:.0f} drawn at random, not superclasses; "
            "vocabularies={...} gives others."
        )
    empty = [name for at, name in enumerate(groups.names) if not (base.home == at).any()]
    if empty:
        yield f"Vocabularies without images only add labels: {listed(empty)}."
    if len(answers.sampled) < len(answers.columns.keys):
        yield f"Uniformity of images is over the pairs of {len(answers.sampled):,} of them."
    yield "No interval is claimed of uniformity, of quantiles of margins, or of adversarial words."
    if losses.words:
        yield (
            "A word's harm is chosen on one half of the images and seen on the other, both ways; "
            "words of images that truly show them are no failure of the model."
        )
    if answers.captions:
        counts = [len(of) for of in answers.captions]
        yield (
            f"Captions were found for {sum(n > 0 for n in counts)} of {len(counts)} labels, "
            f"{min(counts):,} to {max(counts):,} each; captions of the audited images among them "
            "flatter retrieval-enhanced prompts (REPE)."
        )
    else:
        yield "Retrieval-enhanced prompts were left out: captions=FILE brings them."
