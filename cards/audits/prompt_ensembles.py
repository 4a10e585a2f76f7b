"""Ensembles of prompts, weighted by how far each keeps a class apart from the others.

After "Investigating the Limitation of CLIP Models" (arXiv 2310.03324): a prompt's weight for a
class is the softmax of its class-wise matching margin over the candidate prompts, and the worst
classes get descriptions as further candidates. Margins are of form A, which class means of images
suffice for: no image is looked at once a prompt.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib import resources
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from benchwright.cards.audits.label_heads import LABELS_AT_ONCE, checked, chunked
from benchwright.cards.audits.matching_margin import prompt_weights
from benchwright.curation.labelling import prompts
from benchwright.curation.labelling.classes import spoken
from benchwright.curation.models.identity import Model
from benchwright.errors import RecipeError

DESCRIPTIONS = "vocabulary/descriptions.json"
"""In ``benchwright.data``: our own, of the shipped vocabularies' classes."""

Vectors = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class ClassMeans:
    """Sums of image vectors by the class they were assigned to.

    Attributes:
        sums: float64 [C, width].
        weight: float64 [C], images, or the sum of their shares; 0 of a class without any.
    """

    sums: NDArray[np.float64]
    weight: NDArray[np.float64]

    @property
    def means(self) -> NDArray[np.float64]:
        """Float64 [C, width]; NaN of a class without images."""
        with np.errstate(invalid="ignore", divide="ignore"):
            found: NDArray[np.float64] = self.sums / self.weight[:, None]
        return found


def prompt_vectors(model: Model, names: Sequence[str], prompt: str) -> NDArray[np.float16]:
    """Unit vectors [P, C, width] of each label in each template, in half precision.

    80 templates of 1,000 labels are 82 MB at a width of 512; vectors of images are stored no finer.

    Raises:
        RecipeError: no such prompt.
        ModelError: a classifier, or texts that encode to NaN.
    """
    templates = prompts.templates(prompt, "labels")
    found = np.empty((len(templates), len(names), model.identity.width), np.float16)
    done = 0
    for some in chunked(names, LABELS_AT_ONCE):
        texts = [text for name in some for text in prompts.of_label(name, templates)]
        vectors = checked(model, model.encode_texts(texts))
        by_label = vectors.reshape(len(some), len(templates), -1)
        found[:, done : done + len(some)] = by_label.transpose(1, 0, 2)
        done += len(some)
    return found


def ensemble(vectors: NDArray[np.float16], weights: NDArray[np.float64] | None = None) -> Vectors:
    """Unit vectors [C, width]: the prompts of each label averaged, by weights [P, C] if given."""
    total = np.zeros(vectors.shape[1:], np.float64)
    for number, of_prompt in enumerate(vectors):
        total += of_prompt if weights is None else of_prompt * weights[number][:, None]
    return unit(total)


def unit(vectors: NDArray[np.floating]) -> Vectors:
    """Float32 vectors of unit length."""
    return (vectors / np.linalg.norm(vectors, axis=-1, keepdims=True)).astype(np.float32)


def margins_of_prompts(means: ClassMeans, vectors: NDArray[np.float16]) -> NDArray[np.float64]:
    """CMM, form A, of each class with each prompt: float64 [P, C]; NaN without images."""
    found = np.empty(vectors.shape[:2])
    centre = means.means
    for number, of_prompt in enumerate(vectors):
        scores = centre @ of_prompt.astype(np.float64).T
        own = np.diag(scores).copy()
        np.fill_diagonal(scores, -np.inf)
        found[number] = own - scores.max(axis=1)
    return found


def described(
    means: ClassMeans,
    vectors: NDArray[np.float16],
    margins: NDArray[np.float64],
    extra: Mapping[int, Vectors],
    temperature: float,
) -> Vectors:
    """The weighted ensemble, some labels with descriptions among their candidates.

    A description has no counterpart of other labels; its rivals are their plain ensembles.

    Args:
        means: of the images.
        vectors: [P, C, width] of the templates.
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
        candidates = np.concatenate([vectors[:, label].astype(np.float64), texts])
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
