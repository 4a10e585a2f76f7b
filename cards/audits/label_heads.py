"""The labels an audit tells apart, and the head that scores a model's vectors with them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from benchwright.cards.audits.classed import ClassImages
from benchwright.cards.audits.name_lists import listed
from benchwright.cards.audits.subject import Subject
from benchwright.cards.audits.text_vectors import label_vectors
from benchwright.curation.labelling.classes import Classes, MinedClass, classes
from benchwright.curation.labelling.heads import Head, TextHead, own_head
from benchwright.curation.labelling.label_sets import IMAGENET, LabelSet, label_set
from benchwright.curation.vocabulary import VocabularyClass
from benchwright.dataset import RECIPE
from benchwright.errors import ModelError, RecipeError
from benchwright.recipe_file import parse


@dataclass(frozen=True, slots=True)
class Labels:
    """A label set, and which of its labels are the classes of a set.

    Attributes:
        name: how it was chosen, for the record.
        chosen: the labels, in order; the order settles ties.
        own: int64 [classes], the label of each class.
        instead_of: the labels that the set was mined with, where a classifier does not know them
            all; else "".
    """

    name: str
    chosen: LabelSet
    own: NDArray[np.int64]
    instead_of: str = ""

    @property
    def names(self) -> tuple[str, ...]:
        """The labels."""
        return self.chosen.labels


def own_labels(images: ClassImages) -> Labels:
    """The classes of a set as its labels."""
    own = _classes(images)
    at = np.arange(len(own.entries), dtype=np.int64)
    return Labels("its classes", LabelSet(own.names, own.entries), at)


def labels_for(images: ClassImages, setting: str) -> Labels:
    """The labels that a set's images are told apart by.

    Args:
        images: with the classes.
        setting: ``imagenet-1k``, a vocabulary or file of classes; "" for what the set's recipe
            names as its labels, else ImageNet-1k where every class has a number in it, else the
            classes themselves. A classifier that does not know all of these is asked among its
            own, ImageNet-1k's.

    Raises:
        RecipeError: a class is none of the labels, or several.
        VocabularyError: a file that is no list of classes.
        ModelError: a classifier that has no label for a class.
    """
    own = _classes(images)
    source: str | Sequence[str] = setting or _recipe_labels(images.subject)
    if not source and all(entry.index >= 0 for entry in own.entries):
        source = IMAGENET
    stated = own_labels(images) if not source else _labels(source, own)
    if setting or images.subject.has_text or _answers(images.subject, stated):
        return stated
    return replace(_in_imagenet(images.subject, own), instead_of=stated.name)


def _labels(source: str | Sequence[str], own: Classes) -> Labels:
    found = label_set(source)
    said = source if isinstance(source, str) else ", ".join(source)
    return Labels(said, found, found.positions(own))


def _in_imagenet(subject: Subject, own: Classes) -> Labels:
    """ImageNet-1k's labels, if a classifier of these knows all classes."""
    columns = LabelSet(own.names, own.entries).imagenet_columns()
    if unknown := [name for name, of in zip(own.names, columns, strict=True) if not of]:
        raise ModelError(
            f"{subject.model.identity.id}: a classifier of ImageNet-1k, which has no label for "
            f"{listed(unknown)}; take a CLIP"
        )
    return _labels(IMAGENET, own)


def _answers(subject: Subject, labels: Labels) -> bool:
    """Whether a classifier knows all labels."""
    try:
        own_head(labels.chosen, subject.model.identity)
    except ModelError:
        return False
    return True


def _classes(images: ClassImages) -> Classes:
    """The classes of a set, with what the shipped vocabularies know of them."""
    known = {entry.name: entry for entry in _shipped_classes()}
    return Classes(tuple(
        _entry(name, id_, known) for name, id_ in zip(images.names, images.ids, strict=True)
    ))  # fmt: skip


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
