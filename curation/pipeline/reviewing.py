"""What people decided of the images that are mined, and how far they agree."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from benchwright.curation.embeddings import EmbeddingSet, Part
from benchwright.curation.pipeline.mining import Mining
from benchwright.curation.review import Decision, Review
from benchwright.mined_findings import People

KEY_DIGITS = 16
"""Hex digits of an image's sha256 that are its key in a mined set."""


@dataclass(frozen=True, slots=True)
class Settled:
    """The decisions that hold.

    A sample is known by its key among the shards, or by the key it has in the mined set, which is
    what people see there. The second is that of the stored image, so it is met for JPEGs only: any
    other picture is encoded when it is stored.

    Attributes:
        by_key: key to decision.
    """

    by_key: Mapping[str, Decision] = field(default_factory=dict)

    @classmethod
    def of_recipe(cls, mining: Mining) -> Settled:
        """Those of the recipe's review file; none where it names none.

        Raises:
            DatasetError: the file cannot be read.
        """
        review = reviewed(mining)
        return cls(review.settled() if review else {})

    def of(self, images: EmbeddingSet, part: Part) -> dict[int, Decision]:
        """Row of a part to what was decided of it."""
        if not self.by_key:
            return {}
        found: dict[int, Decision] = {}
        for row, names in enumerate(_names(images, part)):
            said = next((self.by_key[name] for name in names if name in self.by_key), None)
            if said is not None:
                found[row] = said
        return found

    def to_dict(self) -> dict[str, Any]:
        """As JSON holds it, to tell whether anything was decided anew."""
        return {key: said.model_dump(mode="json") for key, said in self.by_key.items()}


def reviewed(mining: Mining) -> Review | None:
    """The recipe's review file, read; None where it names none.

    Raises:
        DatasetError: the file cannot be read.
    """
    return Review.read(Path(mining.recipe.review)) if mining.recipe.review else None


def people(mining: Mining, images: EmbeddingSet) -> People | None:
    """What the review file came to; None where there is none.

    Args:
        mining: the run.
        images: the judge's embedding set.

    Raises:
        DatasetError: the file cannot be read.
    """
    review = reviewed(mining)
    if review is None:
        return None
    keys = {key for decided in review.by_person.values() for key in decided}
    unmet = set(keys)
    for part in images.parts:
        unmet.difference_update(name for names in _names(images, part) for name in names)
    kappa = review.kappa()
    defined = kappa is not None and not math.isnan(kappa.kappa)  # NaN: both gave one answer
    return People(
        people=len(review.people),
        decisions=len(keys),
        disputed=len(review.disagreements()),
        unmet=len(unmet),
        shared=kappa.n if kappa else 0,
        agreed=kappa.agreed if kappa else None,
        kappa=kappa.kappa if kappa and defined else None,
        low=kappa.low if kappa and defined else None,
        high=kappa.high if kappa and defined else None,
    )


def _names(images: EmbeddingSet, part: Part) -> list[tuple[str, str]]:
    """Of each sample of a part, its key among the shards and its key in a mined set."""
    rows = images.metadata(part, ["key", "sha256"])
    digests = (digest[:KEY_DIGITS] for digest in rows["sha256"].to_pylist())
    return list(zip(rows["key"].to_pylist(), digests, strict=True))
