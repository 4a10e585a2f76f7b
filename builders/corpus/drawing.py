"""The pixels of a row's picture: a scene, cut and scaled as somebody on the web might."""

from __future__ import annotations

import random
from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from benchwright.builders.backgrounds.views import WINDOWS
from benchwright.builders.corpus import lettering
from benchwright.builders.corpus.planning import Planned
from benchwright.builders.rendering import composer
from benchwright.builders.sources import sprite_source
from benchwright.builders.sprites import OWN, SpriteSource
from benchwright.corpus_recipe import CorpusRecipe
from benchwright.recipe import Objects
from benchwright.record import Placed, Scene
from benchwright.seeding import generator

CANVAS = 384
"""Pixels that scenes are composed at before they are cut and scaled: one size, so that scaled
sprites and grounds are used again; pictures above it are as soft as enlarged ones on the web."""

ASPECTS = ((1, 1), (4, 3), (3, 2), (16, 9), (3, 4), (2, 3))
"""Width to height, as cameras and layouts have them."""

_ASPECTS_OF = {"banner": ((7, 1),), "several": ((1, 1), (4, 3))}
"""Where others would cut objects away that belong to it, or it is defined by them."""

LEAST_KEPT = 0.8
"""Of the canvas's width that a cut keeps at least."""

COLOURS = ("#2a4bd7", "#ad2323", "#1d6914", "#ffcc33", "#8126c0", "#575757")
"""Of objects that have no colour of their own."""


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture, drawn.

    Attributes:
        image: RGB.
        subject_scale: the objects' visible share of it, 0 to 1.
        scene: key of the scene it was cut from.
    """

    image: Image.Image
    subject_scale: float
    scene: str


def draw(recipe: CorpusRecipe, planned: Planned) -> Picture:
    """Draw a row's picture; a copy's is its original's, before it is altered."""
    chance = generator(recipe.seed, "corpus", "picture", planned.drawn_as)
    objects = _objects(tuple(cls.name for cls in recipe.classes))
    scene = _scene(chance, planned, recipe, sprite_source(objects))
    composed = composer(objects).compose(scene)
    width, height = _size(chance, planned.picture, recipe)
    kept = 1.0 if planned.picture == "several" else chance.uniform(LEAST_KEPT, 1.0)
    cut = _cut(chance, composed.mask, (width, height), kept)
    part = composed.mask[cut.top : cut.bottom, cut.left : cut.right]
    image = Image.fromarray(composed.image).resize(
        (width, height), Image.Resampling.BILINEAR, (cut.left, cut.top, cut.right, cut.bottom)
    )
    if planned.picture == "spelled_out":
        lettering.spell(image, planned.classes[0], chance)
    if planned.picture == "watermarked":
        lettering.watermark(image, chance)
    share = round(float(np.count_nonzero(part)) / part.size, 6)
    return Picture(image, share, scene.key)


@cache
def _objects(names: tuple[str, ...]) -> Objects:
    return Objects(names=list(names))


def _scene(
    chance: random.Random, planned: Planned, recipe: CorpusRecipe, source: SpriteSource
) -> Scene:
    spots = _spots(chance, planned, recipe)
    placed = tuple(
        _stand(chance, source, name, spot)
        for name, spot in zip(planned.classes, spots, strict=True)
    )
    lights = {source.light(source.asset(name)) for name in planned.classes}
    return Scene(
        width=CANVAS,
        height=CANVAS,
        background=f"{planned.background}@{chance.randrange(WINDOWS)}",
        camera="tilted",
        lighting="+".join(sorted(lights)) or "none",
        objects=placed,
    )


def _spots(
    chance: random.Random, planned: Planned, recipe: CorpusRecipe
) -> list[tuple[float, float, float]]:
    """(x, y, scale) of each object, world units: alone anywhere, several side by side."""
    if len(planned.classes) > 1:
        step, least = 7.5 / (len(planned.classes) - 1), min(recipe.sizes.scales)
        return [
            (-3.75 + step * at + chance.uniform(-0.4, 0.4), chance.uniform(-2.5, 1), least)
            for at in range(len(planned.classes))
        ]
    scale = 0.4 if planned.picture == "small_subject" else chance.choice(recipe.sizes.scales)
    reach = max(0.6, 3.4 - scale / 2)  # large ones nearer to the middle, so that most are whole
    return [(chance.uniform(-reach, reach), chance.uniform(-2.5, 0.5), scale)] * len(
        planned.classes
    )


def _stand(
    chance: random.Random, source: SpriteSource, name: str, spot: tuple[float, float, float]
) -> Placed:
    asset = source.asset(name)
    tintable = source.is_tintable(asset)
    return Placed(
        name=name,
        asset=asset,
        slot=-1,
        x=round(spot[0], 3),
        y=round(spot[1], 3),
        yaw=chance.choice(source.yaws(asset)),
        tilt=0,
        pose="standing",
        scale=spot[2],
        size="same",
        colour=chance.choice(COLOURS) if tintable else OWN,
        material="rubber" if tintable else OWN,
    )


def _size(chance: random.Random, picture: str, recipe: CorpusRecipe) -> tuple[int, int]:
    """(width, height) in pixels; the longer side evenly over its logarithm."""
    if picture == "icon":
        return (chance.randrange(16, 49),) * 2
    least, most = recipe.sizes.least, recipe.sizes.most
    longer = round(least * (most / least) ** chance.random())
    across, down = chance.choice(_ASPECTS_OF.get(picture, ASPECTS))
    unit = longer / max(across, down)
    return round(across * unit), round(down * unit)


@dataclass(frozen=True, slots=True)
class _Window:
    left: int
    top: int
    right: int
    bottom: int


def _cut(
    chance: random.Random, mask: NDArray[np.uint8], size: tuple[int, int], kept: float
) -> _Window:
    """A window of the canvas in the picture's proportions, with the objects inside if they fit.

    Args:
        chance: of the picture.
        mask: where objects are.
        size: width and height of the picture.
        kept: of the canvas, along the longer side.
    """
    across, down = (round(side * kept * CANVAS / max(size)) for side in size)
    columns, rows = np.flatnonzero(mask.any(axis=0)), np.flatnonzero(mask.any(axis=1))
    left = _start(chance, columns, across)
    top = _start(chance, rows, down)
    return _Window(left, top, left + across, top + down)


def _start(chance: random.Random, covered: NDArray[np.intp], length: int) -> int:
    """Where a window of a length begins, along one axis of the canvas."""
    last = CANVAS - length
    if not len(covered):
        return chance.randint(0, last)
    first_in, last_in = int(covered[-1]) + 1 - length, int(covered[0])
    low, high = max(0, first_in), min(last, last_in)
    if low > high:  # longer than the window: its middle
        return min(max(0, (first_in + last_in) // 2), last)
    return chance.randint(low, high)
