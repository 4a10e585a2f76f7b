"""Heads: what turns stored vectors into logits over labels or backgrounds, without any model."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from benchwright.curation.labelling import prompts
from benchwright.curation.labelling.backgrounds import Backgrounds
from benchwright.curation.labelling.classes import Classes
from benchwright.curation.labelling.label_sets import LabelSet
from benchwright.curation.labelling.text_vectors import TextVectors
from benchwright.curation.labelling.verdicts import Floats
from benchwright.curation.models.identity import ModelIdentity
from benchwright.curation.models.imagenet import imagenet_labels
from benchwright.errors import ModelError, did_you_mean


class Head(Protocol):
    """Logits over a label set."""

    @property
    def digest(self) -> str:
        """Equal where the logits of equal vectors are."""
        ...

    def scores(self, vectors: Floats) -> Floats:
        """float32 [n, labels]: cosines of a CLIP, logits of a classifier."""
        ...

    def logits(self, vectors: Floats) -> Floats:
        """float32 [n, labels], to take a softmax of."""
        ...


@dataclass(frozen=True, slots=True, eq=False)
class TextHead:
    """A CLIP's head: a vector a label.

    Attributes:
        vectors: float32 [labels, width], of unit length.
        scale: what cosines are multiplied by before a softmax.
    """

    vectors: Floats
    scale: float

    @property
    def digest(self) -> str:
        """sha256 of vectors and scale, first 16 digits."""
        return _digest(self.vectors, self.scale)

    def scores(self, vectors: Floats) -> Floats:
        """Cosines; the vectors are of unit length."""
        return vectors @ self.vectors.T

    def logits(self, vectors: Floats) -> Floats:
        """Scaled cosines."""
        return self.scores(vectors) * np.float32(self.scale)


@dataclass(frozen=True, slots=True)
class OwnHead:
    """A classifier's head: its logits are the vectors, of which some columns are the labels.

    Attributes:
        columns: of each label; several where the classifier has several for one name.
    """

    columns: tuple[tuple[int, ...], ...]

    @property
    def digest(self) -> str:
        """sha256 of the columns, first 16 digits."""
        return hashlib.sha256(repr(self.columns).encode()).hexdigest()[:16]

    def scores(self, vectors: Floats) -> Floats:
        """The same as ``logits``."""
        return self.logits(vectors)

    def logits(self, vectors: Floats) -> Floats:
        """Of each label; columns of one label join by their probabilities' sum."""
        first = vectors[:, [columns[0] for columns in self.columns]]
        for label, columns in enumerate(self.columns):
            for column in columns[1:]:
                first[:, label] = np.logaddexp(first[:, label], vectors[:, column])
        return first


@dataclass(frozen=True, slots=True, eq=False)
class BackgroundHead:
    """A CLIP's head for the background of a thing whose class is known.

    Attributes:
        vectors: float32 [classes, backgrounds, width], of unit length.
        scale: as of ``TextHead``.
    """

    vectors: NDArray[np.float32]
    scale: float

    @property
    def digest(self) -> str:
        """sha256 of vectors and scale, first 16 digits."""
        return _digest(self.vectors, self.scale)

    def of_class(self, index: int) -> TextHead:
        """The head over backgrounds for things of a class."""
        return TextHead(self.vectors[index], self.scale)


def label_head(labels: LabelSet, prompt: str, texts: TextVectors) -> TextHead:
    """A CLIP's head over a label set.

    Args:
        labels: to choose among.
        prompt: name or template, as of ``prompts.templates``.
        texts: of the model.

    Raises:
        RecipeError: no such prompt.
        ModelError: the model cannot be had, or is another one than made the embeddings.
    """
    chosen = prompts.templates(prompt, "labels")
    vectors = texts.of([prompts.of_label(label, chosen) for label in labels.labels])
    return TextHead(vectors, texts.logit_scale)


def background_head(
    chosen: Classes, backgrounds: Backgrounds, prompt: str, texts: TextVectors
) -> BackgroundHead:
    """A judge's head for backgrounds: "a photo of a dog on the sand", for each class.

    Args:
        chosen: the classes.
        backgrounds: to choose among.
        prompt: name or template, as of ``prompts.templates``.
        texts: of the judge.

    Raises:
        RecipeError: no such prompt.
        ModelError: the model cannot be had, or is another one than made the embeddings.
    """
    templates = prompts.templates(prompt, "backgrounds")
    sets = [
        prompts.of_background(name, background, templates)
        for name in chosen.names
        for background in backgrounds.entries
    ]
    shape = (len(chosen.names), len(backgrounds.names), texts.identity.width)
    return BackgroundHead(texts.of(sets).reshape(shape), texts.logit_scale)


def own_head(labels: LabelSet, identity: ModelIdentity) -> OwnHead:
    """A classifier's head over a label set: the columns its ImageNet labels have.

    Raises:
        ModelError: the classifier has no ImageNet-1k head, or no such label.
    """
    known = imagenet_labels()
    if identity.width != len(known):
        raise ModelError(
            f"{identity.id}: has {identity.width} labels, not the {len(known)} of ImageNet-1k; "
            "take a CLIP, or a classifier of ImageNet-1k"
        )
    columns = labels.imagenet_columns()
    for name, found in zip(labels.labels, columns, strict=True):
        if not found:
            hint = did_you_mean(name, [label.name for label in known])
            raise ModelError(f'{identity.id}: knows no label "{name}"{hint}; take a CLIP')
    return OwnHead(tuple(tuple(found) for found in columns))


def _digest(vectors: Floats, scale: float) -> str:
    return hashlib.sha256(vectors.tobytes() + repr(scale).encode()).hexdigest()[:16]
