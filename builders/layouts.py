"""Layouts: fixed places for objects, as ``data/layouts.yaml`` lists them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources

import yaml

from benchwright.errors import RecipeError, did_you_mean

Rows = Sequence[tuple[float, float, float]]


@dataclass(frozen=True, slots=True)
class Slot:
    """A place for one object.

    Attributes:
        x, y: ground position in world units.
        scale: size of what stands here, relative to the asset's unit size.
        size: ``large``, ``small``, or ``same`` where all slots are of one scale.
    """

    x: float
    y: float
    scale: float
    size: str


Layout = Mapping[str, tuple[Slot, ...]]
"""Slots by variant."""


def sizes(scales: Sequence[float]) -> tuple[str, ...]:
    """The size role of each of the objects that stand together."""
    if len(set(scales)) == 1:
        return ("same",) * len(scales)
    return tuple("large" if scale == max(scales) else "small" for scale in scales)


@cache
def layouts() -> Mapping[str, Layout]:
    """All layouts that come with Benchwright, by name, in the file's order."""
    text = (resources.files("benchwright.data") / "layouts.yaml").read_text("utf-8")
    file: dict[str, dict[str, Rows]] = yaml.safe_load(text)
    return {
        name: {variant: _slots(rows) for variant, rows in variants.items()}
        for name, variants in file.items()
    }


def _slots(rows: Rows) -> tuple[Slot, ...]:
    roles = sizes([scale for _, _, scale in rows])
    return tuple(
        Slot(float(x), float(y), float(scale), size)
        for (x, y, scale), size in zip(rows, roles, strict=True)
    )


def chosen(name: str, variants: Sequence[str] | None, place: str) -> Layout:
    """The variants of a layout that a subset asks for.

    Args:
        name: the layout.
        variants: which of its variants, or None for all.
        place: the subset's place in the recipe, for errors: ``subsets[0]``.

    Raises:
        RecipeError: there is no such layout or variant.
    """
    known = layouts()
    if name not in known:
        hint = did_you_mean(name, known) or f"; known: {', '.join(known)}"
        raise RecipeError(f'{place}.layout: there is no layout "{name}"{hint}')
    layout = known[name]
    for number, variant in enumerate(variants or ()):
        if variant not in layout:
            hint = did_you_mean(variant, layout) or f"; known: {', '.join(layout)}"
            raise RecipeError(
                f'{place}.variants[{number}]: layout "{name}" has no variant "{variant}"{hint}'
            )
    return {variant: layout[variant] for variant in (layout if variants is None else variants)}
