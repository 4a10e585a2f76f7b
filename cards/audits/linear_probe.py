"""Linear probes of frozen vectors: as the papers train them, and in closed form.

Both predict, for every place (a mention position, a slot), which object is there: a linear layer a
place, top 1.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from benchwright.seeding import digest, generator

if TYPE_CHECKING:
    import torch

PENALTIES = tuple(10.0**power for power in range(-6, 3))
"""Ridge penalties tried, in units of the mean square of the vectors times their number."""

LEARNING_RATE = 1e-3
"""Of Adam, as the papers' code has it."""


@dataclass(frozen=True, slots=True)
class Parts:
    """Which samples train, choose the penalty, and are tested: ascending indices, int64."""

    train: NDArray[np.int64]
    validation: NDArray[np.int64]
    test: NDArray[np.int64]


def split(groups: NDArray[np.int64], shares: tuple[float, float], seed: int) -> Parts:
    """Part samples at random, whole groups staying together.

    Args:
        groups: int64 [n], number of each sample's group; all different to part single samples.
        shares: of the samples that train and that validate; the others are tested. A part may be
            off by a group's size.
        seed: of the order.
    """
    order = np.unique(groups)
    numbers = order.tolist()
    generator(seed, "probe split").shuffle(numbers)
    place = np.empty(len(order), np.int64)
    place[np.searchsorted(order, numbers)] = np.arange(len(order))
    of = place[np.searchsorted(order, groups)]
    before = np.cumsum(np.bincount(of)) - np.bincount(of)  # samples ahead of each group
    bounds = np.round(np.cumsum(shares) * len(groups))
    part = np.searchsorted(bounds, before, side="right")[of]
    train, validation, test = (np.flatnonzero(part == number) for number in range(3))
    return Parts(train, validation, test)


def ridge(
    vectors: NDArray[np.float32],
    labels: NDArray[np.int64],
    classes: int,
    parts: Parts,
    penalties: Sequence[float] = PENALTIES,
) -> NDArray[np.int64]:
    """One-vs-all least squares with a penalty, in closed form; seconds for any set.

    Args:
        vectors: float32 [n, width].
        labels: int64 [n, places], which object is at each place.
        classes: objects there are.
        parts: the penalty of a place is the one with the best accuracy on ``validation`` (on
            ``train``, where that is empty), the largest of equals.
        penalties: to choose from.

    Returns:
        int64 [len(parts.test), places], what is predicted.
    """
    x = vectors[parts.train].astype(np.float64)
    centre = x.mean(axis=0)
    x -= centre
    values, basis = np.linalg.eigh(x.T @ x)
    scale = max(float(values.mean()), np.finfo(np.float64).tiny)
    checked = parts.validation if len(parts.validation) else parts.train
    rotated = {
        name: (vectors[rows] - centre) @ basis
        for name, rows in (("check", checked), ("test", parts.test))
    }
    predicted = np.empty((len(parts.test), labels.shape[1]), np.int64)
    for place in range(labels.shape[1]):
        targets = np.eye(classes)[labels[parts.train, place]]
        offset = targets.mean(axis=0)
        projected = basis.T @ (x.T @ (targets - offset))
        best = (-1.0, np.zeros_like(projected))
        for penalty in sorted(penalties, reverse=True):
            weights = projected / (np.maximum(values, 0) + penalty * scale)[:, None]
            guess = (rotated["check"] @ weights + offset).argmax(axis=1)
            accuracy = float((guess == labels[checked, place]).mean())
            if accuracy > best[0]:
                best = accuracy, weights
        predicted[:, place] = (rotated["test"] @ best[1] + offset).argmax(axis=1)
    return predicted


def adam(
    vectors: NDArray[np.float32],
    labels: NDArray[np.int64],
    classes: int,
    parts: Parts,
    epochs: int,
    batch: int,
    seed: int,
) -> NDArray[np.int64]:
    """A linear layer a place, trained by cross entropy with Adam at 1e-3, as the papers train it.

    The layers see the same batches and are trained as one: none feels another, since each place has
    a softmax of its own, and Adam scales every weight by its own gradients.

    Args:
        vectors: float32 [n, width].
        labels: int64 [n, places].
        classes: objects there are.
        parts: ``validation`` is left alone: the last epoch's weights are tested.
        epochs: over ``train``, shuffled anew each.
        batch: samples a step.
        seed: of the weights to begin with and of the order.

    Returns:
        int64 [len(parts.test), places], what is predicted.
    """
    import torch

    draws = torch.Generator().manual_seed(digest(seed, "probe") >> 1)
    layers = _fresh(labels.shape[1], classes, vectors.shape[1], draws)
    optimizer = torch.optim.Adam([layers], lr=LEARNING_RATE, fused=True)
    x, truth = _with_one(vectors[parts.train]), torch.from_numpy(labels[parts.train])
    for _ in range(epochs):
        order = torch.randperm(len(x), generator=draws)
        for rows in torch.split(order, batch):
            layers.grad = _gradient(layers, x[rows], truth[rows], classes)
            optimizer.step()
    scores = (_with_one(vectors[parts.test]) @ layers.T).reshape(-1, labels.shape[1], classes)
    found: NDArray[np.int64] = scores.argmax(dim=2).numpy()
    return found


def _fresh(places: int, classes: int, width: int, draws: torch.Generator) -> torch.Tensor:
    """[places * classes, width + 1]: as ``torch.nn.Linear`` begins, offsets in the last column."""
    import torch

    reach = width**-0.5
    weight = torch.empty(places, classes, width).uniform_(-reach, reach, generator=draws)
    offset = torch.empty(places, classes, 1).uniform_(-reach, reach, generator=draws)
    return torch.cat([weight, offset], dim=2).flatten(0, 1)


def _with_one(vectors: NDArray[np.float32]) -> torch.Tensor:
    """[n, width + 1]: the offset's weight is multiplied with 1."""
    import torch

    return torch.nn.functional.pad(torch.from_numpy(vectors), (0, 1), value=1.0)


def _gradient(
    layers: torch.Tensor, x: torch.Tensor, truth: torch.Tensor, classes: int
) -> torch.Tensor:
    """Of the cross entropy of each place, averaged over the batch: softmax less the truth."""
    import torch

    change = torch.softmax((x @ layers.T).reshape(*truth.shape, classes), dim=2)
    change.scatter_add_(2, truth[:, :, None], torch.full((*truth.shape, 1), -1.0))
    return change.flatten(1).T @ (x / len(x))
