"""The vocabulary: every object's name, spelt one way for captions and pictures, and its size."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources

import yaml

from benchwright.errors import RecipeError, did_you_mean
from benchwright.text_recipe import TextRecipe


@dataclass(frozen=True, slots=True)
class Word:
    """An object's name in ``data/vocabulary/objects.yaml``.

    Attributes:
        size: real-world size: ``small``, ``medium``, ``large``; ``none`` of a mere form.
        uses: where the name is used: ``shapes``, ``images``, ``text``.
    """

    size: str
    uses: tuple[str, ...]


@cache
def vocabulary() -> Mapping[str, Word]:
    """Every name, in the order of the file."""
    text = (resources.files("benchwright.data") / "vocabulary/objects.yaml").read_text("utf-8")
    words = yaml.safe_load(text)
    return {name: Word(word["size"], tuple(word["in"])) for name, word in words.items()}


def sizes(recipe: TextRecipe) -> dict[str, str]:
    """The real-world size of each object a recipe names, in its order.

    Raises:
        RecipeError: a name that neither the vocabulary nor the recipe knows the size of.
    """
    known, own = vocabulary(), recipe.objects.sizes
    found: dict[str, str] = {}
    for number, name in enumerate(recipe.objects.names):
        if name not in known and name not in own:
            hint = did_you_mean(name, known)
            raise RecipeError(
                f'objects.names[{number}]: "{name}" is not in the vocabulary{hint}; '
                "give its size under objects.sizes"
            )
        found[name] = own.get(name) or known[name].size
    return found
