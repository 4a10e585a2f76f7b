"""What an entry of ``data/objects`` says: an object as coloured parts, each of one primitive form.

Axes: x to the right, y away from the viewer, z up; the front of an object faces -y. Units are free:
the finished object is scaled to unit size.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

Number = Annotated[float, Field(strict=False, ge=-1000, le=1000)]
Length = Annotated[float, Field(strict=False, gt=0, le=1000)]
Pair = tuple[Number, Number]
Triple = tuple[Number, Number, Number]
Ball = tuple[Number, Number, Number, Length]
Colour = Annotated[str, Field(pattern=r"^#[0-9a-f]{6}$")]
Finish = Literal["matt", "glossy", "metal", "mirror"]
Axis = Literal["x", "y", "z"]

FORMS = ("box", "ellipsoid", "lathe", "tube", "extrude", "hull", "limb", "use")


class Strict(BaseModel):
    """Unknown keys are errors; YAML lists become tuples."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Repeat(Strict):
    """Copies of a part: each one moved by ``step`` and turned about an axis from the one before."""

    count: int = Field(ge=2, le=200)
    step: Triple = (0, 0, 0)
    turn: Number = 0
    about: Axis = "z"


class Part(Strict):
    """One form in one colour, placed: scaled, turned, moved, then repeated, then mirrored.

    Exactly one of ``FORMS`` is given.
    """

    box: Triple | None = Field(None, description="Width, depth, height, centred; see round.")
    ellipsoid: Triple | None = Field(None, description="Half axes.")
    lathe: list[Pair] | None = Field(None, description="(radius, z) from the bottom to the top.")
    tube: list[Triple] | None = Field(None, description="Path of a tube; see radius, flat.")
    extrude: list[Pair] | None = Field(None, description="Outline; see plane, depth, bevel, holes.")
    hull: list[Ball] | None = Field(None, description="Convex hull of balls (x, y, z, radius).")
    limb: list[Ball] | None = Field(None, description="Balls joined one to the next: a soft limb.")
    use: str | None = Field(None, description="A piece of this entry, by name.")

    round: Annotated[float, Field(ge=0)] = Field(0.03, description="Radius of a box's edges.")
    radius: Length | list[Length] = Field(0.05, description="Of a tube; a list: one a point.")
    flat: Length = Field(1, description="A tube's thickness up and down over that sideways.")
    plane: Literal["front", "top", "side"] = Field(
        "front", description="Of an outline: (x, z), (x, y) or (y, z)."
    )
    depth: Length = Field(0.1, description="Thickness of an extruded outline, centred.")
    bevel: Length = Field(0.015, description="Radius of an extruded outline's edges.")
    holes: list[list[Pair]] = Field([], description="Outlines cut out of an extruded one.")
    curve: bool = Field(False, description="Draw a smooth curve through the points.")

    colour: Colour = "#888888"
    finish: Finish = "matt"
    size: Triple = (1, 1, 1)
    turn: Triple = Field((0, 0, 0), description="Degrees about x, then y, then z.")
    at: Triple = (0, 0, 0)
    repeat: Repeat | None = None
    mirror: Axis | None = Field(None, description="Add the mirror image across this axis's plane.")
    cut: list[Part] = Field([], description="Forms taken out, before the part is turned and moved.")
    within: list[Part] = Field(
        [], description="Keep only what lies inside one of these, before turning and moving."
    )

    @property
    def form(self) -> str:
        """Which of ``FORMS`` it is."""
        return next(name for name in FORMS if getattr(self, name) is not None)

    @model_validator(mode="after")
    def _has_one_form(self) -> Part:
        given = [name for name in FORMS if getattr(self, name) is not None]
        if len(given) != 1:
            raise ValueError(f"a part has exactly one of {', '.join(FORMS)}; found {given}")
        if any(tool.use is not None for tool in (*self.cut, *self.within)):
            raise ValueError("cut and within take forms, not pieces; repeat the form there")
        if isinstance(self.radius, list) and len(self.radius) != len(self.tube or ()):
            raise ValueError("radius lists one value for each point of the tube")
        return self


class Entry(Strict):
    """An object.

    Attributes:
        category: real-world size: small (fits a hand), medium (fits a person's arms), large.
        cm: its longest real dimension, centimetres.
        yaws: degrees at which it is rendered; the first faces the viewer as it is best known.
        lies: turn (degrees about x, y, z) that lays it down to be seen from straight above.
        pieces: named lists of parts, for ``use``.
        parts: what it is made of.
    """

    category: Literal["small", "medium", "large"]
    cm: Annotated[float, Field(strict=False, gt=0, le=100_000)]
    yaws: list[Annotated[int, Field(ge=-180, le=359)]] = Field([0, -30, 30, 15], min_length=1)
    lies: Triple = (0, 0, 0)
    pieces: dict[str, list[Part]] = {}
    parts: list[Part] = Field(min_length=1)

    @model_validator(mode="after")
    def _pieces_exist(self) -> Entry:
        lists = [self.parts, *self.pieces.values()]
        for part in (part for parts in lists for part in parts):
            if part.use is not None and part.use not in self.pieces:
                raise ValueError(f'there is no piece "{part.use}": {", ".join(self.pieces)}')
        return self
