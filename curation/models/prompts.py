"""From prompts to the vectors a zero-shot classifier compares images with."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from benchwright.curation.models.identity import Model

SINGLE = "A photo of {label}."
"""The prompt CounterAnimal's authors classify with (SCIENCE 2.2)."""


@cache
def openai_templates() -> tuple[str, ...]:
    """The 80 templates of Radford et al. 2021 for ImageNet, with ``{label}`` for the name."""
    from open_clip import OPENAI_IMAGENET_TEMPLATES

    return tuple(template("{label}") for template in OPENAI_IMAGENET_TEMPLATES)


def label_vectors(
    model: Model, labels: Sequence[str], templates: Sequence[str] = (SINGLE,)
) -> NDArray[np.float32]:
    """Unit vectors [labels, width]: each label in all templates, averaged (3.1.4 of the paper).

    Args:
        model: a CLIP.
        labels: as they stand in a sentence.
        templates: with ``{label}`` where the name goes.

    Raises:
        ModelError: the model is a classifier.
    """
    return mean_vectors(model, [[t.replace("{label}", name) for t in templates] for name in labels])


def mean_vectors(model: Model, groups: Sequence[Sequence[str]]) -> NDArray[np.float32]:
    """Unit vectors [groups, width]: the texts' unit vectors, averaged, made unit length again.

    A text that occurs in several groups is encoded once.

    Raises:
        ModelError: the model is a classifier.
        ValueError: a group has no text.
    """
    if not all(groups):
        raise ValueError("a group without a text has no vector")
    texts = list(dict.fromkeys(text for group in groups for text in group))
    row = {text: number for number, text in enumerate(texts)}
    vectors = model.encode_texts(texts)
    means = np.empty((len(groups), model.identity.width), dtype=np.float32)
    for number, group in enumerate(groups):
        means[number] = vectors[[row[text] for text in group]].mean(axis=0)
    return means / np.linalg.norm(means, axis=1, keepdims=True)
