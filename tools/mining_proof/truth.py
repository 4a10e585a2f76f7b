"""What is true of a class on a background: the probe's accuracy on pictures that no corpus holds.

Two truths, since a miner sees backgrounds and classes through a judge:

``shown``: of all pictures of the class on the background, as drawn.
``claimed``: of the pictures that the judge's labels and filters would let into that group, from a
corpus of the design's sizes and wrong captions. This is what a mined drop claims to estimate.

Both come from the same pictures, in blocks: what each block changes (the delete-a-block jackknife)
is how far the truth itself may be off.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from mining_proof.corpora import Corpus, Held, judged
from mining_proof.design import Design, Place
from mining_proof.pictures import Pictures

BLOCKS = 20
"""Of the jackknife: with as many degrees of freedom, less one, as there are seeds."""

WRONG_EVERY = 4
"""Every so many pictures is also labelled with a wrong caption; wrong captions are rare."""

Sums = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Accuracies:
    """Accuracies of places, and what they were without each block.

    Attributes:
        places: class and background.
        right: [places, blocks], weight of the pictures that the probe got right.
        all: [places, blocks], weight of all.
    """

    places: tuple[Place, ...]
    right: Sums
    all: Sums

    def values(self) -> Mapping[Place, float]:
        """Class and background to accuracy, as a share."""
        return self._of(self.right.sum(axis=1), self.all.sum(axis=1))

    def without(self) -> list[Mapping[Place, float]]:
        """The same, without each block in turn."""
        return [
            self._of(self.right.sum(axis=1) - right, self.all.sum(axis=1) - weight)
            for right, weight in zip(self.right.T, self.all.T, strict=True)
        ]

    def _of(self, right: Sums, weight: Sums) -> Mapping[Place, float]:
        return dict(zip(self.places, (right / weight).tolist(), strict=True))


@dataclass(frozen=True, slots=True)
class Truths:
    """Both truths, and how pure the judge's groups are.

    Attributes:
        shown: by the background that was drawn.
        claimed: by the judge's background, of what is kept.
        kept: share of rightly captioned pictures that the filters keep.
        pure: of the kept, the share whose background the judge names as it was drawn.
        vouched_wrongly: share of wrongly captioned pictures that are kept.
    """

    shown: Accuracies
    claimed: Accuracies
    kept: float
    pure: float
    vouched_wrongly: float


def truths(design: Design, drawn: Held, folder: Path) -> Truths:
    """Measure both.

    Args:
        design: of the corpora.
        drawn: of each place, ``design.truth`` pictures.
        folder: for embeddings and the miner's work.
    """
    shown, claimed = _empty(design), _empty(design)
    right = _labelled(design, drawn, folder, wrong=False)
    false = _labelled(design, drawn, folder, wrong=True)
    for one in right:
        _add(shown, one.blocks, one.drawn_on, one.correct, np.ones(len(one.correct)))
    for labelled, share in ((right, 1 - design.wrong), (false, design.wrong)):
        for one in labelled:
            # As many as a corpus holds of that place, however many were labelled.
            weight = share * design.size(one.place) / len(one.correct)
            _add(claimed, one.blocks, one.judged_on, one.correct, weight * one.kept)
    kept = np.concatenate([one.kept for one in right])
    pure = np.concatenate([one.pure for one in right])[kept]
    passed = np.concatenate([one.kept for one in false])
    return Truths(shown, claimed, kept.mean().item(), pure.mean().item(), passed.mean().item())


@dataclass(frozen=True, slots=True)
class _Labelled:
    """The labelled pictures of a place.

    Attributes:
        place: class and background, as drawn.
        blocks: int [n], of each picture.
        drawn_on: int [n], index of the caption's class and the drawn background.
        judged_on: int [n], index of the caption's class and the judge's background.
        kept: bool [n].
        correct: bool [n], the probe names the caption's class.
        pure: bool [n], the judge names the drawn background.
    """

    place: Place
    blocks: NDArray[np.int64]
    drawn_on: NDArray[np.int64]
    judged_on: NDArray[np.int64]
    kept: NDArray[np.bool_]
    correct: NDArray[np.bool_]
    pure: NDArray[np.bool_]


def _labelled(design: Design, drawn: Held, folder: Path, *, wrong: bool) -> list[_Labelled]:
    every = WRONG_EVERY if wrong else 1
    chosen: dict[Place, Pictures] = {
        place: drawn[place][slice(0, design.truth, every)] for place in design.places
    }
    places = [place for place, held in chosen.items() for _ in range(len(held))]
    claims = [_claim(design, cls, row, wrong=wrong) for row, (cls, _) in enumerate(places)]
    name = "wrong-captions" if wrong else "truth"
    corpus = Corpus(name, Pictures.joined(list(chosen.values())), tuple(places), tuple(claims))
    seen = judged(design, corpus, folder)
    index = {place: at for at, place in enumerate(design.places)}
    found, start = [], 0
    for place, held in chosen.items():
        rows = slice(start, start + len(held))
        start = rows.stop
        judged_on = seen.background[rows]
        found.append(_Labelled(
            place,
            np.arange(len(held)) * BLOCKS // len(held),
            np.array([index[claim, place[1]] for claim in claims[rows]]),
            np.array([index[pair] for pair in zip(claims[rows], judged_on, strict=True)]),
            seen.kept[rows],
            seen.correct[rows],
            judged_on == place[1],
        ))  # fmt: skip
    return found


def _claim(design: Design, cls: str, row: int, *, wrong: bool) -> str:
    """The caption's class; wrong ones take turns."""
    if not wrong:
        return cls
    others = [name for name in design.classes if name != cls]
    return others[row % len(others)]


def _empty(design: Design) -> Accuracies:
    shape = (len(design.places), BLOCKS)
    return Accuracies(tuple(design.places), np.zeros(shape), np.zeros(shape))


def _add(
    to: Accuracies,
    blocks: NDArray[np.int64],
    places: NDArray[np.int64],
    correct: NDArray[np.bool_],
    weight: NDArray[np.float64],
) -> None:
    np.add.at(to.all, (places, blocks), weight)
    np.add.at(to.right, (places, blocks), weight * correct)
