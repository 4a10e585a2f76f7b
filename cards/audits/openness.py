"""How open a vocabulary a model bears ("Delving into the Openness of CLIP", arXiv 2206.01986).

Acc-C: images among their own vocabulary's labels. Acc-E: images and labels grow together, one
vocabulary after another. Acc-S: images stay and labels grow. Acc-C and Acc-E are averaged over
images, Acc-S over classes, as the authors' code does. Scores are made once; all orders of the
vocabularies read off which of them beat each image's label.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from pydantic import Field

from benchwright.cards.audits.adversarial import WordLosses, results_of_words
from benchwright.cards.audits.audit import Findings, Settings
from benchwright.cards.audits.classed import Classed, ClassImages, misfit
from benchwright.cards.audits.extension import (
    Beaten,
    beaten,
    carried,
    closed,
    everywhere,
    extensibility,
    margins,
    merged,
    orders,
    stability,
    survived,
    uniformity,
)
from benchwright.cards.audits.label_heads import Labels, label_vectors, labels_for
from benchwright.cards.audits.result import Result
from benchwright.cards.audits.retrieved_prompts import captions_of, enhanced
from benchwright.cards.audits.shares import share
from benchwright.cards.audits.stratified import weighted_mean
from benchwright.cards.audits.subject import Subject
from benchwright.cards.audits.vocabularies import Vocabularies, added_words, vocabularies
from benchwright.cards.figures.audit_plots import curve_plot, distribution_plot
from benchwright.curation.labelling.label_sets import LabelSet
from benchwright.curation.vocabulary import VocabularyClass
from benchwright.errors import DatasetError
from benchwright.seeding import digest
from benchwright.seeding import share as chance
from benchwright.statistics.intervals import LEVEL, two_sided_z

BASE, REPE = "", "REPE"
QUANTILES = (0.05, 0.25, 0.5, 0.75, 0.95)


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
        captions: Parquet with a column ``caption``, or an embedding set's folder, for REPE; "" to
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


@dataclass(slots=True)
class _Seen:
    """What the images said, batch by batch."""

    keys: list[str] = field(default_factory=list)
    classes: list[NDArray[np.int32]] = field(default_factory=list)
    beaten: dict[str, list[Beaten]] = field(default_factory=dict)
    margins: list[NDArray[np.float32]] = field(default_factory=list)
    distances: list[NDArray[np.float32]] = field(default_factory=list)
    sampled: list[NDArray[np.float32]] = field(default_factory=list)


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
        labels = _labels(images, settings.labels)
        groups = vocabularies(
            labels.names, settings.vocabularies, settings.group_size, settings.seed
        )
        texts = label_vectors(subject.model, labels.names, settings.prompt)
        heads = {BASE: texts, **_retrieved(subject, labels, texts, settings)}
        words = added_words(settings.words, labels.names) if settings.worst_words else ()
        losses = WordLosses(words, label_vectors(subject.model, words, settings.prompt)
                            if words else texts[:0])  # fmt: skip
        seen = _look(images, labels, groups, heads, losses, settings)
        if not seen.keys:
            raise DatasetError(f"{subject.dataset.folder}: no image has a class")
        return _findings(images, labels, groups, texts, seen, losses, settings)


AUDIT = Openness()


def _labels(images: ClassImages, setting: str) -> Labels:
    if setting:
        return labels_for(images, setting)
    return Labels("its classes", LabelSet(images.names), np.arange(len(images.names)))


def _retrieved(
    subject: Subject, labels: Labels, texts: NDArray[np.float32], settings: OpennessSettings
) -> dict[str, NDArray[np.float32]]:
    if not settings.captions:
        return {}
    named = [entry.words for entry in labels.chosen.entries]
    named = named or [VocabularyClass(name) for name in labels.names]
    captions = captions_of(named, Path(settings.captions))
    return {
        REPE: enhanced(
            subject.model, texts, captions, settings.repe_neighbours, settings.repe_share
        )
    }


def _look(
    images: ClassImages,
    labels: Labels,
    groups: Vocabularies,
    heads: Mapping[str, NDArray[np.float32]],
    losses: WordLosses,
    settings: OpennessSettings,
) -> _Seen:
    seen = _Seen(beaten={name: [] for name in heads})
    kept = settings.pairs_of / max(images.subject.images.samples, 1)
    for batch in images.batches():
        truth = labels.own[batch.classes].astype(np.int32)
        for name, texts in heads.items():
            scores = batch.vectors @ texts.T
            found = beaten(scores, truth, groups.of)
            seen.beaten[name].append(found)
            if name == BASE:
                _features(seen, batch, texts, scores, truth)
                own = scores[np.arange(len(truth)), truth]
                losses.add(batch.vectors, own, everywhere(found), _second(batch, settings.seed))
        few = [chance(settings.seed, "uniformity", key) < kept for key in batch.keys]
        seen.sampled.append(batch.vectors[np.array(few)])
    return seen


def _features(
    seen: _Seen,
    batch: Classed,
    texts: NDArray[np.float32],
    scores: NDArray[np.float32],
    truth: NDArray[np.int32],
) -> None:
    seen.keys += batch.keys
    seen.classes.append(batch.classes)
    seen.margins.append(margins(scores, truth))
    seen.distances.append(((batch.vectors - texts[truth]) ** 2).sum(axis=1))


def _second(batch: Classed, seed: int) -> NDArray[np.bool_]:
    return np.array([digest(seed, "half", key) % 2 == 1 for key in batch.keys])


def _findings(
    images: ClassImages,
    labels: Labels,
    groups: Vocabularies,
    texts: NDArray[np.float32],
    seen: _Seen,
    losses: WordLosses,
    settings: OpennessSettings,
) -> Findings:
    classes = np.concatenate(seen.classes)
    results: list[Result] = []
    curves: dict[str, tuple[NDArray[np.float64], NDArray[np.float64]]] = {}
    for name, parts in seen.beaten.items():
        found = merged(parts)
        after = f", {name}" if name else ""
        results += _accuracies(found, classes, after, settings)
        curves |= {f"{which}{after}": drawn for which, drawn in _curves(found, settings).items()}
    base = merged(seen.beaten[BASE])
    results += _by_vocabulary(base, groups)
    results += results_of_words(losses, settings.worst_words)
    results += _feature_results(seen, texts)
    margin = np.concatenate(seen.margins)
    outcomes = {
        "key": seen.keys,
        "class": np.array(images.names, object)[classes],
        "right, own vocabulary": closed(base),
        "right, all labels": everywhere(base),
        "margin": margin,
    }
    title = f"openness: {images.subject.model.identity.id}"
    return Findings(
        tuple(results),
        pa.table(outcomes),
        facts={
            "label_set": labels.name,
            "label_count": len(labels.names),
            "grouping": groups.source,
            "vocabulary_count": len(groups.names),
            "words_tried": len(losses.words),
        },
        notes=tuple(_notes(base, groups, seen, losses, settings)),
        figures={
            "curves.png": curve_plot(title, "vocabularies together", "accuracy", curves),
            "margins.png": distribution_plot(title, "margin of the true label", margin, 0.0),
        },
        tables={"curves.parquet": _table(curves), "words.parquet": losses.table()},
    )


def _accuracies(
    found: Beaten, classes: NDArray[np.int32], after: str, settings: OpennessSettings
) -> Iterator[Result]:
    """Acc-C, Acc-E, Acc-S: each a weighted mean over images, whose weights the definitions give."""
    n = len(classes)
    yield _weighted(f"Acc-C{after}", closed(found) / n, classes)
    together, staying, targets, drawn = np.zeros(n), np.zeros(n), 0, 0
    weights = _class_weights(found)
    for _, order in orders(found.vocabularies, settings.trials, settings.seed):
        together += carried(found, order)
        drawn += 1
        if (found.home == order[0]).any():
            staying += survived(found, order) * weights
            targets += 1
    yield _weighted(f"Acc-E{after}", together / drawn, classes)
    yield _weighted(f"Acc-S{after}", staying / targets, classes)
    yield _weighted(f"accuracy, all labels{after}", everywhere(found) / n, classes)


def _class_weights(found: Beaten) -> NDArray[np.float64]:
    """What each image counts in its vocabulary's mean over classes."""
    count = int(found.truth.max()) + 1
    sizes = np.bincount(found.truth, minlength=count)
    home = np.zeros(count, np.int64)
    home[found.truth] = found.home
    present = np.bincount(home[sizes > 0], minlength=found.vocabularies)
    weights: NDArray[np.float64] = 1 / (sizes[found.truth] * present[found.home])
    return weights


def _weighted(measure: str, parts: NDArray[np.float64], classes: NDArray[np.int32]) -> Result:
    estimate, low, high = weighted_mean(parts, classes)
    return Result(measure=measure, n=len(parts), estimate=estimate,
                  low=min(low, estimate), high=max(high, estimate))  # fmt: skip


def _curves(
    found: Beaten, settings: OpennessSettings
) -> dict[str, tuple[NDArray[np.float64], NDArray[np.float64]]]:
    """Mean curves over vocabularies and trials, by the number of vocabularies together."""
    count = found.vocabularies
    grow, stay = [], []
    for _, order in orders(count, settings.trials, settings.seed):
        grow.append(extensibility(found, order))
        if (found.home == order[0]).any():
            stay.append(stability(found, order))
    steps = np.arange(1, count + 1, dtype=np.float64)
    grown, known = np.array(grow), np.isfinite(grow)
    mean = np.where(known, grown, 0).sum(axis=0) / np.maximum(known.sum(axis=0), 1)
    return {
        "images and labels grow (Acc-E)": (steps, mean),
        "only labels grow (Acc-S)": (steps[1:], np.mean(stay, axis=0)),
    }


def _by_vocabulary(found: Beaten, groups: Vocabularies) -> Iterator[Result]:
    for measure, right in (("own vocabulary", closed(found)), ("all labels", everywhere(found))):
        for at, name in enumerate(groups.names):
            mine = found.home == at
            if mine.any():
                hits, n = int(right[mine].sum()), int(mine.sum())
                yield share(f"accuracy by vocabulary, {measure}", name, hits, n)


def _feature_results(seen: _Seen, texts: NDArray[np.float32]) -> Iterator[Result]:
    distances = np.concatenate(seen.distances).astype(np.float64)
    n = len(distances)
    mean = float(distances.mean())
    half = two_sided_z(LEVEL) * float(distances.std(ddof=min(1, n - 1))) / np.sqrt(n)
    yield Result(measure="alignment", n=n, estimate=mean, low=mean - half, high=mean + half)
    images = np.concatenate(seen.sampled)
    for which, vectors in (("texts", texts), ("images", images)):
        yield _exact(f"uniformity, {which}", "", len(vectors), uniformity(vectors))
    margin = np.concatenate(seen.margins)
    for at, value in zip(QUANTILES, np.quantile(margin, QUANTILES), strict=True):
        yield _exact("margin", f"{at:.0%} quantile", n, float(value))


def _exact(measure: str, group: str, n: int, value: float) -> Result:
    return Result(measure=measure, group=group, n=n, estimate=value, low=value, high=value)


def _notes(
    found: Beaten,
    groups: Vocabularies,
    seen: _Seen,
    losses: WordLosses,
    settings: OpennessSettings,
) -> Iterator[str]:
    yield (
        "Acc-C and Acc-E are averaged over images, Acc-S over classes, as the authors' code does; "
        "their intervals are for other images of the same classes."
    )
    if groups.source == "random":
        yield (
            f"Vocabularies are groups of about {settings.group_size} drawn at random, not "
            "superclasses; vocabularies={...} gives others."
        )
    empty = [n for at, n in enumerate(groups.names) if not (found.home == at).any()]
    if empty:
        yield f"Vocabularies without images only add labels: {', '.join(empty[:10])}."
    sampled = sum(map(len, seen.sampled))
    if sampled < len(seen.keys):
        yield f"Uniformity of images is over the pairs of {sampled:,} of them."
    yield "No interval is claimed of uniformity, of quantiles of margins, or of adversarial words."
    if losses.words:
        yield (
            "A word's harm is chosen on one half of the images and seen on the other, both ways; "
            "words of images that truly show them are no failure of the model."
        )
    if not settings.captions:
        yield "Retrieval-enhanced prompts were left out: captions=FILE brings them."


def _table(
    curves: Mapping[str, tuple[NDArray[np.float64], NDArray[np.float64]]],
) -> pa.Table:
    rows = [
        {"curve": name, "vocabularies": int(step), "accuracy": float(value)}
        for name, (steps, values) in curves.items()
        for step, value in zip(steps, values, strict=True)
    ]
    return pa.Table.from_pylist(rows)
