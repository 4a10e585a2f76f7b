"""Pictures of one object each, to compare pictures of several with: the references of IOR.

A reference of one scale resembles the objects of that scale most, so the papers' single scale
favours the large object. Here references are composed in the set's own look at several scales.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal

import numpy as np
from numpy.typing import NDArray

from benchwright.builders.rendering import composer
from benchwright.builders.scenes import Split, scenes
from benchwright.builders.sources import source_of
from benchwright.cards.audits.composed_vectors import composed_vectors
from benchwright.cards.audits.pictures import pictures
from benchwright.dataset import RECIPE
from benchwright.errors import BenchwrightError, RecipeError
from benchwright.recipe import Recipe, Subset
from benchwright.recipe_file import load_pictures
from benchwright.record import Scene
from benchwright.sample_kinds import SCENES
from benchwright.seeding import digest

if TYPE_CHECKING:
    from benchwright.cards.audits.subject import Subject

Pool = Literal["max", "mean"]

ALONE = Split("alone", "alone")
"""Of the recipe's objects, one a scene: the originals' own layout of single objects."""


@dataclass(frozen=True, slots=True)
class References:
    """Vectors of pictures of one object each.

    Attributes:
        vectors: scale to float32 [pictures, width], of unit length.
        objects: scale to int64 [pictures], index into the vocabulary of what each shows; sorted.
        source: where they are from: ``composed``, or ``set`` for the set's own.
    """

    vectors: dict[str, NDArray[np.float32]]
    objects: dict[str, NDArray[np.int64]]
    source: str

    def scores(self, images: NDArray[np.float32], scale: str, pool: Pool) -> NDArray[np.float32]:
        """float32 [m, objects]: of pictures with each object's references of one scale."""
        cosines = images @ self.vectors[scale].T
        starts = np.searchsorted(self.objects[scale], np.unique(self.objects[scale]))
        reduce = np.maximum if pool == "max" else np.add
        pooled: NDArray[np.float32] = reduce.reduceat(cosines, starts, axis=1)
        if pool == "mean":
            pooled /= np.diff([*starts, cosines.shape[1]])
        return pooled


def references(
    subject: Subject, names: Sequence[str], scales: Sequence[float], instances: int, seed: int
) -> References:
    """References composed for a set of scenes, or else the set's own pictures of one object.

    Args:
        subject: the dataset and the model.
        names: the vocabulary.
        scales: of the composed ones, in the units of a recipe's layouts.
        instances: composed of each object and scale, in other colours and yaws if the recipe
            has several.
        seed: of those.

    Raises:
        BenchwrightError: neither is to be had; it says why.
    """
    if subject.kind != SCENES.name:
        return _own(subject, names, "its recipe draws no pictures")
    try:
        recipe = _composable(subject)
        return _composed(subject, recipe, names, scales, instances, seed)
    except BenchwrightError as error:
        why = str(error)
    return _own(subject, names, why)


def _composable(subject: Subject) -> Recipe:
    """The recipe of a set whose pictures are composed from sprites."""
    recipe = load_pictures(subject.dataset.folder / RECIPE)
    if not isinstance(recipe, Recipe) or recipe.render != "composed":
        raise RecipeError("its pictures are not composed from sprites")
    return recipe


def _composed(
    subject: Subject,
    recipe: Recipe,
    names: Sequence[str],
    scales: Sequence[float],
    instances: int,
    seed: int,
) -> References:
    vectors, shown, draw = {}, {}, composer(recipe.objects, recipe.photo_folders)
    drawn = [list(_alone(recipe, names, seed, number).items()) for number in range(instances)]
    placed = sorted((pair for scene in drawn for pair in scene), key=lambda pair: pair[0])
    for scale in scales:
        resized = [
            replace(scene, objects=(replace(scene.objects[0], scale=scale),)) for _, scene in placed
        ]
        label = f"{scale:g}"
        vectors[label] = composed_vectors(
            subject.model, draw, resized, recipe.image.quality, subject.dataset.digest
        )
        shown[label] = np.array([index for index, _ in placed], np.int64)
    return References(vectors, shown, "composed")


def _alone(recipe: Recipe, names: Sequence[str], seed: int, instance: int) -> dict[int, Scene]:
    """Index of each object to a scene of it alone, in the look of a recipe."""
    alone = recipe.model_copy(
        update={
            "subsets": [Subset(name=ALONE.config, layout="one")],
            "seed": digest(seed, "reference", instance) >> 1,
            "twins": None,
            "limit": None,
            "of_backgrounds": None,
        }
    )
    found: dict[int, Scene] = {}
    index = {name: number for number, name in enumerate(names)}
    for grouped in scenes(alone, ALONE, source_of(recipe)):
        name = grouped.scene.objects[0].name
        if name in index:
            found.setdefault(index[name], grouped.scene)
    if missing := [name for name in names if index[name] not in found]:
        raise RecipeError(f'the recipe does not list "{missing[0]}", which the set shows')
    return found


def _own(subject: Subject, names: Sequence[str], why: str) -> References:
    """The set's own pictures of one object."""
    index = {name: number for number, name in enumerate(names)}
    found: defaultdict[int, list[NDArray[np.float32]]] = defaultdict(list)
    for group in pictures(subject, fewest=1):
        if group.objects == 1:
            for (name,), vector in zip(group.names, group.vectors, strict=True):
                found[index[name]].append(vector)
    if missing := [name for name in names if index[name] not in found]:
        raise BenchwrightError(
            f'no reference picture of "{missing[0]}" alone: {why}, and the set shows none'
        )
    objects = [number for number in sorted(found) for _ in found[number]]
    vectors = np.stack([vector for number in sorted(found) for vector in found[number]])
    return References({"own": vectors}, {"own": np.array(objects, np.int64)}, "set")
