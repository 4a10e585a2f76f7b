"""What a miner found out beside the groups, as ``build.json`` keeps it under ``made``.

Whether a pair holds under other prompts and for other models, what is left of its drop among like
pictures, how far the judge is to be believed, and how far people agree. Shares throughout, -1 to 1.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from pydantic import TypeAdapter, ValidationError

from benchwright.dataset import BUILD
from benchwright.errors import DatasetError

ROUNDING = 1e-9
"""A drop of 1 may come out a little beyond the end of its interval."""

ALL = ""
"""Class, or background, of a cell that is over all of them."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What one model with one prompt says of a pair, on the confirmation half.

    Attributes:
        drop: accuracy on common less that on counter.
        low, high: its 95 % interval (Newcombe).
        confirmed: whether it is above zero, at the set's rate of false discoveries.
    """

    drop: float
    low: float
    high: float
    confirmed: bool

    def __post_init__(self) -> None:
        """Refuse an interval that is none."""
        _check_interval(self.low, self.drop, self.high)


@dataclass(frozen=True, slots=True)
class Matched:
    """A pair's drop within strata of subject scale and brightness, on the confirmation half.

    Attributes:
        raw: the drop over all images.
        matched: over the strata that hold both groups; None where none does.
        low, high: its 95 % interval, by resampling clusters.
        common_unmatched: images on the common background that are in no such stratum.
        counter_unmatched: likewise.
    """

    raw: float
    matched: float | None
    low: float | None
    high: float | None
    common_unmatched: int
    counter_unmatched: int

    def __post_init__(self) -> None:
        """Refuse an interval that is none."""
        bounds = (self.low, self.matched, self.high)
        if None in bounds and set(bounds) != {None}:
            raise ValueError("matched, low and high are there together, or none of them is")
        if self.low is not None and self.high is not None and self.low > self.high:
            raise ValueError(f"its interval runs from {self.low:g} to {self.high:g}")


@dataclass(frozen=True, slots=True)
class JudgeCell:
    """The judge on images whose truth is known: rightly claimed, of a class on a background.

    Attributes:
        cls: true class; ``ALL`` for all.
        background: true background; ``ALL`` for all.
        n: images.
        vouched: of them, those whose class it vouches for.
        named: of them, those whose background it names.
        right: of those named, those named rightly.
    """

    cls: str
    background: str
    n: int
    vouched: int
    named: int
    right: int

    def __post_init__(self) -> None:
        """Refuse counts of more than there are."""
        if not (0 <= self.right <= self.named <= self.n and 0 <= self.vouched <= self.n):
            raise ValueError(f"counts of more than the {self.n} images there are")


@dataclass(frozen=True, slots=True)
class Judge:
    """How far the judge is to be believed.

    Attributes:
        cells: by class and background, all of a class, all of a background, all.
        wrong_claims: images that claim another class than they show.
        wrong_vouched: of them, those that it vouches for all the same.
        calibration_error: mean distance of its probability of a background from the share that is
            right; None where it named none.
    """

    cells: tuple[JudgeCell, ...]
    wrong_claims: int
    wrong_vouched: int
    calibration_error: float | None

    def __post_init__(self) -> None:
        """Refuse counts of more than there are."""
        if not 0 <= self.wrong_vouched <= self.wrong_claims:
            raise ValueError(f"counts of more than the {self.wrong_claims} wrong claims there are")

    @property
    def overall(self) -> JudgeCell:
        """Over all classes and backgrounds."""
        nothing = JudgeCell(ALL, ALL, 0, 0, 0, 0)
        return next((of for of in self.cells if (of.cls, of.background) == (ALL, ALL)), nothing)


@dataclass(frozen=True, slots=True)
class People:
    """What people's decisions came to.

    Attributes:
        people: who decided.
        decisions: samples that somebody looked at.
        disputed: of them, those on which people disagree: nothing is settled there.
        unmet: of them, those that are no samples of the images mined.
        shared: samples that the two people looked at who share most.
        agreed: share of them on which the two say the same; None where no two share any.
        kappa: Cohen's, of the two; None where it is not defined.
        low, high: its 95 % interval.
    """

    people: int
    decisions: int
    disputed: int
    unmet: int
    shared: int
    agreed: float | None
    kappa: float | None
    low: float | None
    high: float | None

    def __post_init__(self) -> None:
        """Refuse what cannot be."""
        if not 0 <= max(self.disputed, self.unmet, self.shared) <= self.decisions:
            raise ValueError(f"counts of more than the {self.decisions} decisions there are")
        for value in (self.agreed, self.kappa, self.low, self.high):
            if value is not None and not -1 <= value <= 1:
                raise ValueError(f"an agreement of {value:g}")


@dataclass(frozen=True, slots=True)
class Findings:
    """All of it; what was not found out is empty.

    Attributes:
        without_pair: class to the reason why it has no pair, with the counts behind it.
        stability: class to what each model and prompt says of its pair.
        matched: class to its drop among like pictures.
        judge: where the truth of some images is known.
        review: where people looked at some.
        resize: pixels that the shorter sides were brought to while downloading; 0: as they were;
            None where nothing was downloaded for the set.
    """

    without_pair: Mapping[str, str] = field(default_factory=dict)
    stability: Mapping[str, Mapping[str, Answer]] = field(default_factory=dict)
    matched: Mapping[str, Matched] = field(default_factory=dict)
    judge: Judge | None = None
    review: People | None = None
    resize: int | None = None

    @classmethod
    def of(cls, build: Mapping[str, Any]) -> Findings:
        """Those that a set's ``build.json`` states; it may state more.

        Raises:
            DatasetError: they are not as declared here.
        """
        try:
            return _ADAPTER.validate_python(build.get("made") or {})
        except ValidationError as error:
            fault = error.errors(include_url=False)[0]
            place = ".".join(str(part)[:60] for part in ("made", *fault["loc"]))
            message = fault["msg"].removeprefix("Value error, ")
            raise DatasetError(f"{BUILD}: {place}: {message}; write the set again") from error


_ADAPTER = TypeAdapter(Findings)


def _check_interval(low: float, value: float, high: float) -> None:
    if not low - ROUNDING <= value <= high + ROUNDING:
        raise ValueError(f"{value:g} is outside its interval, {low:g} to {high:g}")
