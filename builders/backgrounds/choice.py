"""Which background a scene gets, of those its recipe lists."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from pathlib import Path

from benchwright.builders.backgrounds.photographs import check_terms, photographs
from benchwright.builders.backgrounds.textures import textures
from benchwright.builders.backgrounds.views import WINDOWS, is_colour
from benchwright.errors import BenchwrightError, RecipeError, did_you_mean
from benchwright.recipe import FOLDER, Recipe
from benchwright.record import Scene
from benchwright.seeding import digest, generator


class Backgrounds:
    """What the scenes of a recipe stand on.

    An entry of the recipe is a colour, a texture or a folder; its members are that colour, the
    texture's windows, the folder's photographs at each blur.
    """

    def __init__(self, recipe: Recipe) -> None:
        """Of a recipe.

        Raises:
            RecipeError: an entry names nothing, or what the set may not show.
        """
        self._seed = recipe.seed
        self._entries = recipe.backgrounds or [recipe.ground]
        self._shared = recipe.of_backgrounds or len(self._entries)
        self._members = {
            entry: _members(recipe, entry, f"backgrounds[{number}]" if recipe.backgrounds else "")
            for number, entry in enumerate(self._entries)
        }
        if recipe.twins:
            self._twin = recipe.twins.ground
            self._members[self._twin] = _members(recipe, self._twin, "twins.ground")

    def entries(self, subset: str) -> Iterator[tuple[tuple[int, str], ...]]:
        """What each arrangement of a subset stands on, in the order of its design; never ends.

        The first ``of_backgrounds`` entries come in blocks that hold each once, in a seeded order:
        each is equally often, within one, among the scenes of every variant, and objects appended
        to the recipe, whose scenes come last, leave it so and change none that were there. An
        entry after those adds scenes: the arrangements of one of the first, on it. So it is as
        frequent as they are, as balanced, and each of its scenes has a twin among theirs.

        Yields:
            Pairs of an entry's rank (0 for all of the first) and the entry.
        """
        shared, added = self._entries[: self._shared], self._entries[self._shared :]
        for block in itertools.count():
            shuffled = list(shared)
            generator(self._seed, "background", subset, block).shuffle(shuffled)
            for entry in shuffled:
                again = ((rank, new) for rank, new in enumerate(added, start=1)
                         if shared[(rank - 1) % len(shared)] == entry)  # fmt: skip
                yield ((0, entry), *again)

    def member(self, entry: str, held: Sequence[str]) -> str:
        """A background's name in a scene: the member of an entry that a set of objects draws."""
        members = self._members[entry]
        if len(members) == 1:
            return members[0]
        return members[digest(self._seed, "member", *sorted(held)) % len(members)]

    def of_twin(self, scene: Scene) -> str:
        """What the twin in ``ground`` of a scene stands on."""
        return self.member(self._twin, [placed.name for placed in scene.objects])


def _members(recipe: Recipe, entry: str, place: str) -> tuple[str, ...]:
    if is_colour(entry):
        return (entry,)
    if entry.startswith(FOLDER):
        return _photographs(recipe, entry.removeprefix(FOLDER), place)
    if entry not in textures():
        hint = did_you_mean(entry, textures()) or f"; known: {', '.join(textures())}"
        raise RecipeError(f'{place}: there is no texture "{entry}"{hint}')
    return tuple(f"{entry}@{window}" for window in range(WINDOWS))


def _photographs(recipe: Recipe, folder: str, place: str) -> tuple[str, ...]:
    try:
        found = photographs(Path(folder))
        for photo in found.values():
            photo.check_size(recipe.image.size)
            check_terms(photo, recipe.licence, recipe.photographs.allow_unknown_licences)
    except BenchwrightError as error:
        raise RecipeError(f"{place}: {error}") from error
    blurs = recipe.photographs.blur
    return tuple(f"{name}@{blur}" if blur else name for name in found for blur in blurs)
