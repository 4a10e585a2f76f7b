"""Free placement: anywhere on the ground, nothing on top of anything else, all of it in the frame.

A scene gets a bounded number of tries and then an error that says what to change: the generators
we know loop for ever instead (CLEVR's retries in ``render_images.py``).
"""

from __future__ import annotations

import math
import random
from collections.abc import Sequence

from benchwright.builders.camera import CENTRE_ROWS, ELEVATIONS, FRAME_UNITS
from benchwright.builders.layouts import Slot, sizes
from benchwright.errors import RecipeError
from benchwright.recipe import Free
from benchwright.seeding import generator

DRAWS = 50
"""Positions drawn for one object before the whole scene is begun anew."""

SIDE = 1.25
"""How far to a side an asset of unit scale may reach: a cap's visor, a mug's handle."""

DECIMALS = 4
"""A position's decimals: a tenth of a millimetre in a metre, so records read well."""

Point = tuple[float, float]
Area = tuple[float, float, float, float]


def frame(scale: float, camera: str) -> Area:
    """Where an object may stand and be seen whole: least and greatest x, least and greatest y.

    An asset of unit scale fits a cylinder of radius 1 and height 2 on the ground, but for what
    sticks out at a side. Seen from above at an elevation, the ground's depth shrinks by its sine
    and heights by its cosine.
    """
    elevation, centre = math.radians(ELEVATIONS[camera]), CENTRE_ROWS[camera]
    sine, cosine = math.sin(elevation), math.cos(elevation)
    side = FRAME_UNITS / 2 - SIDE * scale
    near = (-FRAME_UNITS * (1 - centre) + scale * sine) / sine
    far = (FRAME_UNITS * centre - 2 * scale * cosine - scale * sine) / sine
    return -side, side, near, far


def overlap(a: Point, b: Point, radii: float) -> bool:
    """Whether two footprints, circles on the ground, whose radii sum to this, overlap."""
    return math.hypot(a[0] - b[0], a[1] - b[1]) < radii


def check(free: Free, place: str, camera: str) -> None:
    """Fail at once on what can never fit, before any scene is laid out.

    The footprints, each grown by half the gap, are disjoint and lie within the ground grown by
    the largest of them, so their areas cannot sum to more than its area.

    Raises:
        RecipeError: one line with the place and what to change.
    """
    scales = _scales(free)
    left, right, near, far = _ground(free, camera)
    wide, deep = right - left, far - near
    reach = max(scales) + free.gap / 2
    room = wide * deep + 2 * reach * (wide + deep) + math.pi * reach**2
    needed = sum(math.pi * (scale + free.gap / 2) ** 2 for scale in scales)
    apart = max(scales) + min(scales) + free.gap
    if needed > room or (free.count > 1 and apart > math.hypot(wide, deep)):
        raise _impossible(free, place)


def placed(free: Free, place: str, camera: str, *key: object) -> tuple[Slot, ...]:
    """A scene's places; the first is the large one's.

    All sizes are drawn from the same ground, so size says nothing about place.

    Args:
        free: what the recipe asks for.
        place: where it does, for errors.
        camera: the camera that must see all of it.
        key: what the positions derive from.

    Raises:
        RecipeError: no arrangement was found in the tries that the recipe allows.
    """
    rng, scales = generator(*key), _scales(free)
    for _ in range(free.tries):
        points = _arranged(rng, scales, _ground(free, camera), free.gap)
        if points:
            return tuple(
                Slot(*point, scale, size)
                for point, scale, size in zip(points, scales, sizes(scales), strict=True)
            )
    raise _impossible(free, place)


def _arranged(
    rng: random.Random, scales: Sequence[float], ground: Area, gap: float
) -> list[Point] | None:
    """One try: objects in turn, each at the first of its draws that keeps clear of the others."""
    left, right, near, far = ground
    points: list[Point] = []
    for scale in scales:
        for _ in range(DRAWS):
            point = (
                round(left + (right - left) * rng.random(), DECIMALS),
                round(near + (far - near) * rng.random(), DECIMALS),
            )
            around = zip(points, scales, strict=False)
            if not any(overlap(point, other, scale + size + gap) for other, size in around):
                points.append(point)
                break
        else:
            return None
    return points


def _scales(free: Free) -> tuple[float, ...]:
    return (free.large, *([free.small] * (free.count - 1)))


def _ground(free: Free, camera: str) -> Area:
    """The square the recipe gives, as far as the largest object stays whole in the frame."""
    left, right, near, far = frame(max(_scales(free)), camera)
    extent = free.extent
    return max(left, -extent), min(right, extent), max(near, -extent), min(far, extent)


def _impossible(free: Free, place: str) -> RecipeError:
    return RecipeError(
        f"{place}.layout: no room for {free.count} objects of scale {free.large} and {free.small} "
        f"with gap {free.gap} on {2 * free.extent:g} x {2 * free.extent:g} units; "
        "lower count, scales or gap, or raise extent"
    )
