"""From prompts to vectors: each text is encoded once for a model, and kept on disk.

80 prompts of 1,000 labels take a text tower minutes and 164 MB at a width of 512. The file is
mapped, not read: what memory holds of it is what is being looked at.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Sequence
from itertools import chain
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from benchwright.caches import cache_folder
from benchwright.curation.labelling import prompts
from benchwright.curation.models.identity import Model
from benchwright.errors import ModelError
from benchwright.shards import replacing

TEXTS_AT_ONCE = 2560
"""Texts encoded between two writes: their vectors are some 5 MB."""

LABELS_AT_ONCE = 32
"""Labels whose prompts are averaged at a time: with 80 templates 5 MB at a width of 512."""

Vectors = NDArray[np.float32]


def encoded(model: Model, texts: Sequence[str]) -> Vectors:
    """Unit vectors [texts, width], from the cache if these very texts were encoded before.

    They are kept by the model's whole identity, its weights' sha256 among it, and by the texts in
    their order. A file that cannot be read is made again.

    Args:
        model: a CLIP.
        texts: any.

    Raises:
        ModelError: a classifier, or a text that encodes to NaN.
        DatasetError: the cache cannot be written.
    """
    if not texts:
        return np.zeros((0, model.identity.width), np.float32)
    path = _place(model, texts)
    shape = (len(texts), model.identity.width)
    kept = _kept(path, shape)
    if kept is None:
        _write(path, model, texts, shape)
        kept = _kept(path, shape)
        assert kept is not None
    return kept


def prompt_vectors(model: Model, labels: Sequence[str], prompt: str) -> Vectors:
    """Unit vectors [labels, templates, width] of each label in each template of a prompt.

    Raises:
        RecipeError: no such prompt.
        ModelError: a classifier, or a text that encodes to NaN.
    """
    templates = prompts.templates(prompt, "labels")
    texts = [text for label in labels for text in prompts.of_label(label, templates)]
    return encoded(model, texts).reshape(len(labels), len(templates), model.identity.width)


def label_vectors(model: Model, labels: Sequence[str], prompt: str) -> Vectors:
    """Unit vectors [labels, width]: each label in all templates of a prompt, averaged.

    Raises:
        RecipeError: no such prompt.
        ModelError: a classifier, or a text that encodes to NaN.
    """
    return ensemble(prompt_vectors(model, labels, prompt))


def ensemble(vectors: Vectors, weights: NDArray[np.float64] | None = None) -> Vectors:
    """Unit vectors [labels, width]: the prompts of each label averaged (Radford et al., 3.1.4).

    Args:
        vectors: [labels, templates, width].
        weights: [templates, labels], summing to 1 over the templates; None for equal ones.
    """
    found = np.empty((len(vectors), vectors.shape[2]), np.float32)
    for start in range(0, len(vectors), LABELS_AT_ONCE):
        some = slice(start, start + LABELS_AT_ONCE)
        if weights is None:
            found[some] = vectors[some].mean(axis=1)
        else:
            found[some] = (weights.T[some, None, :] @ vectors[some])[:, 0]
    return unit(found)


def unit(vectors: NDArray[np.floating]) -> Vectors:
    """Float32 vectors of unit length."""
    return (vectors / np.linalg.norm(vectors, axis=-1, keepdims=True)).astype(np.float32)


def _place(model: Model, texts: Sequence[str]) -> Path:
    """Whatever could make the vectors others is in the name; equal weights may act differently."""
    digest = hashlib.sha256(json.dumps(model.identity.to_dict(), sort_keys=True).encode())
    for text in texts:
        digest.update(json.dumps(text).encode())
    folder = cache_folder() / "texts" / model.identity.sha256[:16]
    return folder / f"{digest.hexdigest()[:32]}.npy"


def _kept(path: Path, shape: tuple[int, int]) -> Vectors | None:
    try:
        found: Vectors = np.load(path, mmap_mode="r")
    except (OSError, ValueError, EOFError):  # not there, cut short, or no array
        return None
    return found if found.shape == shape and found.dtype == np.float32 else None


def _write(path: Path, model: Model, texts: Sequence[str], shape: tuple[int, int]) -> None:
    parts = _encode(model, texts)
    first = next(parts)  # loads the tokenizer, whose failure would be none of the disk's
    header = {"descr": "<f4", "fortran_order": False, "shape": shape}
    with replacing(path) as file:
        np.lib.format.write_array_header_1_0(file, header)
        for part in chain((first,), parts):
            file.write(part.astype("<f4").tobytes())


def _encode(model: Model, texts: Sequence[str]) -> Iterator[Vectors]:
    for start in range(0, len(texts), TEXTS_AT_ONCE):
        vectors = model.encode_texts(texts[start : start + TEXTS_AT_ONCE])
        if not np.isfinite(vectors).all():
            raise ModelError(
                f"{model.identity.id}: encodes texts to NaN; try --dtype float32, or mend its "
                "weights"
            )
        yield vectors
