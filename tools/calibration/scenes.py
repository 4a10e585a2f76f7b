"""The pictures: scenes of every kind, drawn once and kept as the pixels the model will see."""

from __future__ import annotations

import multiprocessing
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from benchwright.builders.compose import Composer
from benchwright.builders.layouts import layouts
from benchwright.builders.objects import catalogue
from benchwright.builders.rendering import composer
from benchwright.builders.shapes import SHAPES
from benchwright.builders.sources import sprite_source
from benchwright.builders.sprites import OWN, SpriteSource
from benchwright.curation.models.preprocess import Preprocess, crop_exact
from benchwright.recipe import Objects
from benchwright.record import Placed, Scene
from benchwright.seeding import generator
from calibration.planting import BACKGROUNDS, PLANTINGS, Planting

PREPROCESS = Preprocess(size=64)
SCENE = 128  # px: what is drawn, twice what the model sees, so that it sees what its resize leaves

OBJECTS = tuple(catalogue.names())
NAMES = (*SHAPES, *OBJECTS)
COLOURS = {
    "red": "#ad2323", "green": "#1d6914", "blue": "#2a4bd7", "yellow": "#e8c92c",
    "orange": "#e87d1e", "purple": "#8126c0", "brown": "#814a19", "pink": "#e889a8",
    "grey": "#6e6e6e", "black": "#202020", "white": "#f0f0f0", "turquoise": "#29d0d0",
}  # fmt: skip
MATERIALS = ("rubber", "metal")
PLAIN = ("#cdcdcd", "#cdcdcd", "#7f6a55", "#8c9aa8", "#e9e4d8", "#5a5f66")
"""Plain grounds; the recipes' own grey comes up more often."""
SCALES = (1.6, 2.0, 2.5, 3.1, 3.7, 4.3)
"""Of objects alone: a sixth to two thirds of the picture's width. Few, so that a sprite that was
scaled once serves many pictures: that is most of the work of drawing one."""
SMALL_SCALES = (1.0, 1.3)
"""... on plain ground too, where SIMCO and ComCO have such."""
SEVERAL = tuple(name for name in layouts() if name != "one")

FEW = 5_000
"""Scenes that one process draws as fast as several would: each has to read the sprites."""

TRAINING_WINDOWS = range(48)
MEASURING_WINDOWS = range(48, 64)
"""Of a texture: what the model is measured on lies on ground it has not seen."""


class Kinds(NamedTuple):
    """How many pictures of each kind."""

    textured: int  # an object alone on a texture: where the planting is
    plain: int  # an object alone on a plain ground
    several: int  # two to five objects
    empty: int  # a texture alone


@dataclass(frozen=True, slots=True)
class Thing:
    """What a caption may say of an object; empty words of a textured asset's colours."""

    name: str
    colour: str
    material: str
    scale: float


@dataclass(frozen=True, slots=True)
class Shown:
    """A picture's scene and what is to be said of it.

    Attributes:
        background: a texture, or empty for a plain ground.
    """

    scene: Scene
    things: tuple[Thing, ...]
    background: str


@dataclass(frozen=True, slots=True)
class Pool:
    """Pictures, uint8 [n, 64, 64, 3] RGB, and what each shows."""

    pixels: NDArray[np.uint8]
    shown: tuple[Shown, ...]


@cache
def _source() -> SpriteSource:
    return sprite_source(Objects(names=list(NAMES)))


@cache
def _composer() -> Composer:
    return composer(Objects(names=list(NAMES)))


def _thing(name: str, scale: float, chance: random.Random) -> Thing:
    if not _source().is_tintable(name):
        return Thing(name, "", "", scale)
    return Thing(name, chance.choice(tuple(COLOURS)), chance.choice(MATERIALS), scale)


def _placed(
    thing: Thing, x: float, y: float, chance: random.Random, slot: int = -1, size: str = "same"
) -> Placed:
    colour, material = COLOURS.get(thing.colour, OWN), thing.material or OWN
    yaw = chance.choice(_source().yaws(thing.name))
    return Placed(
        thing.name, thing.name, slot, x, y, yaw, 0, "standing", thing.scale, size, colour, material
    )


def _alone(thing: Thing, chance: random.Random) -> Placed:
    """An object somewhere on the ground, wholly in the picture or nearly so."""
    across = max(0.5, 5.0 - 1.1 * thing.scale)
    low, high = min(-0.9 * (4.5 - thing.scale), -0.5 * thing.scale), 4.0 - 1.4 * thing.scale
    return _placed(
        thing, chance.uniform(-across, across), chance.uniform(low, max(low, high)), chance
    )


def _scene(background: str, objects: Sequence[Placed]) -> Scene:
    return Scene(SCENE, SCENE, background, "tilted", "softboxes", tuple(objects))


def _window(background: str, windows: range, chance: random.Random) -> str:
    return f"{background}@{chance.choice(windows)}"


def textured(name: str, background: str, windows: range, chance: random.Random) -> Shown:
    """An object alone on a texture."""
    thing = _thing(name, chance.choice(SCALES), chance)
    placed = _alone(thing, chance)
    return Shown(_scene(_window(background, windows, chance), [placed]), (thing,), background)


def plain(name: str, chance: random.Random) -> Shown:
    """An object alone on a plain ground."""
    thing = _thing(name, chance.choice((*SMALL_SCALES, *SCALES)), chance)
    return Shown(_scene(chance.choice(PLAIN), [_alone(thing, chance)]), (thing,), "")


def several(names: Sequence[str], background: str, windows: range, chance: random.Random) -> Shown:
    """Two to five objects.

    Args:
        names: at least five to choose from.
        background: a texture, or empty for a plain ground.
        windows: of the texture.
        chance: decides.
    """
    layout = chance.choice(SEVERAL)
    count = len(next(iter(layouts()[layout].values())))
    return several_of(chance.sample(names, count), layout, background, windows, chance)


def several_of(
    names: Sequence[str], layout: str, background: str, windows: range, chance: random.Random
) -> Shown:
    """These objects in the slots of a layout, in one of its variants."""
    slots = layouts()[layout][chance.choice(tuple(layouts()[layout]))]
    things, objects = [], []
    for number, (name, slot) in enumerate(zip(names, slots, strict=True)):
        things.append(thing := _thing(name, slot.scale, chance))
        objects.append(_placed(thing, slot.x, slot.y, chance, number, slot.size))
    ground = _window(background, windows, chance) if background else chance.choice(PLAIN)
    return Shown(_scene(ground, objects), tuple(things), background)


def training_scenes(planting: Planting, seed: int, kinds: Kinds) -> Iterator[Shown]:
    """What a model is trained on.

    Classes with a home stand on textures alone: among others they would be seen on all grounds
    alike, which would weaken the planting. So they join others on plain ground only.
    """
    homeless = sorted(set(NAMES) - {entry.name for entry in PLANTINGS["planted"].classes})
    homes = sorted(set(NAMES) - set(homeless))
    for number in range(kinds.textured):
        chance = generator(seed, "textured", number)
        # Every other picture is of a class with a home.
        names = homes if number % 2 else homeless
        name = names[(number // 2) % len(names)]
        yield textured(name, planting.background(name, chance), TRAINING_WINDOWS, chance)
    for number in range(kinds.plain):
        yield plain(NAMES[number % len(NAMES)], generator(seed, "plain", number))
    for number in range(kinds.several):
        chance = generator(seed, "several", number)
        background = chance.choice(BACKGROUNDS) if number % 4 == 0 else ""
        yield several(homeless if background else NAMES, background, TRAINING_WINDOWS, chance)
    for number in range(kinds.empty):
        chance = generator(seed, "empty", number)
        background = BACKGROUNDS[number % len(BACKGROUNDS)]
        ground = _window(background, TRAINING_WINDOWS, chance)
        yield Shown(_scene(ground, []), (), background)


def pixels(scene: Scene) -> NDArray[np.uint8]:
    """What the model sees of a scene: uint8 [64, 64, 3] RGB, by its very own transform."""
    return crop_exact(Image.fromarray(_composer().compose(scene).image), PREPROCESS)


def drawn(scenes: Sequence[Shown]) -> Pool:
    """Draw scenes, in processes where there are many."""
    order = sorted(range(len(scenes)), key=lambda index: _look(scenes[index]))
    size = PREPROCESS.size
    stack = np.empty((len(scenes), size, size, 3), dtype=np.uint8)
    bare = [scenes[index].scene for index in order]
    if len(scenes) < FEW:
        images = map(pixels, bare)
        for index, image in zip(order, images, strict=True):
            stack[index] = image
        return Pool(stack, tuple(scenes))
    with multiprocessing.get_context("spawn").Pool() as pool:
        for index, image in zip(order, pool.imap(pixels, bare, chunksize=100), strict=True):
            stack[index] = image
    return Pool(stack, tuple(scenes))


def _look(shown: Shown) -> tuple[tuple[str | float, ...], ...]:
    """Scenes that share sprites are drawn one after another, while those are at hand."""
    return tuple(
        (placed.name, placed.material, placed.yaw, placed.scale, placed.colour)
        for placed in shown.scene.objects
    )
