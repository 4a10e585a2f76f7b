"""Ensembles of prompts, weighted by how far each keeps a class apart from the others.

After "Investigating the Limitation of CLIP Models" (arXiv 2310.03324): a prompt's weight for a
class is the softmax of its class-wise matching margin over the candidate prompts, and the worst
classes get descriptions as further candidates. Margins are of form A, which class means of images
suffice for: no image is looked at once a prompt.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import resources
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from benchwright.cards.audits.matching_margin import add_rows, prompt_weights
from benchwright.cards.audits.text_vectors import Vectors, ensemble, unit
from benchwright.curation.labelling.classes import spoken
from benchwright.errors import RecipeError

DESCRIPTIONS = "vocabulary/descriptions.json"
"""In ``benchwright.data``: our own, of the shipped vocabularies' classes."""


@dataclass(frozen=True, slots=True)
class ClassMeans:
    """Sums of image vectors by the class they were assigned to.

    Attributes:
        sums: float64 [C, width].
        weight: float64 [C], images, or the sum of their shares; 0 of a class without any.
    """

    sums: NDArray[np.float64]
    weight: NDArray[np.float64]

    def add(self, vectors: Vectors, classes: NDArray[np.integer]) -> None:
        """Add images [n, width], each of one class."""
        add_rows(self.sums, vectors, classes)
        self.weight[:] += np.bincount(classes, minlength=len(self.weight))

    def add_soft(self, vectors: Vectors, shares: Vectors) -> None:
        """Add images [n, width] that belong to each class by a share, [n, C]."""
        self.sums[:] += shares.T @ vectors
        self.weight[:] += shares.sum(axis=0, dtype=np.float64)

    @property
    def means(self) -> NDArray[np.float64]:
        """Float64 [C, width]; NaN of a class without images."""
        with np.errstate(invalid="ignore", divide="ignore"):
            found: NDArray[np.float64] = self.sums / self.weight[:, None]
        return found


def margins_of_prompts(means: ClassMeans, vectors: Vectors) -> NDArray[np.float64]:
    """CMM, form A, of each class with each prompt; NaN without images.

    Args:
        means: of the images.
        vectors: [C, P, width] of the templates.

    Returns:
        float64 [P, C].
    """
    count, prompts, _ = vectors.shape
    found = np.empty((prompts, count))
    centre = means.means
    for number in range(prompts):
        scores = centre @ vectors[:, number].astype(np.float64).T
        own = np.diag(scores).copy()
        np.fill_diagonal(scores, -np.inf)
        found[number] = own - scores.max(axis=1)
    return found


def described(
    means: ClassMeans,
    vectors: Vectors,
    margins: NDArray[np.float64],
    extra: Mapping[int, Vectors],
    temperature: float,
) -> Vectors:
    """The weighted ensemble, some labels with descriptions among their candidates.

    A description has no counterpart of other labels; its rivals are their plain ensembles.

    Args:
        means: of the images.
        vectors: [C, P, width] of the templates.
        margins: [P, C] of ``margins_of_prompts``.
        extra: label to float32 [d, width], its descriptions.
        temperature: of the softmax.
    """
    found = ensemble(vectors, prompt_weights(margins, temperature))
    rivals = ensemble(vectors).astype(np.float64)
    for label, texts in extra.items():
        centre = means.means[label]
        others = rivals @ centre
        others[label] = -np.inf
        theirs = texts.astype(np.float64) @ centre - others.max()
        together = np.concatenate([margins[:, label], theirs])[:, None]
        weights = prompt_weights(together, temperature)[:, 0]
        candidates = np.concatenate([vectors[label].astype(np.float64), texts])
        found[label] = unit(weights @ candidates)
    return found


def descriptions(path: str) -> dict[str, tuple[str, ...]]:
    """Class, as ``spoken``, to its descriptions.

    Args:
        path: a JSON file with ``descriptions``: class to a list of sentences; "" for the shipped.

    Raises:
        RecipeError: a file that is none.
    """
    where = Path(path) if path else resources.files("benchwright.data") / DESCRIPTIONS
    try:
        stated = json.loads(where.read_text("utf-8"))["descriptions"]
        found = {spoken(name): tuple(texts) for name, texts in stated.items()}
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise RecipeError(
            f'{where}: holds no "descriptions", a mapping from class to a list of sentences'
        ) from error
    if not all(isinstance(text, str) and text for texts in found.values() for text in texts):
        raise RecipeError(f"{where}: a description is not a sentence")
    return found
