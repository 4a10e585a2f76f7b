"""How open a vocabulary a model bears ("Delving into the Openness of CLIP", arXiv 2206.01986).

Acc-C: images among their own vocabulary's labels. Acc-E: images and labels grow together, one
vocabulary after another. Acc-S: images stay and labels grow. Acc-C and Acc-E are averaged over
images, Acc-S over classes, as the authors' code does. Scores are made once; all orders of the
vocabularies read off which of them beat each image's label.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from benchwright.cards.audits.adversarial import WordLosses
from benchwright.cards.audits.audit import Findings, Settings
from benchwright.cards.audits.beaten import Beaten, beaten, merged
from benchwright.cards.audits.classed import ClassImages, misfit
from benchwright.cards.audits.features import distances, margins
from benchwright.cards.audits.image_columns import ImageColumns, second_half
from benchwright.cards.audits.label_heads import Labels, labels_for, own_labels
from benchwright.cards.audits.openness_report import (
    BASE,
    DISTANCE,
    MARGIN,
    REPE,
    VocabularyAnswers,
    report,
)
from benchwright.cards.audits.retrieved_prompts import captions_of, enhanced
from benchwright.cards.audits.subject import Subject
from benchwright.cards.audits.text_vectors import Vectors, label_vectors
from benchwright.cards.audits.vocabularies import added_words, vocabularies
from benchwright.curation.models.identity import Model
from benchwright.curation.vocabulary import VocabularyClass
from benchwright.seeding import share as chance


class OpennessSettings(Settings):
    """Settings of ``openness``.

    Attributes:
        labels: as of ``group_gap``; "" for the set's own classes.
        prompt: name or template.
        vocabularies: name of each to its labels; {} for the shipped superclasses where they have
            all labels, else groups drawn at random.
        group_size: labels of a random group (the paper's CIFAR-100 has 5).
        trials: permutations for each vocabulary (the paper: 3).
        words: text file of nouns to add one at a time; "" for the shipped vocabularies' words.
        worst_words: of them shown, the most harmful.
        captions: for REPE: Parquet with a column ``caption``, or a folder of embeddings or of
            downloaded shards, such as ``embeddings/...`` and ``shards`` of a miner's work; "" to
            leave REPE out.
        repe_share: lambda of REPE.
        repe_neighbours: K of REPE.
        pairs_of: images whose pairs uniformity is taken over.
    """

    labels: str = ""
    prompt: str = "article"
    vocabularies: dict[str, tuple[str, ...]] = Field(default_factory=dict)
    group_size: int = Field(5, ge=1)
    trials: int = Field(3, ge=1)
    words: str = ""
    worst_words: int = Field(5, ge=0)
    captions: str = ""
    repe_share: float = Field(0.25, ge=0, le=1)
    repe_neighbours: int = Field(100, ge=1)
    pairs_of: int = Field(5000, ge=2)


@dataclass(frozen=True, slots=True)
class Openness:
    """The audit."""

    name: str = "openness"
    about: str = "accuracy as the label set grows: Acc-C, Acc-E, Acc-S, adversarial words"
    settings: type[Settings] = OpennessSettings

    def misfit(self, subject: Subject) -> str:
        """Why it cannot be run on this dataset with this model; empty if it can."""
        if not subject.has_text:
            return f"{subject.model.identity.id} has no text tower: its labels are fixed"
        return misfit(subject)

    def run(self, subject: Subject, settings: Any) -> Findings:
        """Measure; see ``Audit.run``."""
        images = ClassImages.of(subject)
        labels = labels_for(images, settings.labels) if settings.labels else own_labels(images)
        groups = vocabularies(
            labels.names, settings.vocabularies, settings.group_size, settings.seed
        )
        captions = _captions(labels, settings)
        heads = _heads(subject.model, labels, captions, settings)
        words = added_words(settings.words, labels.names) if settings.worst_words else ()
        losses = WordLosses(words, label_vectors(subject.model, words, settings.prompt))
        looked = _look(images, labels, groups.of, heads, losses, settings)
        answers = VocabularyAnswers(images, labels, groups, heads[BASE], *looked, captions)
        return report(answers, losses, settings.trials, settings.worst_words, settings.seed)


AUDIT = Openness()


def _captions(labels: Labels, settings: OpennessSettings) -> list[list[str]]:
    """Those that name each label; none at all where retrieval was not asked for."""
    if not settings.captions:
        return []
    named = [entry.words for entry in labels.chosen.entries]
    named = named or [VocabularyClass(name) for name in labels.names]
    return captions_of(named, Path(settings.captions))


def _heads(
    model: Model, labels: Labels, captions: Sequence[Sequence[str]], settings: OpennessSettings
) -> dict[str, Vectors]:
    """The labels' vectors, and with captions those that are moved towards them."""
    texts = label_vectors(model, labels.names, settings.prompt)
    if not captions:
        return {BASE: texts}
    moved = enhanced(model, texts, captions, settings.repe_neighbours, settings.repe_share)
    return {BASE: texts, REPE: moved}


def _look(
    images: ClassImages,
    labels: Labels,
    vocabulary: NDArray[np.int32],
    heads: Mapping[str, Vectors],
    losses: WordLosses,
    settings: OpennessSettings,
) -> tuple[ImageColumns, dict[str, Beaten], Vectors]:
    """One pass over the images: what beats each one's label, and those for uniformity."""
    columns, sampled = ImageColumns(), []
    kept = settings.pairs_of / max(images.subject.images.samples, 1)
    found: dict[str, list[Beaten]] = {name: [] for name in heads}
    for batch in images.batches():
        columns.add(batch)
        truth = labels.own[batch.classes].astype(np.int32)
        for name, texts in heads.items():
            scores = batch.vectors @ texts.T
            found[name].append(beaten(scores, truth, vocabulary))
            if name == BASE:
                columns.put(MARGIN, margins(scores, truth))
                columns.put(DISTANCE, distances(batch.vectors, texts[truth]))
                own = scores[np.arange(len(truth)), truth]
                right = found[name][-1].everywhere
                losses.add(batch.vectors, own, right, second_half(batch.keys, settings.seed))
        few = [chance(settings.seed, "uniformity", key) < kept for key in batch.keys]
        sampled.append(batch.vectors[np.array(few, bool)])
    together = {name: merged(parts) for name, parts in found.items()}
    return columns, together, np.concatenate(sampled)
