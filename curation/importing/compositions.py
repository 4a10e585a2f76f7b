"""SIMCO's and ComCO's folders: a folder a subset, the objects in the file's name, ``a_b_c.png``.

Names stand in slot order, which is the order in which the originals' captions mention them. What a
subset's folder is called may say which slot holds the large object; where it does not, sizes stay
unsaid rather than guessed.
"""

from __future__ import annotations

import re
from functools import cache
from importlib import resources

import yaml

from benchwright.curation.importing.found import Shown
from benchwright.errors import did_you_mean
from benchwright.recipe import Recipe
from benchwright.recipe_file import parse, shipped, validate

MENDED = {"motor": "motorcycle", "ski": "skis", "umberella": "umbrella"}
"""Misspelt in the originals' file names, and fed to CLIP so."""

LAYOUTS = {"simco": ("one", "simco_two", "simco_three", "simco_four", "simco_five"),
           "comco": ("one", "two", "three", "four", "five")}  # fmt: skip
"""Layout of the originals by the number of objects, from one."""

LARGE, SMALL, SAME, UNSAID = "large", "small", "same", ""


@cache
def vocabulary(family: str) -> frozenset[str]:
    """The words of a family's objects: those of the shipped recipe, and the one cat dropped."""
    recipe = validate(parse(shipped()[family]))
    assert isinstance(recipe, Recipe)
    return frozenset(recipe.objects.names) | {"cat"}


def reading(family: str, at: str) -> Shown | str:
    """What a path shows."""
    folder, _, name = at.rpartition("/")
    stem = re.sub(r"[_-]\d+$", "", name.rpartition(".")[0].lower())  # a number after the objects
    words = tuple(MENDED.get(word, word) for word in stem.split("_"))
    unknown = [word for word in words if word not in vocabulary(family)]
    if unknown:
        hint = did_you_mean(unknown[0], vocabulary(family))
        return f'"{unknown[0][:60]}" is no object of {family}{hint}'
    if len(words) > len(LAYOUTS[family]):
        return f"{len(words)} objects, at most {len(LAYOUTS[family])}"
    return Shown(at, folder, "", words)


def sizes(family: str, subset: str, count: int) -> tuple[str, ...]:
    """Size role of each slot, from the variant that a subset's folder names; "" if it names none.

    Args:
        family: ``simco`` or ``comco``.
        subset: path of its folder: ``3_objects/middle_big``.
        count: objects a picture.
    """
    variants = _layouts()[LAYOUTS[family][count - 1]]
    if count == 1:
        return (SAME,)
    said = re.sub(r"[^a-z]+", "_", subset.lower())
    named = [variant for variant in variants if variant in said]
    if not named:
        return (UNSAID,) * count
    scales = [slot[2] for slot in variants[max(named, key=len)]]
    if len(set(scales)) == 1:
        return (SAME,) * count
    return tuple(LARGE if scale == max(scales) else SMALL for scale in scales)


@cache
def _layouts() -> dict[str, dict[str, list[list[float]]]]:
    text = (resources.files("benchwright.data") / "layouts.yaml").read_text("utf-8")
    layouts: dict[str, dict[str, list[list[float]]]] = yaml.safe_load(text)
    return layouts


def place(family: str, subset: str) -> tuple[str, str]:
    """(config, split) of a subset's folder: the last part is the split, all above the config."""
    above, _, last = subset.rpartition("/")
    config = re.sub(r"[^A-Za-z0-9]+", "_", above).strip("_") or family
    return config, re.sub(r"[^A-Za-z0-9]+", "_", last).strip("_") or "test"
