"""Twins: a partner of a scene that differs from it in exactly one factor.

A model's answer on both members of a pair shows the effect of that factor alone. The originals'
second matching scenario changes mention order and object together (arXiv 2502.19842, scenario 2
of image-text matching), so neither effect can be told from the other.
"""

from __future__ import annotations

import dataclasses
import itertools
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from benchwright.builders.placement import frame, overlap
from benchwright.recipe import Factor
from benchwright.record import Placed, Scene
from benchwright.seeding import generator

CUT = 0.4
"""How far beyond the frame a twin's widest object may reach, relative to its scale. The originals'
outer slots leave no whole room for their largest object; its visible area is recorded."""


@dataclass(frozen=True, slots=True)
class Choices:
    """What a recipe lets a twin differ in.

    Attributes:
        seed: the recipe's.
        names: its objects, in order.
        rank: index of each name in ``names``.
        ground: background of a scene's ground twin.
        yaws: the yaws at which an asset is to be had.
        dressed: an object in the colour and material that its asset has, if it has its own.
    """

    seed: int
    names: tuple[str, ...]
    rank: Mapping[str, int]
    ground: Callable[[Scene], str]
    yaws: Callable[[str], tuple[int, ...]]
    dressed: Callable[[Placed], Placed]


def twin(scene: Scene, factor: Factor, choices: Choices) -> Scene | None:
    """The scene's twin in a factor, or None where it has none.

    Args:
        scene: the original.
        factor: ``order``: first and last mention trade places; ``size_swap``: the large object
            and a small one trade scales; ``slot_swap``: two objects trade places and keep their
            scales; ``object``: one object gives way to another; ``ground``: another background.
        choices: what the recipe allows. An object appended to its list changes no twin.
    """
    changed = _CHANGES[factor](scene, choices)
    return changed and dataclasses.replace(changed, twin_of=scene.key, factor=factor)


def _order(scene: Scene, _: Choices) -> Scene | None:
    if len(scene.objects) < 2:
        return None
    first, *between, last = scene.objects
    return dataclasses.replace(scene, objects=(last, *between, first))


def _size_swap(scene: Scene, choices: Choices) -> Scene | None:
    pairs = [pair for pair in _pairs(scene, choices, "size_swap") if _large_and_small(scene, pair)]
    return _first_that_fits(scene, pairs, ("scale", "size"))


def _slot_swap(scene: Scene, choices: Choices) -> Scene | None:
    # Pairs with the large object first: its place is the one that matters to a bias for size.
    pairs = _pairs(scene, choices, "slot_swap")
    pairs.sort(key=lambda pair: not _large_and_small(scene, pair))
    return _first_that_fits(scene, pairs, ("slot", "x", "y"))


def _object(scene: Scene, choices: Choices) -> Scene | None:
    """One object gives way to one absent from the scene.

    It comes from the objects listed before the scene's latest, which an appended object never
    joins; a scene of the first n objects has none there and takes the next one.
    """
    held = {choices.rank[placed.name] for placed in scene.objects}
    absent = [index for index in range(max(held)) if index not in held]
    absent = absent or list(range(max(held) + 1, len(choices.names)))[:1]
    if not absent:
        return None
    rng = generator(choices.seed, "twin", "object", scene.key)
    at = rng.randrange(len(scene.objects))
    name = choices.names[rng.choice(absent)]
    leaving = scene.objects[at]
    yaw = min(choices.yaws(name), key=lambda yaw: (_turn(yaw, leaving.yaw), yaw))
    coming = choices.dressed(dataclasses.replace(leaving, name=name, asset=name, yaw=yaw))
    return _with(scene, {at: coming})


def _ground(scene: Scene, choices: Choices) -> Scene | None:
    background = choices.ground(scene)
    if scene.background == background:
        return None
    return dataclasses.replace(scene, background=background)


_CHANGES: Mapping[Factor, Callable[[Scene, Choices], Scene | None]] = {
    "order": _order,
    "size_swap": _size_swap,
    "slot_swap": _slot_swap,
    "object": _object,
    "ground": _ground,
}

Pair = tuple[int, int]


def _pairs(scene: Scene, choices: Choices, factor: Factor) -> list[Pair]:
    """All pairs of objects, in a seeded order."""
    pairs = list(itertools.combinations(range(len(scene.objects)), 2))
    generator(choices.seed, "twin", factor, scene.key).shuffle(pairs)
    return pairs


def _large_and_small(scene: Scene, pair: Pair) -> bool:
    return {scene.objects[index].size for index in pair} == {"large", "small"}


def _first_that_fits(scene: Scene, pairs: Sequence[Pair], fields: Sequence[str]) -> Scene | None:
    """The scene after the first of the exchanges that leaves both objects room."""
    for a, b in pairs:
        one, other = scene.objects[a], scene.objects[b]
        swapped = _with(scene, {a: _taking(one, other, fields), b: _taking(other, one, fields)})
        if all(_fits(swapped, index) for index in (a, b)):
            return swapped
    return None


def _taking(placed: Placed, other: Placed, fields: Sequence[str]) -> Placed:
    taken = {field: getattr(other, field) for field in fields}
    return dataclasses.replace(placed, **taken)


def _fits(scene: Scene, index: int) -> bool:
    """Whether an object stands in the frame, but for a sliver, and on no other's footprint."""
    placed = scene.objects[index]
    left, right, near, far = frame(placed.scale, scene.camera)
    spare = CUT * placed.scale
    inside = left - spare <= placed.x <= right + spare and near - spare <= placed.y <= far + spare
    return inside and not any(
        overlap((placed.x, placed.y), (other.x, other.y), placed.scale + other.scale)
        for at, other in enumerate(scene.objects)
        if at != index
    )


def _with(scene: Scene, changed: Mapping[int, Placed]) -> Scene:
    objects = tuple(changed.get(at, placed) for at, placed in enumerate(scene.objects))
    return dataclasses.replace(scene, objects=objects)


def _turn(yaw: int, other: int) -> int:
    """The smaller angle between two yaws."""
    apart = abs(yaw - other) % 360
    return min(apart, 360 - apart)
