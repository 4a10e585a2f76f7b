"""A text recipe's families of captions as numbers: which objects, in which mention order."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby, islice

import numpy as np
from numpy.typing import NDArray

from benchwright.builders.designs import Assignment, Design
from benchwright.builders.text.vocabulary import sizes
from benchwright.errors import RecipeError
from benchwright.recipe import Sample
from benchwright.text_recipe import Drawn, TextRecipe, TextSubset

MOST_CAPTIONS = 50_000_000
"""Captions a split: twenty times the originals' four of ninety, a night's work on two cores."""

Mentions = NDArray[np.uint16]
"""Object indices into ``objects.names``, [captions, objects]: first mentioned first, then the
absent one where there are contrasts."""


@dataclass(frozen=True, slots=True)
class Family:
    """A subset of a recipe, designed.

    The design's slots are the mention positions, so that no caption comes twice; the mention order
    that a design has beside them is for scenes. An absent object is one more slot, which no caption
    names, so it is counterbalanced like the others.

    Attributes:
        subset: as the recipe has it.
        templates: its splits.
        pool: the objects it draws on, as indices into ``objects.names``.
        design: over indices into the pool.
        first: how many objects of the pool count as one group, to which later ones only add.
        limit: at most so many captions.
    """

    subset: TextSubset
    templates: tuple[str, ...]
    pool: tuple[int, ...]
    design: Design
    first: int
    limit: int | None

    @property
    def captions(self) -> int:
        """Captions a split."""
        return min(self.design.count, self.limit or self.design.count)

    def chunks(self, size: int) -> Iterator[Mentions]:
        """The captions in the design's order, in chunks of at most ``size``.

        No chunk goes beyond its group (the latest-listed object it needs), so that appended
        objects append chunks; whole orbits lie together, so any stretch is nearly balanced.
        """
        pool = np.array(self.pool, np.uint16)
        assignments = islice(self.design, self.limit)
        for _, group in groupby(assignments, self._group):
            while held := [assignment.objects for assignment in islice(group, size)]:
                yield pool[np.array(held, np.uint16)]

    def _group(self, assignment: Assignment) -> int:
        return max(self.first, *assignment.objects)


def families(recipe: TextRecipe) -> list[Family]:
    """A recipe's families, in its order.

    Raises:
        RecipeError: too few objects, or more captions asked for than there are or than is sane.
    """
    of = list(sizes(recipe).values())
    found = []
    for number, subset in enumerate(recipe.subsets):
        place = f'subsets[{number}] "{subset.name}"'
        pool = tuple(i for i, size in enumerate(of) if subset.among in (None, size))
        slots = subset.objects + subset.contrasts
        if slots > len(pool):
            kind = f"{subset.among} ones" if subset.among else "them"
            raise RecipeError(
                f"{place}: takes {slots} objects but objects.names lists {len(pool)} of {kind}; "
                "list more objects or name fewer in a caption"
            )
        drawn = subset.captions if isinstance(subset.captions, Drawn) else None
        sample = _sample(drawn, place, slots, len(pool)) if drawn else None
        design = Design(recipe.seed, subset.name, len(pool), slots, sample)
        if design.count > MOST_CAPTIONS and not recipe.limit:
            raise RecipeError(
                f"{place}: {design.count:,} captions; at most {MOST_CAPTIONS:,} are written: "
                "draw some with captions: {number: ..., of_objects: ...}"
            )
        first = drawn.of_objects - 1 if drawn else 0
        templates = tuple(subset.templates or recipe.templates)
        found.append(Family(subset, templates, pool, design, first, recipe.limit))
    return found


def _sample(drawn: Drawn, place: str, slots: int, objects: int) -> Sample | None:
    """What a design draws; None where it is the whole space, which is balanced exactly."""
    if not slots <= drawn.of_objects <= objects:
        raise RecipeError(
            f"{place}: captions.of_objects is {drawn.of_objects}; {objects} objects are listed "
            f"and {slots} taken at a time: set it to {objects}"
        )
    space = math.perm(drawn.of_objects, slots)
    if drawn.number > space:
        raise RecipeError(
            f"{place}: captions.number is {drawn.number:,} but {drawn.of_objects} objects, "
            f"{slots} at a time, make {space:,}; ask for fewer, or for all"
        )
    whole = drawn.number == space
    return None if whole else Sample(scenes=drawn.number, of_objects=drawn.of_objects)
