"""Smooth continuation of an image into where it isn't known."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def continued(image: NDArray[np.float32], known: NDArray[np.bool_]) -> NDArray[np.float32]:
    """Fill the unknown pixels from the known ones around them, nearer ones counting more.

    Push-pull: averages of known pixels over ever larger blocks, then each unknown pixel taken
    from the finest level that knows it, interpolated.

    Args:
        image: [h, w, c].
        known: [h, w]; at least one pixel is.

    Returns:
        [h, w, c], equal to ``image`` where known.
    """
    filled = _filled(image, known.astype(np.float32))
    return np.where(known[..., None], image, filled).astype(np.float32)


def _filled(image: NDArray[np.float32], weight: NDArray[np.float32]) -> NDArray[np.float32]:
    height, width = weight.shape
    if weight.min() > 0 or max(height, width) == 1:
        return image
    padding = ((0, height % 2), (0, width % 2))
    weights = np.pad(weight, padding)
    values = np.pad(image, (*padding, (0, 0))) * weights[..., None]
    blocks = (weights.shape[0] // 2, 2, weights.shape[1] // 2, 2)
    total = weights.reshape(blocks).sum(axis=(1, 3))
    mean = values.reshape(*blocks, -1).sum(axis=(1, 3)) / np.maximum(total, 1e-6)[..., None]
    coarse = _filled(mean.astype(np.float32), np.minimum(total, 1.0).astype(np.float32))
    fine = _smoothed(np.repeat(np.repeat(coarse, 2, axis=0), 2, axis=1))[:height, :width]
    known = weight[..., None]
    return (known * image + (1.0 - known) * fine).astype(np.float32)


def _smoothed(image: NDArray[np.float32]) -> NDArray[np.float32]:
    """Binomial blur over 3 x 3: turns repeated blocks into bilinear interpolation."""
    for axis in (0, 1):
        edge = [(1, 1) if index == axis else (0, 0) for index in range(image.ndim)]
        padded = np.pad(image, edge, mode="edge")
        count = image.shape[axis]
        before, here, after = (padded.take(range(i, i + count), axis) for i in range(3))
        image = 0.25 * before + 0.5 * here + 0.25 * after
    return image
