"""TOR: captions of several objects against the texts of single ones.

Also among objects of one real-world size, as "CLIP Under the Microscope" controls for it: where
all are of a size, size is no reason to favour any.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from benchwright.builders.text.vocabulary import vocabulary
from benchwright.cards.audits.mentions import caption_vectors
from benchwright.cards.audits.object_ranks import Grouping, ranks
from benchwright.cards.audits.shares import ordinal

if TYPE_CHECKING:
    from benchwright.curation.models.identity import Model

TOR, ONE_SIZE = "TOR", " among "
"""What comes between TOR and the real-world size that all objects of its captions have."""

SIZES = ("small", "medium", "large")
"""In ``data/vocabulary/objects.yaml``; mere forms have none."""


@dataclass(frozen=True, slots=True)
class Known:
    """Objects that captions name and are compared with.

    Attributes:
        protocol: what TOR among them is called.
        names: of the objects.
        single: float32 [names, width], of the text of each alone.
        number: captions for each number of objects; 0 for all there are.
    """

    protocol: str
    names: tuple[str, ...]
    single: NDArray[np.float32]
    number: int


def vocabularies(
    names: Sequence[str], single: NDArray[np.float32], number: int, of_a_size: int
) -> Iterator[Known]:
    """All objects, and those of each real-world size, if they are not all.

    Args:
        names: of the objects.
        single: float32 [names, width], of the text of each alone.
        number: captions of all objects, for each number that they name; 0 for all there are.
        of_a_size: captions of objects of one size; 0 for none.
    """
    yield Known(TOR, tuple(names), single, number)
    words = vocabulary()
    for size in SIZES if of_a_size else ():
        held = [at for at, name in enumerate(names) if name in words and words[name].size == size]
        if 1 < len(held) < len(names):
            some = tuple(names[at] for at in held)
            yield Known(f"{TOR}{ONE_SIZE}{size} things", some, single[held], of_a_size)


def ranked_captions(
    model: Model, known: Known, named: NDArray[np.int64], template: str
) -> tuple[list[str], NDArray[np.int64]]:
    """Captions, and how many of the known objects come before each that they name.

    Args:
        model: a CLIP.
        known: what captions are compared with.
        named: int64 [captions, n], indices into its names.
        template: of the captions.

    Returns:
        The texts, and int64 [captions, n] as of ``ranks``.
    """
    found, texts = np.empty_like(named), list[str]()
    for part, some, vectors in caption_vectors(model, known.names, named, template):
        found[part] = ranks(vectors @ known.single.T, named[part])
        texts += some
    return texts, found


def by_mention(found: NDArray[np.int64]) -> Grouping:
    """Objects by mention position, which is their column."""
    labels = tuple(f"{ordinal(k)} mentioned" for k in range(found.shape[1]))
    return Grouping(labels, np.broadcast_to(np.arange(found.shape[1]), found.shape))
