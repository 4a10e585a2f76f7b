"""How balanced a scene set came out: counted from its scenes, not taken from its design."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Hashable, Iterable
from dataclasses import dataclass, field
from typing import Any

from benchwright.builders.scenes import Split
from benchwright.record import Scene

MEASURES = ("object x mention", "object x slot", "size x slot", "size x mention")


@dataclass(frozen=True, slots=True)
class Spread:
    """The least and greatest of a table's counts; equal where it is perfectly balanced.

    Attributes:
        least, greatest: over all pairs of a row and a column that occur; a pair may be at 0.
        cells: how many pairs that is.
    """

    least: int
    greatest: int
    cells: int

    @classmethod
    def of(cls, table: Counter[tuple[Hashable, int]]) -> Spread | None:
        """The spread of counts by (row, column), or None of an empty table."""
        if not table:
            return None
        rows, columns = {row for row, _ in table}, {column for _, column in table}
        counts = [table[row, column] for row in rows for column in columns]
        return cls(min(counts), max(counts), len(counts))

    def to_dict(self) -> dict[str, int]:
        """Plain values, with the difference as ``spread``."""
        return {"min": self.least, "max": self.greatest, "spread": self.greatest - self.least,
                "cells": self.cells}  # fmt: skip

    def __str__(self) -> str:
        if self.least == self.greatest:
            return f"{self.least:,}"
        return f"{self.least:,}-{self.greatest:,}"


@dataclass(slots=True)
class Balance:
    """Counts, scene by scene, what a design is to keep equal.

    A split is counted by object: each object's mention positions and slots. A config, the union
    of its splits, is counted by size role too: one variant has its large object in one slot, and
    only the variants together show whether size goes with a place or a mention position.
    """

    _scenes: Counter[tuple[str, str]] = field(default_factory=Counter, init=False)
    _tables: defaultdict[tuple[str, ...], Counter[tuple[Hashable, int]]] = field(
        default_factory=lambda: defaultdict(Counter), init=False
    )

    def add(self, split: Split, scene: Scene) -> None:
        """Count one scene of a split."""
        config, name = split.config, split.split
        self._scenes[config, name] += 1
        for mention, placed in enumerate(scene.objects):
            self._tables["object x mention", config, name][placed.name, mention] += 1
            self._tables["size x mention", config][placed.size, mention] += 1
            if placed.slot >= 0:
                self._tables["object x slot", config, name][placed.name, placed.slot] += 1
                self._tables["size x slot", config][placed.size, placed.slot] += 1

    def spreads(self, config: str, split: str) -> tuple[str, str]:
        """A split's row of a printed table: scenes an object and mention position, and a slot."""
        tables = (("object x mention", config, split), ("object x slot", config, split))
        mention, slot = (Spread.of(self._tables.get(table, Counter())) for table in tables)
        return str(mention or "-"), str(slot or "-")

    def to_dict(self) -> dict[str, Any]:
        """Spreads by config, of its splits and of their union."""
        return {
            config: {
                "splits": {
                    split: {"scenes": scenes, **self._spreads(MEASURES[:2], config, split)}
                    for (of, split), scenes in self._scenes.items()
                    if of == config
                },
                "union": {
                    "scenes": sum(n for (of, _), n in self._scenes.items() if of == config),
                    **self._by_size(config),
                },
            }
            for config in dict.fromkeys(config for config, _ in self._scenes)
        }

    def _spreads(self, measures: Iterable[str], *where: str) -> dict[str, dict[str, int]]:
        spreads = {measure: Spread.of(self._tables.get((measure, *where), Counter()))
                   for measure in measures}  # fmt: skip
        return {measure: spread.to_dict() for measure, spread in spreads.items() if spread}

    def _by_size(self, config: str) -> dict[str, dict[str, dict[str, int]]]:
        """A spread a size role: there are more small objects than large ones, by design."""
        found = {}
        for measure in MEASURES[2:]:
            table = self._tables.get((measure, config), Counter())
            columns = {column for _, column in table}
            roles = sorted({str(role) for role, _ in table})
            counts = {role: [table[role, column] for column in columns] for role in roles}
            found[measure] = {
                role: Spread(min(row), max(row), len(row)).to_dict() for role, row in counts.items()
            }
        return found
