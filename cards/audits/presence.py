"""Which objects a picture shows: a judge model's answer, held to pictures that are known."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
from numpy.typing import NDArray

from benchwright.cards.audits.mentions import single_vectors
from benchwright.cards.audits.result import Result
from benchwright.cards.audits.running import published_name
from benchwright.cards.audits.shares import share
from benchwright.curation.models.decoding import load, open_image
from benchwright.curation.models.preprocess import crop_exact
from benchwright.errors import DatasetError
from benchwright.seeding import digest

if TYPE_CHECKING:
    from PIL.Image import Image

    from benchwright.cards.audits.detection import Detector
    from benchwright.cards.audits.subject import Subject
    from benchwright.curation.models.identity import Model

FEWEST_KNOWN = 20
"""Known pictures below which a threshold chosen on them is not worth its name."""


class Judge(Protocol):
    """What says which objects a picture shows."""

    def prepared(self, image: bytes) -> Any:
        """A picture's file as ``scores`` takes it.

        Raises:
            ImageRefused: no picture, a damaged one, or one too large.
        """
        ...

    def scores(self, pictures: Sequence[Any]) -> NDArray[np.float64]:
        """Float64 [pictures, names]: an object is present where its score is above 0."""
        ...


@dataclass(frozen=True, slots=True)
class Known:
    """Pictures whose objects are known.

    Attributes:
        keys: of the n pictures.
        margins: float64 [n, names], of ``margins``.
        shown: bool [n, names], whether the picture shows the object.
    """

    keys: tuple[str, ...]
    margins: NDArray[np.float64]
    shown: NDArray[np.bool_]

    def part(self, second: bool, seed: int) -> Known:
        """One half of them, by a hash of their keys."""
        kept = np.array([(digest(seed, "judge", key) % 2 == 1) == second for key in self.keys])
        keys = tuple(key for key, mine in zip(self.keys, kept, strict=True) if mine)
        return Known(keys, self.margins[kept], self.shown[kept])


@dataclass(frozen=True, slots=True)
class Tried:
    """A judge and what is known of it.

    Attributes:
        judge: it.
        name: what audits call it.
        names: of the objects, in the order of its scores.
        results: how it did on pictures that are known; none where its threshold was stated.
    """

    judge: Judge
    name: str
    names: tuple[str, ...]
    results: tuple[Result, ...] = ()


@dataclass(frozen=True, slots=True)
class ModelJudge:
    """A CLIP as judge.

    Attributes:
        model: it.
        texts: float32 [names, width]: the text that names each object.
        offsets: float64 [names]: margin above which each is present.
    """

    model: Model
    texts: NDArray[np.float32]
    offsets: NDArray[np.float64]

    def prepared(self, image: bytes) -> NDArray[np.uint8]:
        """What the model sees of a file: uint8 [size, size, 3]."""
        return crop_exact(image, self.model.preprocess)

    def scores(self, pictures: Sequence[NDArray[np.uint8]]) -> NDArray[np.float64]:
        """Float64 [pictures, names]: margins above those of presence."""
        import torch

        pixels = torch.from_numpy(np.stack(pictures)).permute(0, 3, 1, 2).contiguous()
        vectors = self.model.encode_images(pixels.to(self.model.device)).float().cpu().numpy()
        return margins(vectors, self.texts) - self.offsets


@dataclass(frozen=True, slots=True)
class DetectorJudge:
    """An open-vocabulary detector as judge: what it finds is there."""

    detector: Detector
    names: tuple[str, ...]

    def prepared(self, image: bytes) -> Image:
        """A file decoded, RGB."""
        return load(open_image(image)).convert("RGB")

    def scores(self, pictures: Sequence[Image]) -> NDArray[np.float64]:
        """Float64 [pictures, names]: 1 of what is found and -1 of what is not."""
        spoken = {name.replace("_", " "): name for name in self.names}
        found = [self.detector.areas(picture, list(spoken)) for picture in pictures]
        there = [{spoken[word] for word in areas} for areas in found]
        return np.array([[1.0 if name in of else -1.0 for name in self.names] for of in there])


def margins(vectors: NDArray[np.float32], texts: NDArray[np.float32]) -> NDArray[np.float64]:
    """How much nearer a picture is to each object's text than to the objects' texts on average.

    The texts of absent objects are what a picture is held against: what is common to all of them,
    a picture's style or a text's form, says nothing.

    Args:
        vectors: float32 [n, width], of pictures, of unit length.
        texts: float32 [names, width], of unit length.

    Returns:
        float64 [n, names].
    """
    cosines = (vectors @ texts.T).astype(np.float64)
    return cosines - cosines.mean(axis=1, keepdims=True)


def known_pictures(subject: Subject, names: Sequence[str], texts: NDArray[np.float32]) -> Known:
    """A set's own pictures, twins left out, by a judge's vectors of them."""
    number = {name: at for at, name in enumerate(names)}
    keys: list[str] = []
    found, shown = [np.zeros((0, len(names)))], [np.zeros((0, len(names)), np.bool_)]
    for batch in subject.batches():
        rows = [row for row, record in enumerate(batch.records) if not record.get("twin_of")]
        held = np.zeros((len(rows), len(names)), np.bool_)
        for at, row in enumerate(rows):
            for thing in batch.records[row].get("objects", ()):
                held[at, number[thing["name"]]] = True
        keys += [batch.keys[row] for row in rows]
        found.append(margins(batch.vectors[rows], texts))
        shown.append(held)
    return Known(tuple(keys), np.concatenate(found), np.concatenate(shown))


def calibrated(subject: Subject, names: tuple[str, ...], seed: int) -> Tried:
    """A judge whose thresholds are chosen on one half of a set's pictures, and what it is worth.

    An object's margin is counted from its mean where the object is absent, since some texts are
    near to every picture; one threshold above that serves all objects, the one of the best mean
    of what is found and what is passed.

    Args:
        subject: known pictures, as the judge sees them.
        names: of the objects.
        seed: of the halves.

    Returns:
        The judge, and of the other half the shares of objects shown that it finds and of objects
        absent that it passes; a picture counts once.

    Raises:
        DatasetError: too few pictures, or too few that show or lack an object.
    """
    texts = single_vectors(subject.model, names, "short")
    known = known_pictures(subject, names, texts)
    first, second = known.part(False, seed), known.part(True, seed)
    for half in (first, second):
        if len(half.keys) < FEWEST_KNOWN or not half.shown.any() or half.shown.all():
            raise DatasetError(
                f"{subject.dataset.folder}: {len(known.keys)} pictures are too few to judge the "
                f"judge by; take a larger set, or state a threshold"
            )
    absent = ~first.shown
    centres = (first.margins * absent).sum(axis=0) / np.maximum(absent.sum(axis=0), 1)
    threshold = best_threshold(first.margins - centres, first.shown)
    judge = ModelJudge(subject.model, texts, centres + threshold)
    said = second.margins > judge.offsets
    results = (
        _mean_share("judge: objects shown are found", said, second.shown),
        _mean_share("judge: objects absent are passed", ~said, ~second.shown),
    )
    return Tried(judge, published_name(subject.model.identity), names, results)


def stated(model: Model, names: tuple[str, ...], threshold: float) -> Tried:
    """A judge with one threshold for all objects, which somebody chose."""
    texts = single_vectors(model, names, "short")
    judge = ModelJudge(model, texts, np.full(len(names), threshold))
    return Tried(judge, published_name(model.identity), names)


def best_threshold(margins: NDArray[np.float64], shown: NDArray[np.bool_]) -> float:
    """The threshold of the best mean of the share found and the share passed (Youden 1950).

    Args:
        margins: of pictures and objects, any shape.
        shown: of the same shape; some true, some false.
    """
    order = np.argsort(margins, axis=None)
    values, there = margins.reshape(-1)[order], shown.reshape(-1)[order]
    found = 1 - np.cumsum(there) / there.sum()  # above the i-th value
    passed = np.cumsum(~there) / (~there).sum()
    at = int(np.argmax(found + passed))
    above = values[min(at + 1, len(values) - 1)]
    return float((values[at] + above) / 2)


def _mean_share(measure: str, right: NDArray[np.bool_], asked: NDArray[np.bool_]) -> Result:
    """A share over pictures and objects in which each picture counts once, by its own share."""
    counts = asked.sum(axis=1)
    means = (right & asked).sum(axis=1)[counts > 0] / counts[counts > 0]
    return share(measure, "", float(means.sum()), len(means))
