"""The soft dark blob under what has no light of its own: silhouettes and cutouts."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from benchwright.builders.sprites import RATIO_ONE

DEPTH = 0.55
"""Share of light the shadow takes at its middle."""


def contact_shadow(width: int, height: int) -> tuple[NDArray[np.uint8], tuple[int, int]]:
    """A blob around an anchor, without any bounce of colour.

    Args:
        width: its half axis across, shadow pixels.
        height: its half axis in depth.

    Returns:
        Codes as in ``Sprite.shadow``, uint8 [h, w, 3], and the anchor (column, row) in them.
    """
    x, y = (np.arange(-half, half) + 0.5 for half in (width, height))
    away = np.minimum((x[None, :] / width) ** 2 + (y[:, None] / height) ** 2, 1.0)
    codes = np.rint(RATIO_ONE * np.sqrt(1.0 - DEPTH * (1.0 - away) ** 2)).astype(np.uint8)
    padded = np.pad(np.repeat(codes[:, :, None], 3, axis=2), ((1, 1), (1, 1), (0, 0)),
                    constant_values=RATIO_ONE)  # fmt: skip
    return padded, (width + 1, height + 1)
