"""How images and labels lie to one another: alignment, uniformity, margins.

Wang & Isola 2020 define the first two; "Delving into the Openness of CLIP" (arXiv 2206.01986) looks
at all three to say why accuracy falls as labels are added.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from benchwright.cards.audits.bounds import unclaimed
from benchwright.cards.audits.result import Result
from benchwright.statistics.intervals import LEVEL, two_sided_z

QUANTILES = (0.05, 0.25, 0.5, 0.75, 0.95)
"""Of the margins, among the results; the outcomes have every image's."""


def feature_results(
    distances: NDArray[np.float32],
    margin: NDArray[np.float32],
    texts: NDArray[np.float32],
    images: NDArray[np.float32],
) -> Iterator[Result]:
    """Alignment with its interval; uniformity and quantiles of margins, of which none is claimed.

    Args:
        distances: [n], squared, of each image to its label.
        margin: [n], of ``margins``.
        texts: [C, width], of unit length.
        images: [m, width], of unit length: some of the images.
    """
    apart, n = distances.astype(np.float64), len(distances)
    mean = float(apart.mean())
    half = two_sided_z(LEVEL) * float(apart.std(ddof=min(1, n - 1))) / np.sqrt(n)
    yield Result(measure="alignment", n=n, estimate=mean, low=mean - half, high=mean + half)
    for which, vectors in (("texts", texts), ("images", images)):
        yield unclaimed(f"uniformity, {which}", "", len(vectors), uniformity(vectors))
    for at, value in zip(QUANTILES, np.quantile(margin, QUANTILES), strict=True):
        yield unclaimed("margin", f"{at:.0%} quantile", n, float(value))


def distances(images: NDArray[np.float32], texts: NDArray[np.float32]) -> NDArray[np.float32]:
    """||f(x) - g(t)||^2 of matching pairs; their mean is alignment (Wang & Isola, alpha = 2).

    Args:
        images: float32 [n, width], of unit length.
        texts: float32 [n, width], of unit length: each image's own label.
    """
    found: NDArray[np.float32] = ((images - texts) ** 2).sum(axis=1)
    return found


def uniformity(vectors: NDArray[np.float32]) -> float:
    """Log E exp(-2 ||u - v||^2) over pairs of different vectors (Wang & Isola 2020, t = 2).

    Args:
        vectors: float32 [n, width], of unit length; n^2 / 2 pairs are looked at.
    """
    total, count = 0.0, len(vectors)
    for start in range(0, count, 1024):
        block = vectors[start : start + 1024]
        cosines = block @ vectors.T
        kernel = np.exp(-4 * (1 - np.clip(cosines, -1, 1).astype(np.float64)))
        at = np.arange(len(block))
        total += float(kernel.sum() - kernel[at, start + at].sum())
    return float(np.log(total / (count * (count - 1)))) if count > 1 else 0.0


def margins(scores: NDArray[np.float32], truth: NDArray[np.int32]) -> NDArray[np.float32]:
    """float32 [n]: sim(x, t_y) - max over j != y of sim(x, t_j).

    Args:
        scores: float32 [n, C], C at least 2.
        truth: int32 [n].
    """
    rows = np.arange(len(truth))
    others = scores.copy()
    others[rows, truth] = -np.inf
    found: NDArray[np.float32] = scores[rows, truth] - others.max(axis=1)
    return found
