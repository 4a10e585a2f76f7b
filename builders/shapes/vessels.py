"""Hollow vessels with handles: mug and pot."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from benchwright.builders.shapes.forming import cut, joined, tube, turned
from benchwright.builders.shapes.outlines import rounded

if TYPE_CHECKING:
    from trimesh import Trimesh

    from benchwright.builders.shapes.forming import Points


def _flared(count: int, radius: float, flare: float) -> Points:
    """Radii of a handle that widens by ``flare`` where its two ends meet the wall."""
    s = np.linspace(0.0, 1.0, count)
    return np.asarray(radius + flare * (np.exp(-s / 0.05) + np.exp((s - 1.0) / 0.05)))


def mug() -> Trimesh:
    """A mug with a rounded rim, its ear-shaped handle to +x."""
    from shapely import Polygon

    outer, inner, top, floor = 0.74, 0.63, 1.7, 0.12
    wall = [(outer, 0.0), (outer, top), (inner, top), (inner, floor)]
    section = Polygon(wall + [(-x, z) for x, z in reversed(wall)])
    body = turned(rounded(section, 0.05, 0.12))

    turn = np.linspace(-np.pi / 2.0, np.pi / 2.0, 64)
    bow = np.sign(np.sin(turn)) * np.abs(np.sin(turn)) ** 0.9
    x = outer - 0.05 + 0.45 * np.cos(turn) ** 0.75
    path = np.column_stack([x, np.zeros_like(x), 0.86 + 0.47 * bow])
    wide, high = _flared(len(path), 0.13, 0.05), _flared(len(path), 0.095, 0.05)
    return joined(body, tube(path, (0.0, 1.0, 0.0), wide, high))


def pot() -> Trimesh:
    """A cooking pot with a rolled rim and two looped side handles, to -x and +x."""
    from shapely import Point, Polygon

    outer, inner, top, floor = 0.86, 0.79, 1.2, 0.1
    wall = [(outer, 0.0), (outer, top), (inner, top), (inner, floor)]
    section = rounded(Polygon(wall + [(-x, z) for x, z in reversed(wall)]), 0.03, 0.1)
    rims = [Point(side * (outer - 0.01), top).buffer(0.065, quad_segs=12) for side in (-1, 1)]
    body = turned(section.union(rims[0]).union(rims[1]))

    turn = np.linspace(-np.pi / 2.0, np.pi / 2.0, 64)
    x = 0.80 + 0.37 * np.cos(turn) ** 0.6
    path = np.column_stack([x, 0.34 * np.sin(turn), np.full_like(x, 0.93)])
    radius = _flared(len(path), 0.07, 0.03)
    loop = tube(path, (0.0, 0.0, 1.0), radius, radius)
    other = loop.copy()
    other.apply_transform(np.diag((-1.0, -1.0, 1.0, 1.0)))  # half a turn about z
    return joined(body, cut(joined(loop, other), turned(Point(0.0, 0.93).buffer(0.8))))
