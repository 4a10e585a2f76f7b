"""What a section of a card is. The card itself knows no section by name."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from benchwright.cards.facts import Facts
from benchwright.sample_kinds import IMPORTED, MINED, SCENES
from benchwright.verification import Problem

SCENES_ONLY, MINED_ONLY = (SCENES.name,), (MINED.name,)
FOUND = (MINED.name, IMPORTED.name)
ALL = (*SCENES_ONLY, *FOUND)
"""Kinds of samples that a section can be about."""

Drawing = Callable[[], bytes]
"""Draws a figure: the bytes of its file, the same for the same folder."""


def _no_figures(facts: Facts) -> Mapping[str, Drawing]:
    return {}


def _no_faults(facts: Facts) -> Iterable[Problem]:
    return ()


def _always(facts: Facts) -> bool:
    return True


@dataclass(frozen=True, slots=True)
class Section:
    """A heading and what fills it from the folder.

    Attributes:
        heading: with its hashes, as in the Hub's template where that has it; ``{title}`` is filled.
        text: Markdown below the heading, further headings included. Names every figure it shows.
        needs: patterns of files in the folder; the section is left out while one has no match.
        figures: name in ``figures/`` to what draws it.
        faults: what lint finds wrong with the files that the section speaks of.
        kinds: of samples that it is about.
        fills: whether there is anything to say of this folder.
    """

    heading: str
    text: Callable[[Facts], str]
    needs: tuple[str, ...] = ()
    figures: Callable[[Facts], Mapping[str, Drawing]] = _no_figures
    faults: Callable[[Facts], Iterable[Problem]] = _no_faults
    kinds: tuple[str, ...] = ALL
    fills: Callable[[Facts], bool] = _always

    def applies(self, facts: Facts) -> bool:
        """Whether the folder holds such samples, and has what it needs."""
        here = all(any(facts.folder.glob(pattern)) for pattern in self.needs)
        return facts.kind.name in self.kinds and here and self.fills(facts)
