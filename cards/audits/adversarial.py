"""Adversarial vocabulary: what a single word does that is added to the labels.

The most harmful of many words looks worse than it is on the images that chose it, so words are
chosen on one half of the images and seen on the other.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from benchwright.cards.audits.bounds import unclaimed
from benchwright.cards.audits.result import Result

WORDS_AT_ONCE = 512


class WordLosses:
    """How many images each word takes from their label, on two halves of the images."""

    def __init__(self, words: tuple[str, ...], vectors: NDArray[np.float32]) -> None:
        """Of words that are no labels.

        Args:
            words: W of them.
            vectors: float32 [W, width], of unit length.
        """
        self.words = words
        self._vectors = vectors
        self.lost = np.zeros((2, len(words)), np.int64)
        self.right = np.zeros(2, np.int64)
        self.images = np.zeros(2, np.int64)

    def add(
        self,
        images: NDArray[np.float32],
        own: NDArray[np.float32],
        right: NDArray[np.bool_],
        second: NDArray[np.bool_],
    ) -> None:
        """Count a batch.

        Args:
            images: float32 [n, width].
            own: float32 [n], score of each image with its own label.
            right: bool [n], right without any word; only these can be lost.
            second: bool [n], which half each is of.
        """
        for half in (0, 1):
            mine = second == bool(half)
            self.images[half] += int(mine.sum())
            kept = mine & right
            self.right[half] += int(kept.sum())
            for start in range(0, len(self.words), WORDS_AT_ONCE):
                some = slice(start, start + WORDS_AT_ONCE)
                scores = images[kept] @ self._vectors[some].T
                # A word comes after all labels, so at equal scores the label stays first.
                self.lost[half, some] += (scores > own[kept][:, None]).sum(axis=0)

    def accuracy(self, half: int) -> NDArray[np.float64]:
        """Float64 [W]: accuracy on a half with each word added alone; NaN without images."""
        with np.errstate(invalid="ignore", divide="ignore"):
            found: NDArray[np.float64] = (self.right[half] - self.lost[half]) / self.images[half]
        return found

    def table(self) -> pa.Table:
        """A row a word: accuracy with it on each half and on all images, most harmful first."""
        total = max(int(self.images.sum()), 1)
        together = (self.right.sum() - self.lost.sum(axis=0)) / total
        order = np.argsort(together, kind="stable")
        columns = {
            "word": np.array(self.words, object)[order],
            "accuracy": together[order],
            "accuracy_first_half": self.accuracy(0)[order],
            "accuracy_second_half": self.accuracy(1)[order],
        }
        return pa.table({**columns, "word": pa.array(columns["word"], pa.string())})


def results_of_words(losses: WordLosses, shown: int) -> Iterator[Result]:
    """Accuracy without a word, with the most harmful (split halves), and with the worst by name.

    Args:
        losses: of all images.
        shown: words named: the most harmful on the first half, as the second half sees them.
    """
    if not losses.words or not losses.images.all():
        return
    first, second = losses.accuracy(0), losses.accuracy(1)
    held_out = (second[first.argmin()] + first[second.argmin()]) / 2
    n = int(losses.images.sum())
    yield unclaimed("accuracy with the most harmful word", "", n, float(held_out))
    for at in np.argsort(first, kind="stable")[:shown]:
        yield unclaimed("accuracy with a word added", losses.words[at], int(losses.images[1]),
                        float(second[at]))  # fmt: skip
