"""What reading images fast changes: ``fast`` against ``exact``, same model, same images."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING

import numpy as np

from benchwright.curation.models.decoding import ImageRefused
from benchwright.curation.models.preprocess import crop_exact, crop_fast
from benchwright.curation.models.prompts import label_vectors
from benchwright.errors import ModelError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from benchwright.curation.models.identity import Model

BATCH = 64
"""Images encoded at once: two crops each are held."""


@dataclass(frozen=True, slots=True)
class Drift:
    """How far ``fast`` vectors and what is concluded from them lie from ``exact`` ones.

    Attributes:
        images: measured.
        refused: could not be read, in either mode.
        cosine_mean: of an image's two vectors.
        cosine_p1: a hundredth of the images lie below.
        cosine_least: of all.
        score_mean: mean absolute change of a label's score (cosine; of a classifier, logit).
        score_most: largest change of a score.
        top1_same: share of images whose best label stays.
        rank_mean: mean absolute change of rank over all labels and images, in places.
        rank_most: largest fall of a label that was best.
    """

    images: int
    refused: int
    cosine_mean: float
    cosine_p1: float
    cosine_least: float
    score_mean: float
    score_most: float
    top1_same: float
    rank_mean: float
    rank_most: int


def drift(model: Model, images: Iterable[bytes], labels: Sequence[str] = ()) -> Drift:
    """Measure what ``crop_fast`` changes.

    Args:
        model: a CLIP, whose scores are cosines with ``labels`` in the single prompt; or a
            classifier, whose scores are its logits.
        images: bytes of image files, read once.
        labels: for a CLIP, two or more.

    Raises:
        ModelError: no image could be read, or a CLIP without labels.
    """
    heads = label_vectors(model, labels) if model.identity.kind == "clip" and labels else None
    if heads is None and model.identity.kind == "clip":
        raise ModelError(f"{model.identity.id}: a CLIP's scores need labels to compare with")
    cosines, changes, ranks, tops, kept, refused = [], [], [], [], [], 0
    for chunk in _chunks(images):
        pairs = _crops(model, chunk)
        refused += len(chunk) - len(pairs)
        if not pairs:
            continue
        exact = _encode(model, [pair[0] for pair in pairs])
        fast = _encode(model, [pair[1] for pair in pairs])
        cosines.append(_cosines(exact, fast))
        scored = (exact, fast) if heads is None else (exact @ heads.T, fast @ heads.T)
        before, after = (_ranks(scores) for scores in scored)
        changes.append(np.abs(scored[0] - scored[1]))
        ranks.append(np.abs(before - after))
        best = np.argmin(before, axis=1)
        tops.append(after[np.arange(len(best)), best])
        kept.append(len(pairs))
    if not kept:
        raise ModelError(f"none of {refused:,} images could be read")
    cosine, change, top = np.concatenate(cosines), np.concatenate(changes), np.concatenate(tops)
    return Drift(
        images=sum(kept),
        refused=refused,
        cosine_mean=float(cosine.mean()),
        cosine_p1=float(np.quantile(cosine, 0.01)),
        cosine_least=float(cosine.min()),
        score_mean=float(change.mean()),
        score_most=float(change.max()),
        top1_same=float((top == 0).mean()),
        rank_mean=float(np.concatenate(ranks).mean()),
        rank_most=int(top.max()),
    )


def _chunks(images: Iterable[bytes]) -> Iterator[list[bytes]]:
    stream = iter(images)
    while chunk := list(islice(stream, BATCH)):
        yield chunk


def _crops(
    model: Model, files: Sequence[bytes]
) -> list[tuple[NDArray[np.uint8], NDArray[np.uint8]]]:
    pairs = []
    for data in files:
        try:
            pairs.append((crop_exact(data, model.preprocess), crop_fast(data, model.preprocess)))
        except ImageRefused:
            continue
    return pairs


def _encode(model: Model, crops: Sequence[NDArray[np.uint8]]) -> NDArray[np.float32]:
    import torch

    pixels = torch.from_numpy(np.stack(crops)).permute(0, 3, 1, 2).to(model.device)
    return np.asarray(model.encode_images(pixels).cpu().numpy(), dtype=np.float32)


def _cosines(one: NDArray[np.float32], other: NDArray[np.float32]) -> NDArray[np.float32]:
    lengths = np.linalg.norm(one, axis=1) * np.linalg.norm(other, axis=1)
    return np.asarray((one * other).sum(axis=1) / lengths, dtype=np.float32)


def _ranks(scores: NDArray[np.float32]) -> NDArray[np.int64]:
    """Place of each label, 0 the best; equal scores by order of labels."""
    order = np.argsort(-scores, axis=1, kind="stable")
    return np.argsort(order, axis=1, kind="stable")
