"""The labels an audit tells apart, and the head that scores a model's vectors with them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from benchwright.cards.audits.classed import ClassImages
from benchwright.cards.audits.subject import Subject
from benchwright.curation.labelling import prompts
from benchwright.curation.labelling.classes import Classes, MinedClass, classes
from benchwright.curation.labelling.heads import Head, TextHead, own_head
from benchwright.curation.labelling.label_sets import IMAGENET, LabelSet, label_set
from benchwright.curation.models.identity import Model
from benchwright.curation.models.prompts import mean_vectors
from benchwright.curation.vocabulary import VocabularyClass
from benchwright.dataset import RECIPE
from benchwright.errors import ModelError, RecipeError
from benchwright.recipe_file import parse

LABELS_AT_ONCE = 32
"""Labels whose prompts are encoded at a time: with 80 templates 2,560 vectors, some 5 MB."""


@dataclass(frozen=True, slots=True)
class Labels:
    """A label set, and which of its labels are the classes of a set.

    Attributes:
        name: how it was chosen, for the record.
        chosen: the labels, in order; the order settles ties.
        own: int64 [classes], the label of each class.
    """

    name: str
    chosen: LabelSet
    own: NDArray[np.int64]

    @property
    def names(self) -> tuple[str, ...]:
        """The labels."""
        return self.chosen.labels


def labels_for(images: ClassImages, setting: str) -> Labels:
    """The labels that a set's images are told apart by.

    Args:
        images: with the classes.
        setting: ``imagenet-1k``, a vocabulary or file of classes; "" for what the set's recipe
            names as its labels, else ImageNet-1k where every class has a number in it, else the
            classes themselves.

    Raises:
        RecipeError: a class is none of the labels, or several.
        VocabularyError: a file that is no list of classes.
    """
    known = {entry.name: entry for entry in _shipped_classes()}
    own = Classes(tuple(
        _entry(name, id_, known) for name, id_ in zip(images.names, images.ids, strict=True)
    ))  # fmt: skip
    source: str | Sequence[str] = setting or _recipe_labels(images.subject)
    if not source and all(entry.index >= 0 for entry in own.entries):
        source = IMAGENET
    if not source:
        at = np.arange(len(own.entries), dtype=np.int64)
        return Labels("its classes", LabelSet(own.names, own.entries), at)
    found = label_set(source)
    said = source if isinstance(source, str) else ", ".join(source)
    return Labels(said, found, found.positions(own))


def _entry(name: str, id_: str, known: dict[str, MinedClass]) -> MinedClass:
    words = known[name].words if name in known else VocabularyClass(name)
    if id_.isdecimal():
        return MinedClass(words, index=int(id_))
    return MinedClass(words, id_)


def _shipped_classes() -> Sequence[MinedClass]:
    return (*classes("objects").entries, *classes("counteranimal").entries)


def _recipe_labels(subject: Subject) -> str | list[str]:
    """The labels that the set was mined with; "" where its recipe says none."""
    path = subject.dataset.folder / RECIPE
    try:
        stated = parse(path.read_text("utf-8"))
    except (OSError, UnicodeDecodeError, RecipeError):
        return ""
    labels = stated.get("labels", "")
    if isinstance(labels, list) and all(isinstance(label, str) for label in labels):
        return [str(label) for label in labels]
    return labels if isinstance(labels, str) else ""


def head(subject: Subject, labels: Labels, prompt: str) -> Head:
    """What scores a model's vectors with labels.

    Args:
        subject: with the model; a classifier's own head is taken, whatever the prompt.
        labels: to score.
        prompt: name or template, as of ``labelling.prompts.templates``.

    Raises:
        RecipeError: no such prompt.
        ModelError: a classifier that does not know a label, or texts that are not numbers.
    """
    if not subject.has_text:
        return own_head(labels.chosen, subject.model.identity)
    return TextHead(label_vectors(subject.model, labels.names, prompt), subject.model.logit_scale)


def label_vectors(model: Model, names: Sequence[str], prompt: str) -> NDArray[np.float32]:
    """Unit vectors [labels, width]: each label in a prompt's templates, averaged, a few at a time.

    Raises:
        RecipeError: no such prompt.
        ModelError: a classifier, or texts that encode to NaN.
    """
    templates = prompts.templates(prompt, "labels")
    parts = [
        mean_vectors(model, [prompts.of_label(name, templates) for name in some])
        for some in chunked(names, LABELS_AT_ONCE)
    ]
    return checked(model, np.concatenate(parts))


def chunked(names: Sequence[str], size: int) -> list[Sequence[str]]:
    """Names, so many at a time."""
    return [names[start : start + size] for start in range(0, len(names), size)]


def checked(model: Model, vectors: NDArray[np.float32]) -> NDArray[np.float32]:
    """Vectors of texts, if they are numbers.

    Raises:
        ModelError: one is not.
    """
    if not np.isfinite(vectors).all():
        raise ModelError(
            f"{model.identity.id}: encodes texts to NaN; try --dtype float32, or mend its weights"
        )
    return vectors
