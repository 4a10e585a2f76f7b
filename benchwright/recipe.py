"""The recipe: what a person writes to say what to build. See ``data/recipes`` for examples."""

from __future__ import annotations

import re
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

MAX_SIZE = 1024
"""Pixels. Sprites are baked at 107 px a unit, 1.25 x what the largest slot needs at this width."""

MAX_OBJECTS = 10_000
"""Names in one recipe: far above any vocabulary; keeps a runaway file from filling the memory."""


FOLDER = "folder:"
"""What the path of a folder of photographs follows in a list of backgrounds."""


def unique(names: list[str]) -> list[str]:
    """The names as they are.

    Raises:
        ValueError: one is listed twice.
    """
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise ValueError(f"listed twice: {', '.join(twice)}; keep each once")
    return names


def _hex(colour: str) -> str:
    if not re.fullmatch(r"#[0-9a-f]{6}", colour):
        raise ValueError(f'"{colour}" is not a colour like #2a4bd7 (lower-case hex)')
    return colour


def _background(entry: str) -> str:
    if entry.startswith("#"):
        return _hex(entry)
    if not re.fullmatch(rf"[a-z][a-z0-9_]*|{FOLDER}[^\x00-\x1f\x7f]+", entry):
        raise ValueError(
            f'"{entry[:100]}" is no background: write a colour like #cdcdcd, a texture like grass, '
            f"or {FOLDER}PATH for the photographs of a folder"
        )
    return entry


Colour = Annotated[str, AfterValidator(_hex)]
Background = Annotated[str, AfterValidator(_background)]
Names = Annotated[list[str], AfterValidator(unique), Field(min_length=1, max_length=MAX_OBJECTS)]
Tilts = Annotated[list[Annotated[int, Field(ge=-60, le=60)]], Field(min_length=1, max_length=121)]
Yaws = Annotated[list[Annotated[int, Field(ge=-180, le=359)]], Field(min_length=1, max_length=360)]
Pose = Literal["standing", "lying", "leaning", "flat"]
Factor = Literal["order", "size_swap", "slot_swap", "object", "ground"]
Template = Literal["short", "bare", "long"]
Material = Literal["rubber", "metal"]


class Part(BaseModel):
    """Base of every part of a recipe: unknown keys are errors, values never change."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class Image(Part):
    """The picture: square, JPEG."""

    size: int = Field(512, ge=64, le=MAX_SIZE, description="Width and height, pixels.")
    quality: int = Field(95, ge=1, le=100, description="JPEG quality.")


class Objects(Part):
    """Which objects, and how each may look. A list of choices is a seeded nuisance factor."""

    names: Names = Field(description="Objects of the set. Append to grow it; order matters.")
    look: Literal["baked", "flat"] = Field("baked", description="Path-traced sprites, or flat.")
    assets: Names = Field(
        ["builtin"],
        description="Where each object is taken from, the preferred first: builtin, a pack, "
        "objaverse, or a folder or .sh3f library of your own.",
    )
    equal_areas: bool = Field(False, description="Scale all until their fronts cover the same.")
    allow_unknown_licences: bool = Field(False, description="Show assets nobody gave a licence.")
    mixed_looks: bool = Field(False, description="Let cutouts and rendered meshes meet.")
    colours: list[Colour] = Field(["#2a4bd7"], min_length=1, description="Colours to draw from.")
    materials: list[Material] = Field(["rubber"], min_length=1, description="To draw from.")
    yaw: Literal["front", "any"] | Yaws = Field(
        "front",
        description="Face the camera; any yaw of the atlas; or these (degrees), baked if need be.",
    )
    tilt: Tilts = Field([0], description="Degrees to lean to the right by, to draw from.")
    pose: Pose | None = Field(
        None, description="How objects rest; as a rule they stand, and lie to be seen from the top."
    )
    poses: dict[str, Pose] = Field({}, description="Exceptions to `pose`, by object.")


class Sample(Part):
    """So many scenes, drawn without replacement from all ordered choices of objects."""

    scenes: int = Field(ge=1, description="Scenes a variant, for a list of `of_objects` objects.")
    of_objects: int = Field(
        ge=1,
        description="Length of the list `scenes` is meant for: objects after it add scenes.",
    )


class Free(Part):
    """Placement anywhere on the ground without overlap on the ground plane."""

    count: int = Field(ge=1, le=10, description="Objects a scene.")
    large: float = Field(1.8, gt=0, le=3, description="Scale of the one large object.")
    small: float = Field(0.7, gt=0, le=3, description="Scale of the others.")
    extent: float = Field(4.0, gt=0, le=5, description="Half-width of the ground used, units.")
    gap: float = Field(0.2, ge=0, le=5, description="Least distance between footprints, units.")
    tries: int = Field(200, ge=1, le=100_000, description="Arrangements tried before giving up.")


class Subset(Part):
    """A family of scenes: one config of the dataset, its variants are the splits."""

    name: str = Field(pattern=r"^[a-z][a-z0-9_]*$", description="Config name.")
    layout: str | Free = Field(description="A layout of data/layouts.yaml, or free placement.")
    variants: Names | Literal["all"] = Field("all", description="Which variants of the layout.")
    scenes: Literal["all"] | Sample = Field("all", description="All ordered choices, or a sample.")


class Twins(Part):
    """Partners that differ from a scene of the set in exactly one factor."""

    factors: Annotated[list[Factor], AfterValidator(unique)] = Field(min_length=1)
    share: float = Field(gt=0, le=1, description="Share of scenes that get a twin a factor.")
    of: Names = Field(description="Subsets whose scenes get twins.")
    ground: Background = Field(
        "#7f6a55", description="Background of the `ground` twin, as in `backgrounds`."
    )


Paragraph = Annotated[str, Field(max_length=10_000)]


class Photographs(Part):
    """How photographs serve as backgrounds."""

    blur: list[Annotated[int, Field(ge=0, le=100)]] = Field(
        [0], min_length=1, description="Out of focus by, thousandths of the width; to draw from."
    )
    allow_unknown_licences: bool = Field(False, description="Show photographs without a licence.")


class Withdrawn(Part):
    """A sample taken out of the set for good; its twins go with it."""

    key: str = Field(pattern=r"^[0-9a-f]{16}$", description="The sample's key.")
    why: str = Field(
        min_length=1, max_length=200, pattern=r"^[^\x00-\x1f\x7f]+$",
        description="The reason, as the change log of the next version gives it.",
    )  # fmt: skip


class CardText(Part):
    """What only a person can say of a set. Each paragraph (Markdown) joins its card section."""

    summary: Paragraph = Field("", description="What the set is for, in a few sentences.")
    uses: Paragraph = Field("", description="Uses beyond the measured ones.")
    out_of_scope: Paragraph = Field("", description="What the set must not be used for.")
    rationale: Paragraph = Field("", description="Why the set was made.")
    collection: Paragraph = Field("", description="How the sources were chosen.")
    annotation: Paragraph = Field("", description="Who labelled, and how.")
    personal: Paragraph = Field("", description="Personal or sensitive information.")
    limitations: Paragraph = Field("", description="Known biases and limits.")
    recommendations: Paragraph = Field("", description="Advice that follows from the limits.")
    maintenance: Paragraph = Field("", description="Who keeps the set, and until when.")
    more: Paragraph = Field("", description="Anything else.")
    authors: list[Annotated[str, Field(max_length=200)]] = Field([], description="Who made it.")
    contact: str = Field("", max_length=200, description="Where to ask; an address or a link.")


class SetRecipe(Part):
    """What the recipe of any set says first."""

    recipe: Literal[1] = Field(description="Version of this format.")
    name: str = Field(pattern=r"^[a-z][a-z0-9_-]*$")
    title: str = Field(max_length=200, pattern=r"^[^\x00-\x1f\x7f]+$")
    licence: str = Field(
        "apache-2.0",
        pattern=r"^[a-z0-9.+-]+$",
        description="Licence of the built set, as the Hub names it.",
    )
    seed: int = Field(0, ge=0, le=2**63 - 1)
    engine: Literal["local", "ray"] = Field(
        "local",
        exclude=True,  # the set does not depend on it
        description="Where it is built: processes of this machine, or a Ray cluster.",
    )


class Blender(Part):
    """The reference renderer, where ``render: blender`` asks for it."""

    executable: str | None = Field(
        None, description="Blender, or a Python with bpy; found if it is not named."
    )
    samples: int = Field(128, ge=1, le=4096, description="Light paths a pixel, at most.")


class Recipe(SetRecipe):
    """A scene set. ``benchwright schema`` prints this as JSON Schema."""

    kind: Literal["scenes"] = Field("scenes", description="What a sample is; see also `text`.")
    image: Image = Image()
    camera: Literal["tilted", "top"] = Field(
        "tilted", description="45 degrees above the horizon, or straight from above."
    )
    ground: Colour = Field("#cdcdcd", description="Colour of the ground as it appears.")
    backgrounds: Annotated[list[Background], AfterValidator(unique)] = Field(
        [],
        max_length=1000,
        description="Instead of `ground`, evenly: colours, textures, `folder:PATH` of photographs.",
    )
    of_backgrounds: int | None = Field(
        None,
        ge=1,
        description="How many of `backgrounds` share the scenes; those after them add scenes.",
    )
    photographs: Photographs = Photographs()
    objects: Objects
    render: Literal["composed", "blender"] = Field(
        "composed", description="From sprites; or whole, by Blender's Cycles, far more slowly."
    )
    blender: Blender = Blender()
    captions: Annotated[list[Template], AfterValidator(unique)] = Field(["short"], min_length=1)
    balance: Literal["counterbalanced", "none"] = Field(
        "counterbalanced",
        description="`none` repeats the originals: slots fix the mention order, plain sampling.",
    )
    limit: int | None = Field(
        None, ge=1, description="At most so many scenes a split: a first look, not balanced."
    )
    shard_size: int = Field(500, ge=1, le=10_000, description="Samples a shard at most.")
    subsets: list[Subset] = Field(min_length=1)
    twins: Twins | None = None
    payload: Literal["images", "references"] = Field(
        "images",
        description="What is published: the images, or records and digests to rebuild them by.",
    )
    withdrawn: list[Withdrawn] = Field([], description="Samples taken out, each with the reason.")
    card: CardText = CardText()

    @property
    def photo_folders(self) -> tuple[str, ...]:
        """Folders of the photographs that scenes may stand on."""
        entries = [*self.backgrounds, *([self.twins.ground] if self.twins else [])]
        named = [e.removeprefix(FOLDER) for e in entries if e.startswith(FOLDER)]
        return tuple(dict.fromkeys(named))

    @model_validator(mode="after")
    def _blender_can(self) -> Recipe:
        if self.render == "composed":
            return self
        if self.objects.look == "flat" or self.objects.equal_areas:
            raise ValueError("objects: look: flat and equal_areas are of sprites, not of Blender")
        grounds = [*self.backgrounds, *([self.twins.ground] if self.twins else [])]
        if odd := [ground for ground in grounds if not ground.startswith("#")]:
            raise ValueError(
                f'"{odd[0]}" is no colour, the only ground that Blender\'s scenes have'
            )
        return self

    @model_validator(mode="after")
    def _names_agree(self) -> Recipe:
        names = [subset.name for subset in self.subsets]
        unique(names)
        unique([sample.key for sample in self.withdrawn])
        if odd := sorted(self.objects.poses.keys() - set(self.objects.names)):
            raise ValueError(f'objects.poses names "{odd[0]}", which objects.names does not hold')
        if self.of_backgrounds and self.of_backgrounds > len(self.backgrounds):
            raise ValueError(
                f"of_backgrounds is {self.of_backgrounds} but backgrounds lists "
                f"{len(self.backgrounds)}"
            )
        if "twins" in names:
            raise ValueError('a subset may not be called "twins": that config holds the twins')
        for of in self.twins.of if self.twins else []:
            if of not in names:
                raise ValueError(
                    f'twins.of names "{of}", which is not a subset: {", ".join(names)}'
                )
        return self
