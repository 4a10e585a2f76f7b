"""Rectangles of pixels: where a layer lies on an image, and how such rectangles overlap."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from typing import NamedTuple


class Window(NamedTuple):
    """A rectangle of image pixels; ``right`` and ``bottom`` are the first pixels beyond it."""

    left: int
    top: int
    right: int
    bottom: int

    def slices(self, corner: tuple[int, int] = (0, 0)) -> tuple[slice, slice]:
        """Rows and columns of the window in an array whose first pixel is at ``corner``."""
        left, top = corner
        return slice(self.top - top, self.bottom - top), slice(self.left - left, self.right - left)

    def overlaps(self, other: Window) -> bool:
        """Whether the two share a pixel."""
        return (
            self.left < other.right
            and other.left < self.right
            and self.top < other.bottom
            and other.top < self.bottom
        )


def clipped(corner: tuple[int, int], shape: tuple[int, ...], frame: tuple[int, ...]) -> Window:
    """The part inside an image of an array [h, w, ...] whose first pixel is at ``corner``.

    Args:
        corner: (column, row), may be outside.
        shape: the array's.
        frame: the image's, (height, width, ...).

    Returns:
        The window, empty but inside the image where the array is wholly outside.
    """
    left, top = min(max(corner[0], 0), frame[1]), min(max(corner[1], 0), frame[0])
    right, bottom = min(corner[0] + shape[1], frame[1]), min(corner[1] + shape[0], frame[0])
    return Window(left, top, max(left, right), max(top, bottom))


def disjoint(windows: list[Window]) -> Iterator[Window]:
    """Windows that cover the union of the given ones, each pixel once."""
    edges = sorted({edge for window in windows for edge in (window.top, window.bottom)})
    for top, bottom in pairwise(edges):
        reach = -1
        spans = sorted(w[::2] for w in windows if w.top <= top and bottom <= w.bottom)
        start = -1
        for left, right in spans:
            if left > reach:
                if reach > start:
                    yield Window(start, top, reach, bottom)
                start = left
            reach = max(reach, right)
        if reach > start:
            yield Window(start, top, reach, bottom)
