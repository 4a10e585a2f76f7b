"""The interval of a weighted mean of images, whose classes are given and not drawn."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from benchwright.statistics.intervals import wilson


def weighted_mean(
    parts: NDArray[np.floating], classes: NDArray[np.integer]
) -> tuple[float, float, float]:
    """A mean in [0, 1] with Wilson's interval at its effective number of images.

    The effective n is what as many independent yes-or-no answers would need for the same variance,
    which is that of images within their classes: which classes there are, and how many images of
    each, is not left to chance.

    Args:
        parts: [n], what each image adds to the mean; they sum to it.
        classes: int [n], the class of each.

    Returns:
        The mean and its bounds.
    """
    estimate = float(np.clip(parts.sum(), 0, 1))
    _, at = np.unique(classes, return_inverse=True)
    sizes = np.bincount(at)
    means = np.bincount(at, weights=parts) / sizes
    # A class of one image shows no spread: it is set against the mean of all.
    centre = np.where(sizes > 1, means, parts.mean())
    squares = np.bincount(at, weights=(parts - centre[at]) ** 2)
    variance = float((sizes * squares / np.maximum(sizes - 1, 1)).sum())
    n = estimate * (1 - estimate) / variance if variance > 0 else float(len(parts))
    low, high = wilson(estimate * n, n) if n > 0 else (np.float64(0), np.float64(1))
    return estimate, float(low), float(high)
