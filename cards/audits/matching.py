"""Image-text matching: does a picture prefer its caption to one with an absent object in it?

"CLIP Under the Microscope" (Abbasi et al., CVPR 2025). Its scenario 1 names the large object first
and replaces it; scenario 2 names it last in the right caption and first in the wrong one, where the
last, a small one, is replaced: order and replaced object change together. Here both stand beside
the full 2x2 of order and replaced object, in which right and wrong captions have one order.

The order of the large object last is that of it first turned round, so that the object replaced is
the first or the last mentioned: that place is the interaction of the two factors.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Literal

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from pydantic import Field

from benchwright.cards.audits import pictures as scenes
from benchwright.cards.audits.audit import Findings
from benchwright.cards.audits.audit import Settings as AuditSettings
from benchwright.cards.audits.matching_trials import Margins, blocks, margins
from benchwright.cards.audits.pictures import pictures, vocabulary
from benchwright.cards.audits.result import Result
from benchwright.cards.audits.shares import mean, paired_difference, share
from benchwright.seeding import generator

if TYPE_CHECKING:
    from benchwright.cards.audits.subject import Subject

CELLS = (
    "large first, large replaced",
    "large first, small replaced",
    "large last, large replaced",
    "large last, small replaced",
)
"""The 2x2; the first is also the papers' scenario 1."""

SCENARIOS = ("scenario 1", "scenario 2")

ORDER = "large first, not last"
"""Of the two right captions: whether the picture prefers the one that names the large one first."""

EFFECTS = {
    "large named first rather than last": (0.5, 0.5, -0.5, -0.5),
    "large replaced rather than a small one": (0.5, -0.5, 0.5, -0.5),
    "first mentioned replaced rather than the last (interaction)": (0.5, -0.5, -0.5, 0.5),
}
"""Contrasts of the cells, each a difference of two means over two cells."""

OUTCOMES = pa.schema(
    [
        pa.field("key", pa.string(), nullable=False),
        pa.field("objects", pa.int32(), nullable=False),
        pa.field("absent", pa.string(), nullable=False),  # the object put in another's place
        *(pa.field(name, pa.float32(), nullable=False) for name in (*CELLS, SCENARIOS[1], ORDER)),
    ]
)
"""A row a picture and absent object; the margin cos(I, T+) - cos(I, T-), right where above 0; the
last column's is of the two right captions."""


class Settings(AuditSettings):
    """Settings of the audit.

    Attributes:
        absent: absent objects a picture is tried with, drawn; 0 for all there are, as the papers
            have it. Pictures, not trials, make an interval narrow.
        pictures: of each number of objects at most, the first by a hash of their keys; 0 for all.
        template: of the captions.
    """

    absent: int = Field(2, ge=0)
    pictures: int = Field(5000, ge=0)
    template: Literal["short", "bare", "long"] = "short"


class Matching:
    """The audit."""

    name = "matching"
    about = "scenarios 1 and 2, and the 2x2 of mention order and replaced object"
    settings = Settings

    def misfit(self, subject: Subject) -> str:
        """Why it cannot be run; empty if it can."""
        if why := scenes.misfit(subject):
            return why
        if all((group.size_roles() < 0).all() for group in pictures(subject)):
            return "no picture of this set has one object larger than the others"
        return ""

    def run(self, subject: Subject, settings: Settings) -> Findings:
        """Measure."""
        names = vocabulary(subject)
        parts: dict[int, list[Margins]] = {}
        notes = []
        trials = min(settings.absent or len(names), len(names))
        for asked in blocks(subject, _wanted(subject, settings), trials):
            if len(names) <= (count := len(asked[0].first)):
                notes.append(f"Pictures of {count} objects show all names there are.")
                continue
            found = margins(subject.model, asked, names, settings.absent, settings.template,
                            settings.seed)  # fmt: skip
            parts.setdefault(count, []).append(found)
        results: list[Result] = []
        for count in sorted(parts):
            values = np.concatenate([found.values for found in parts[count]])
            results += _results(f"{count} objects", values, settings.seed)
        tables = [_table(count, found) for count in sorted(parts) for found in parts[count]]
        table = pa.concat_tables(tables) if tables else OUTCOMES.empty_table()
        notes.append(
            "A picture counts once, whatever the absent objects it was tried with; intervals of "
            "effects resample pictures."
        )
        return Findings(tuple(results), table, {"objects": len(names)}, tuple(dict.fromkeys(notes)))


def _wanted(subject: Subject, settings: Settings) -> dict[int, set[str]]:
    """Number of objects to keys of the pictures that are looked at."""
    keys: dict[int, list[str]] = {}
    for group in pictures(subject):
        there = np.flatnonzero((group.size_roles() >= 0).all(axis=1))
        kept = [group.keys[row] for row in there]
        keys.setdefault(group.objects, []).extend(kept)
    for count, found in keys.items():
        found.sort()
        generator(settings.seed, "matching", count).shuffle(found)
    return {count: set(found[: settings.pictures or None]) for count, found in keys.items()}


def _results(group: str, values: NDArray[np.float32], seed: int) -> Iterator[Result]:
    right = (values > 0).astype(np.float64)
    shares = right.mean(axis=1)
    for number, scenario in enumerate(SCENARIOS):
        column = (0, 4)[number]
        yield share("right captions preferred", f"{group}, {scenario}",
                    float(shares[:, column].sum()), len(shares))  # fmt: skip
    yield paired_difference(
        "difference of the scenarios",
        f"{group}, scenario 1 - scenario 2",
        right[:, :, 0],
        right[:, :, 4],
    )
    for column, cell in enumerate(CELLS):
        hits = float(shares[:, column].sum())
        yield share("right captions preferred", f"{group}, {cell}", hits, len(shares))
    yield share("order preferred", f"{group}, {ORDER}", float(shares[:, 5].sum()), len(shares))
    by_picture = values.mean(axis=1, dtype=np.float64)
    for effect, contrast in EFFECTS.items():
        weights = np.array(contrast)
        change = shares[:, :4] @ weights
        yield mean("effect on the share", f"{group}, {effect}", change, seed, reach=1.0)
        yield mean("effect on the margin", f"{group}, {effect}", by_picture[:, :4] @ weights, seed)


def _table(count: int, found: Margins) -> pa.Table:
    trials = found.values.shape[1]
    flat = found.values.reshape(-1, found.values.shape[2])
    columns = {name: flat[:, at] for at, name in enumerate((*CELLS, SCENARIOS[1], ORDER))}
    return pa.table(
        {
            "key": [key for key in found.keys for _ in range(trials)],
            "objects": [count] * len(flat),
            "absent": [name for names in found.absent for name in names],
            **columns,
        },
        schema=OUTCOMES,
    )


AUDIT = Matching()
