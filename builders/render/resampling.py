"""Halving, doubling and growing of the images that a sprite is made from."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def halved(image: NDArray[np.float32]) -> NDArray[np.float32]:
    """Mean over 2 x 2 blocks of [h, w, ...]; h and w are even."""
    height, width = image.shape[0] // 2, image.shape[1] // 2
    blocks = image.reshape(height, 2, width, 2, *image.shape[2:])
    return blocks.mean(axis=(1, 3), dtype=np.float32)


def doubled(image: NDArray[np.float32]) -> NDArray[np.float32]:
    """Bilinear enlargement of [h, w, 3] by two, cell centres aligned."""
    for axis in (0, 1):
        padded = np.concatenate([image.take([0], axis), image, image.take([-1], axis)], axis=axis)
        count = image.shape[axis]
        here = padded.take(range(1, count + 1), axis)
        before, after = padded.take(range(count), axis), padded.take(range(2, count + 2), axis)
        pair = np.stack([0.75 * here + 0.25 * before, 0.75 * here + 0.25 * after], axis=axis + 1)
        shape = list(image.shape)
        shape[axis] = 2 * count
        image = pair.reshape(shape).astype(np.float32)
    return image


def grown(marked: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Marked pixels [h, w] and their neighbours; none lies on the border."""
    for axis in (0, 1):
        marked = marked | np.roll(marked, 1, axis) | np.roll(marked, -1, axis)
    return marked
