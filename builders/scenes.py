"""A recipe's scenes, streamed: design, layout and nuisance factors put together."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from itertools import islice
from typing import TypeVar

from benchwright.builders import placement
from benchwright.builders.backgrounds.choice import Backgrounds
from benchwright.builders.camera import PERSPECTIVE, PERSPECTIVE_TOP, TOP
from benchwright.builders.designs import Design, design
from benchwright.builders.layouts import Layout, Slot, chosen
from benchwright.builders.sprites import OWN, SpriteSource
from benchwright.builders.twins import Choices, twin
from benchwright.errors import RecipeError, did_you_mean
from benchwright.recipe import MAX_OBJECTS, Factor, Free, Recipe
from benchwright.record import Placed, Scene
from benchwright.seeding import digest, share

FREE = "free"
TWINS = "twins"

MOST_SCENES = 5_000_000
"""Scenes a variant: far above the originals' 8,000, far below all quadruples of 71 objects."""

Choice = TypeVar("Choice")


@dataclass(frozen=True, slots=True)
class Split:
    """A dataset's config and split: a subset and its variant, or ``twins`` and the factor."""

    config: str
    split: str


@dataclass(frozen=True, slots=True)
class Grouped:
    """A scene, and the index in ``objects.names`` of the latest-listed object it needs.

    That is one it holds or, for a twin, its original does; the first ``of_objects`` of a sample
    count as one. Scenes of a background listed after ``of_backgrounds`` come after all others, by
    ``MAX_OBJECTS`` for each. Shards are cut within groups, so what is appended appends shards.
    """

    group: int
    scene: Scene


def splits(recipe: Recipe) -> Iterator[Split]:
    """The recipe's splits, in its order, twins last.

    Raises:
        RecipeError: a layout or variant is unknown.
    """
    for number, subset in enumerate(recipe.subsets):
        yield from (Split(subset.name, variant) for variant in _layout(recipe, number))
    if recipe.twins:
        yield from (Split(TWINS, factor) for factor in recipe.twins.factors)


def check(recipe: Recipe, assets: Iterable[str]) -> None:
    """Fail on whatever can be known to fail before a scene is made.

    Raises:
        RecipeError: an unknown object, background, layout or variant; a design or
            placement that cannot be.
    """
    known = dict.fromkeys(assets)
    for number, name in enumerate(recipe.objects.names):
        if name not in known:
            hint = did_you_mean(name, known) or f"; known: {', '.join(known)}"
            raise RecipeError(f'objects.names[{number}]: there is no object "{name}"{hint}')
    Backgrounds(recipe)
    for number, subset in enumerate(recipe.subsets):
        count = _design(recipe, number).count
        if count > MOST_SCENES:
            raise RecipeError(
                f"{_place(number)}.scenes: {count:,} scenes a variant; at most {MOST_SCENES:,} are "
                "built, so sample them (scenes: {scenes: 8000, of_objects: "
                f"{len(recipe.objects.names)}}})"
            )
        if isinstance(subset.layout, Free):
            placement.check(subset.layout, _place(number), recipe.camera)
            if subset.variants != "all":
                raise RecipeError(
                    f"{_place(number)}.variants: free placement has no variants; remove the line"
                )


def scenes(recipe: Recipe, split: Split, source: SpriteSource) -> Iterator[Grouped]:
    """The scenes of a split, one at a time.

    Args:
        recipe: what to build.
        split: one of ``splits(recipe)``.
        source: which assets there are, and at which yaws.

    Raises:
        RecipeError: the recipe asks for what cannot be.
    """
    check(recipe, source.names())
    made = _twins if split.config == TWINS else _originals
    return islice(made(recipe, split, source), recipe.limit)


def _originals(
    recipe: Recipe,
    split: Split,
    source: SpriteSource,
    wanted: Callable[[Sequence[str]], bool] = lambda held: True,
) -> Iterator[Grouped]:
    """A subset's scenes; ``wanted`` is asked by the objects' names by slot, before one is made."""
    number = [subset.name for subset in recipe.subsets].index(split.config)
    fixed, names = _layout(recipe, number)[split.split], recipe.objects.names
    seen_in = lighting(recipe, source)
    based, backgrounds = _base(recipe, number), Backgrounds(recipe)
    assignments = islice(_design(recipe, number), recipe.limit)
    for assignment, grounds in zip(assignments, backgrounds.entries(split.config), strict=False):
        held = [names[index] for index in assignment.objects]
        if not wanted(held):
            continue
        slots = fixed or _free_slots(recipe, number, held)
        standing = [
            _stand(recipe, source, slots[at], at if fixed else -1, (split.config, held, at))
            for at in range(len(held))
        ]
        for rank, background in grounds:
            scene = Scene(
                width=recipe.image.size,
                height=recipe.image.size,
                background=backgrounds.member(background, held),
                camera=camera(recipe),
                lighting=seen_in,
                objects=tuple(standing[at] for at in assignment.order),
            )
            yield Grouped(rank * MAX_OBJECTS + max(*assignment.objects, based - 1), scene)


def _stand(
    recipe: Recipe,
    source: SpriteSource,
    slot: Slot,
    number: int,
    where: tuple[str, Sequence[str], int],
) -> Placed:
    """An object in its slot, its nuisance factors drawn.

    They derive from the subset, the scene's objects by slot, and this one's place among them:
    scenes of a family's variants match in them, and nothing else in the recipe changes them.
    """
    subset, held, at = where
    name, asset = held[at], source.asset(held[at])

    def pick(purpose: str, choices: Sequence[Choice]) -> Choice:
        if len(choices) == 1:
            return choices[0]
        return choices[digest(recipe.seed, "nuisance", purpose, subset, *held, at) % len(choices)]

    return _dressed(source, Placed(
        name=name,
        asset=asset,
        slot=number,
        x=round(slot.x, placement.DECIMALS),
        y=round(slot.y, placement.DECIMALS),
        yaw=pick("yaw", yaws(recipe, source, asset)),
        tilt=pick("tilt", recipe.objects.tilt),
        pose=pose(recipe, name),
        scale=slot.scale,
        size=slot.size,
        colour=pick("colour", recipe.objects.colours),
        material=pick("material", recipe.objects.materials),
    ))  # fmt: skip


def camera(recipe: Recipe) -> str:
    """The camera that a recipe's objects are seen by: Blender's sees in perspective."""
    if recipe.render == "composed":
        return recipe.camera
    return PERSPECTIVE_TOP if recipe.camera == TOP else PERSPECTIVE


def lighting(recipe: Recipe, source: SpriteSource) -> str:
    """The light that a recipe's objects are seen in; several, joined, where it mixes looks."""
    return "+".join(sorted({source.light(source.asset(name)) for name in recipe.objects.names}))


def pose(recipe: Recipe, name: str) -> str:
    """How an object rests: from above it lies as it does by itself, if the recipe doesn't say."""
    usual = recipe.objects.pose or ("lying" if recipe.camera == TOP else "standing")
    return recipe.objects.poses.get(name, usual)


def _dressed(source: SpriteSource, placed: Placed) -> Placed:
    """An object in the colour and material it was given, or in its asset's own."""
    if source.is_tintable(placed.asset):
        return placed
    return replace(placed, colour=OWN, material=OWN)


def _twins(recipe: Recipe, split: Split, source: SpriteSource) -> Iterator[Grouped]:
    """The twins in one factor.

    Which scenes get one derives from their subset and objects: the same ones in all variants.
    """
    twins = recipe.twins
    if twins is None:
        return
    factor: Factor = next(factor for factor in twins.factors if factor == split.split)
    rank = {name: index for index, name in enumerate(recipe.objects.names)}
    choices = Choices(
        recipe.seed, tuple(rank), rank, Backgrounds(recipe).of_twin,
        lambda name: yaws(recipe, source, source.asset(name)), partial(_arriving, recipe, source),
    )  # fmt: skip
    made: set[str] = set()  # two subsets may hold one scene, whose twin is then one too
    for origin in splits(recipe):
        if origin.config not in twins.of:
            continue
        among = partial(_has_twin, recipe.seed, twins.share, factor, origin.config)
        for grouped in _originals(recipe, origin, source, among):
            partner = twin(grouped.scene, factor, choices)
            if partner and partner.key not in made:
                made.add(partner.key)
                latest = max(rank[placed.name] for placed in partner.objects)
                ground, needed = divmod(grouped.group, MAX_OBJECTS)
                yield Grouped(ground * MAX_OBJECTS + max(latest, needed), partner)


def _arriving(recipe: Recipe, source: SpriteSource, placed: Placed) -> Placed:
    """An object that takes another's place: in that one's colour if both can be given one."""
    colours, materials = recipe.objects.colours, recipe.objects.materials
    given = placed if placed.colour != OWN else replace(
        placed, colour=colours[0], material=materials[0])  # fmt: skip
    asset = source.asset(placed.name)
    return _dressed(source, replace(given, asset=asset, pose=pose(recipe, placed.name)))


def _has_twin(seed: int, part: float, factor: Factor, subset: str, held: Sequence[str]) -> bool:
    return share(seed, "twin", factor, subset, *held) < part


def _place(number: int) -> str:
    return f"subsets[{number}]"


def _layout(recipe: Recipe, number: int) -> Layout:
    """The slots of a subset's variants; free placement is one variant, without any of its own."""
    subset = recipe.subsets[number]
    if isinstance(subset.layout, Free):
        return {FREE: ()}
    variants = None if subset.variants == "all" else subset.variants
    return chosen(subset.layout, variants, _place(number))


def _design(recipe: Recipe, number: int) -> Design:
    layout = recipe.subsets[number].layout
    if isinstance(layout, Free):
        return design(recipe, number, layout.count)
    return design(recipe, number, len(next(iter(_layout(recipe, number).values()))))


def _base(recipe: Recipe, number: int) -> int:
    """How many objects a sample was meant for: they came together, so they share shards."""
    scenes = recipe.subsets[number].scenes
    return 0 if scenes == "all" else scenes.of_objects


def _free_slots(recipe: Recipe, number: int, held: Sequence[str]) -> tuple[Slot, ...]:
    subset = recipe.subsets[number]
    assert isinstance(subset.layout, Free)
    key = (recipe.seed, "place", subset.name, *held)
    return placement.placed(subset.layout, _place(number), recipe.camera, *key)


def yaws(recipe: Recipe, source: SpriteSource, asset: str) -> tuple[int, ...]:
    """The yaws an object may be seen at."""
    if isinstance(recipe.objects.yaw, list):
        return tuple(recipe.objects.yaw)
    known = source.yaws(asset)
    if recipe.objects.yaw == "front":
        return (0,) if 0 in known else known[:1]
    return known
