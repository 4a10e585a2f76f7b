"""From a text recipe to shard plans, streamed: no more of them exist at once than are worked on."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from importlib.metadata import version

import numpy as np

from benchwright import text_schema
from benchwright.builders.text.balance import ABSENT, Places
from benchwright.builders.text.families import Family, Mentions, families
from benchwright.builders.text.rows import Names
from benchwright.builders.text.vocabulary import sizes
from benchwright.record import canonical_json
from benchwright.text_recipe import TextRecipe

WRITING = 1
"""Version of what turns names into bytes; raise it with any change of rows or files."""


@dataclass(frozen=True, slots=True)
class ShardPlan:
    """A shard before it exists.

    Attributes:
        config, split, index: its place; ``path`` is its name in the dataset folder.
        mentions: what its captions name.
        contrasts: whether the last object of each is absent from the caption.
        names: of the recipe's objects.
        sizes: of those that occur.
        digest: identity of its content: two plans with one digest give the same bytes.
    """

    config: str
    split: str
    index: int
    mentions: Mentions
    contrasts: bool
    names: tuple[str, ...]
    sizes: Mapping[str, str]
    digest: str

    @property
    def path(self) -> str:
        """``four/bare-00003.parquet``: no total in the name, so appended shards rename nothing."""
        return f"{self.config}/{self.split}-{self.index:05d}.parquet"

    @property
    def samples(self) -> int:
        """How many captions it will hold."""
        return len(self.mentions)

    def places(self) -> Places:
        """Its captions by object and mention position."""
        found: Places = Counter()
        for position, column in enumerate(self.mentions.T):
            absent = self.contrasts and position == self.mentions.shape[1] - 1
            for number, count in enumerate(np.bincount(column).tolist()):
                if count:
                    found[self.names[number], ABSENT if absent else position] = count
        return found

    def named(self, start: int, stop: int) -> tuple[list[Names], list[str]]:
        """The objects that some of its captions mention, and the absent one of each or ""."""
        rows = [tuple(self.names[i] for i in row) for row in self.mentions[start:stop].tolist()]
        if self.contrasts:
            return [row[:-1] for row in rows], [row[-1] for row in rows]
        return rows, [""] * len(rows)


def plan_shards(recipe: TextRecipe) -> Iterator[ShardPlan]:
    """The shards of a recipe; the splits of a config take turns, since one design serves all.

    Raises:
        RecipeError: the recipe asks for what cannot be.
    """
    names, of = tuple(recipe.objects.names), sizes(recipe)
    for family in families(recipe):
        for index, mentions in enumerate(family.chunks(recipe.shard_size)):
            used = {names[i]: of[names[i]] for i in np.unique(mentions).tolist()}
            for split in family.templates:
                digest = _digest(family, split, index, mentions, names, used)
                yield ShardPlan(
                    family.subset.name, split, index, mentions, family.subset.contrasts, names,
                    used, digest,
                )  # fmt: skip


def _digest(
    family: Family,
    split: str,
    index: int,
    mentions: Mentions,
    names: tuple[str, ...],
    used: Mapping[str, str],
) -> str:
    place = [family.subset.name, split, index, family.subset.contrasts]
    numbered = [[number, name, used[name]] for number, name in enumerate(names) if name in used]
    identity = hashlib.sha256(canonical_json({"place": place, "objects": numbered, **_stamp()}))
    identity.update(mentions.astype("<u2").tobytes())
    return identity.hexdigest()[:32]


@cache
def _stamp() -> dict[str, str | int]:
    """Whatever, besides the names, decides a shard's bytes."""
    wording = (resources.files("benchwright.data") / "templates.yaml").read_bytes()
    return {
        "writing": WRITING,
        "schema": text_schema.VERSION,
        "wording": hashlib.sha256(wording).hexdigest(),
        **encoder(),
    }


def encoder() -> dict[str, str]:
    """The library whose version decides the bytes of a Parquet file."""
    return {"pyarrow": version("pyarrow")}
