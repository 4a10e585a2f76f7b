"""Which vocabularies beat an image's true label: what decides openness for every union of them.

An image's scores are looked at once. Whatever vocabularies are put together afterwards, and in
whatever order, the image is right until the first one comes that beats it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class Beaten:
    """What decides the accuracy of every union of N vocabularies.

    Attributes:
        vocabularies: N.
        home: int32 [n], the vocabulary of each image's class.
        truth: int32 [n], the class.
        stands: bool [n], whether the true label is first among its own vocabulary's.
        rivals: int32 [n], how many other vocabularies have a label that comes before it.
        by: int32 [sum of ``rivals``], which these are, image after image: few, as models go.
    """

    vocabularies: int
    home: NDArray[np.int32]
    truth: NDArray[np.int32]
    stands: NDArray[np.bool_]
    rivals: NDArray[np.int32]
    by: NDArray[np.int32]

    @property
    def everywhere(self) -> NDArray[np.bool_]:
        """Bool [n]: right among the labels of all vocabularies."""
        return self.stands & (self.rivals == 0)


def beaten(
    scores: NDArray[np.float32], truth: NDArray[np.int32], vocabulary: NDArray[np.int32]
) -> Beaten:
    """Which vocabularies hold a label that scores above the true one.

    Of equal scores the label with the lower index comes first, as ``argmax`` has it.

    Args:
        scores: float32 [n, C], of each image with each label.
        truth: int32 [n], index of its class among the labels.
        vocabulary: int32 [C], number 0..N-1 of each label's vocabulary.
    """
    rows, count = np.arange(len(truth)), int(vocabulary.max()) + 1
    own = scores[rows, truth][:, None]
    before = np.arange(scores.shape[1]) < truth[:, None]
    image, label = np.nonzero((scores > own) | ((scores == own) & before))
    above = np.zeros((len(truth), count), np.bool_)
    above[image, vocabulary[label]] = True
    home = vocabulary[truth]
    stands = ~above[rows, home]
    above[rows, home] = False
    by = np.nonzero(above)[1].astype(np.int32)
    rivals = above.sum(axis=1, dtype=np.int32)
    return Beaten(count, home.astype(np.int32), truth, stands, rivals, by)


def merged(parts: Sequence[Beaten]) -> Beaten:
    """Several batches of images as one."""
    return Beaten(
        parts[0].vocabularies,
        np.concatenate([part.home for part in parts]),
        np.concatenate([part.truth for part in parts]),
        np.concatenate([part.stands for part in parts]),
        np.concatenate([part.rivals for part in parts]),
        np.concatenate([part.by for part in parts]),
    )
