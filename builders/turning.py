"""Rotations."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray


def rotation(degrees: Sequence[float]) -> NDArray[np.float64]:
    """The rotation matrix [3, 3] that turns about x, then y, then z, by these degrees.

    Counter-clockwise seen from the axis's positive end, as everywhere.
    """
    turned = np.eye(3)
    for axis, angle in enumerate(np.radians(np.asarray(degrees, dtype=np.float64))):
        one, other = (axis + 1) % 3, (axis + 2) % 3
        turn = np.eye(3)
        turn[[one, other], [one, other]] = np.cos(angle)
        turn[one, other], turn[other, one] = -np.sin(angle), np.sin(angle)
        turned = turn @ turned
    return turned
