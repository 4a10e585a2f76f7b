"""1 vs 20: for each class, the few labels that its images are most easily taken for.

The originals' effective label sets: of a class, the 20 labels l' with the largest sum over the
class's images x (common and counter) of cos(T_l', x), by one fixed model for all probes.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

COUNT = 20
"""Labels a class, its own included."""


@dataclass(frozen=True, slots=True)
class LabelSets:
    """The labels that each class is told apart from.

    Attributes:
        labels: int64 [classes, count]: indices of labels, ascending; a class's own is one of them.
        own: int64 [classes]: index of each class's own label.
        added: bool [classes]: the own label was not among the largest and took the last one's
            place; without it no image of the class could be right.
    """

    labels: NDArray[np.int64]
    own: NDArray[np.int64]
    added: NDArray[np.bool_]

    def correct(
        self, scores: NDArray[np.floating], classes: NDArray[np.integer]
    ) -> NDArray[np.bool_]:
        """Whether each image's own label scores highest in its class's set.

        Args:
            scores: [images, labels]: cosines of images and label texts.
            classes: [images]: index of each image's class; of equal scores the first label wins,
                as with all labels.
        """
        candidates = self.labels[classes]
        best = np.argmax(np.take_along_axis(scores, candidates, axis=1), axis=1)
        chosen = np.take_along_axis(candidates, best[:, None], axis=1)[:, 0]
        return np.asarray(chosen == self.own[classes])


class ScoreSums:
    """Sums over a class's images of their score for each label, batch by batch."""

    def __init__(self, classes: int, labels: int) -> None:
        self.totals: NDArray[np.float64] = np.zeros((classes, labels))

    def add(self, scores: NDArray[np.floating], classes: NDArray[np.integer]) -> None:
        """Count a batch.

        Args:
            scores: [images, labels].
            classes: [images]: index of each image's class.

        Raises:
            ValueError: a score that is no number, which would make the class's sums none.
        """
        if not np.isfinite(scores).all():
            raise ValueError("a score is not a finite number; embed these images again")
        for cls in np.unique(classes):
            self.totals[cls] += scores[classes == cls].sum(axis=0, dtype=np.float64)

    def label_sets(self, own: NDArray[np.integer], count: int = COUNT) -> LabelSets:
        """The labels with the largest sums; of equal ones, the first.

        Args:
            own: [classes]: index of each class's own label.
            count: labels a class; all of them where there are fewer.

        Raises:
            ValueError: fewer than two labels asked for.
        """
        if count < 2:
            raise ValueError("a label set of one label tells nothing apart")
        kept = np.asarray(own, np.int64)
        top = np.argsort(-self.totals, axis=1, kind="stable")[:, :count]
        added = ~(top == kept[:, None]).any(axis=1)
        top[added, -1] = kept[added]
        return LabelSets(np.sort(top, axis=1), kept, added)
