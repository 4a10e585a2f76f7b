"""From logits to verdicts: probabilities, first and second choice, and when to abstain.

Float32 throughout, and the lowest index wins a tie, so that a verdict depends on nothing but its
own row.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]
Indices = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class ClassVerdict:
    """What a model says of each row's claimed class.

    Attributes:
        first: int64 [n], index of the most probable label.
        first_probability: float32 [n], of it.
        probability: float32 [n], of the claimed label; 0 where none is claimed.
        crowd: float32 [n], the smaller of the claimed label's probability and the largest of any
            other: near 0 unless two labels are likely, at most 1/2.
    """

    first: Indices
    first_probability: Floats
    probability: Floats
    crowd: Floats


@dataclass(frozen=True, slots=True)
class Choice:
    """The most probable of several backgrounds, for each row.

    Attributes:
        first: int64 [n], the most probable one.
        index: int64 [n], the same; -1 where it is unclear.
        probability: float32 [n], of the most probable one.
        margin: float32 [n], its lead over the second.
    """

    first: Indices
    index: Indices
    probability: Floats
    margin: Floats


def softmax(logits: Floats) -> Floats:
    """Probabilities [n, k] of logits [n, k]; the largest is subtracted first, so none overflows."""
    shifted = np.exp(logits - logits.max(axis=1, keepdims=True))
    return shifted / shifted.sum(axis=1, keepdims=True)


def class_verdict(probabilities: Floats, claimed: Indices) -> ClassVerdict:
    """Judge claims.

    Args:
        probabilities: float32 [n, labels].
        claimed: int64 [n], index of the claimed label; -1 where there is none.
    """
    rows = np.arange(len(probabilities))
    first = probabilities.argmax(axis=1)
    at = np.maximum(claimed, 0)
    own = np.where(claimed >= 0, probabilities[rows, at], np.float32(0))
    others = probabilities.copy()
    others[rows, at] = 0
    crowd = np.minimum(own, others.max(axis=1, initial=0))
    return ClassVerdict(first, probabilities[rows, first], own, crowd)


def choose(probabilities: Floats, least: float, lead: float) -> Choice:
    """The most probable column of each row, where it is clear.

    Args:
        probabilities: float32 [n, k], k at least 1.
        least: probability below which a choice is unclear.
        lead: margin over the second below which it is.
    """
    rows = np.arange(len(probabilities))
    first = probabilities.argmax(axis=1)
    probability = probabilities[rows, first]
    others = probabilities.copy()
    others[rows, first] = 0
    margin = probability - others.max(axis=1, initial=0)
    clear = (probability >= np.float32(least)) & (margin >= np.float32(lead))
    return Choice(first, np.where(clear, first, -1), probability, margin)


def parents(probabilities: Floats, parent_of: Sequence[int]) -> Floats:
    """Probabilities [n, parents]: of backgrounds that exclude one another, so they add up.

    Args:
        probabilities: float32 [n, backgrounds].
        parent_of: index of each background's parent.
    """
    total = np.zeros((len(probabilities), max(parent_of) + 1), np.float32)
    for column, parent in enumerate(parent_of):
        total[:, parent] += probabilities[:, column]
    return total
