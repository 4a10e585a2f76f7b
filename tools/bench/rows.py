"""A row of the table: what was measured, what it should be, and whether it is."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal


@dataclass(frozen=True, slots=True)
class Aim:
    """What a value should reach, or not pass."""

    sense: Literal["at least", "at most"]
    bound: float

    def is_met(self, value: float) -> bool:
        """Whether a value does; the bound itself does."""
        return value >= self.bound if self.sense == "at least" else value <= self.bound

    def __str__(self) -> str:
        return f"{self.sense} {shown(self.bound)}"


def at_least(bound: float) -> Aim:
    """More is better."""
    return Aim("at least", bound)


def at_most(bound: float) -> Aim:
    """Less is better."""
    return Aim("at most", bound)


@dataclass(frozen=True, slots=True)
class Row:
    """Something measured.

    Attributes:
        name: what, after the subject's name.
        value: None where it could not be measured; the note says why, and what to do.
        unit: of the value; empty for a ratio.
        aim: None for what only explains another row.
        note: what the value was made of.
    """

    name: str
    value: float | None
    unit: str = ""
    aim: Aim | None = None
    note: str = ""

    @property
    def met(self) -> bool | None:
        """Whether the aim is met; None where there is no aim."""
        if self.aim is None:
            return None
        return self.value is not None and self.aim.is_met(self.value)

    @property
    def measured(self) -> str:
        """The value with its unit, as a person reads it."""
        return "not measured" if self.value is None else f"{shown(self.value)} {self.unit}".rstrip()

    @property
    def verdict(self) -> str:
        """The last cell: yes, no, or nothing where nothing was aimed at."""
        return {None: "", True: "yes", False: "no"}[self.met]

    def to_dict(self) -> dict[str, Any]:
        """Plain values, for JSON."""
        aim = {"sense": self.aim.sense, "bound": self.aim.bound} if self.aim else None
        return {"name": self.name, "value": self.value, "unit": self.unit, "aim": aim,
                "met": self.met, "note": self.note}  # fmt: skip


def shown(value: float) -> str:
    """A number in the digits that a measurement is good for."""
    if abs(value) >= 100 or value == int(value):
        return f"{value:,.0f}"
    if abs(value) < 0.1:
        return f"{value:.2g}"
    return f"{value:.1f}" if abs(value) >= 10 else f"{value:.2f}"


@dataclass(frozen=True, slots=True)
class Sizes:
    """How much is measured; what is compared stays the same.

    Attributes:
        scenes: built for the rates; a tenth for that of memory, four times as many for scaling.
        renders: scenes that each renderer draws.
        pictures: embedded for the rates; three and thirty times as many for that of memory.
        millions: of scored rows, ascending.
        published: scenes of the set that is published and verified.
        rounds: of each comparison; medians count.
        peers: folder of the environments that other tools are installed into.
        folder: where what is measured lies meanwhile: needs room for the rows.
    """

    scenes: int
    renders: int
    pictures: int
    millions: tuple[float, ...]
    published: int
    rounds: int
    peers: Path
    folder: Path
