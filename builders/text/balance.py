"""How balanced a text set came out: counted from the captions' names."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from benchwright.builders.balance import Balance, Spread

ABSENT = -1
"""Mention position of an object that is absent from its caption."""
Places = Counter[tuple[str, int]]
"""Captions by object and mention position."""
MENTIONS, SIZES, ABSENCES = "object x mention", "size x mention", "object x absent"


def places(mentioned: Iterable[Sequence[str]], absent: Iterable[str]) -> Places:
    """Count where the objects of some captions stand."""
    found: Places = Counter()
    for position, names in enumerate(zip(*mentioned, strict=True)):
        found.update({(name, position): n for name, n in Counter(names).items()})
    found.update({(name, ABSENT): n for name, n in Counter(absent).items() if name})
    return found


@dataclass(slots=True)
class TextBalance(Balance):
    """Counts of captions in place of scenes; a size is that of the real thing."""

    def add_captions(
        self, config: str, split: str, captions: int, found: Places, sizes: Mapping[str, str]
    ) -> None:
        """Count some captions of a split."""
        self._scenes[config, split] += captions
        for (name, position), count in found.items():
            if position == ABSENT:
                self._tables[ABSENCES, config, split][name, 0] += count
            else:
                self._tables[MENTIONS, config, split][name, position] += count
                self._tables[SIZES, config][sizes[name], position] += count

    def to_dict(self) -> dict[str, Any]:
        """Spreads by config, of its splits and of their union."""
        # Not super() without arguments: a slotted dataclass is another class than the one defined.
        tables = Balance.to_dict(self)
        for config, of in tables.items():
            for split, counts in of["splits"].items():
                if spread := Spread.of(self._tables.get((ABSENCES, config, split), Counter())):
                    counts[ABSENCES] = spread.to_dict()
        return tables
