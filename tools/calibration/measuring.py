"""What a trained model does: accuracy by class and background, and which object it favours."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray

from benchwright.articles import with_article
from benchwright.builders.captions import caption
from benchwright.curation.models.identity import Model
from benchwright.statistics.bootstrap import Interval, percentile
from benchwright.statistics.intervals import newcombe, wilson
from benchwright.statistics.rank import spearman
from calibration.captions import phrases
from calibration.planting import BACKGROUNDS, PLANTED, Class
from calibration.scenes import NAMES, Pool

PROMPT = "A photo of {label}."
"""As CounterAnimal's authors classify."""
BATCH = 256


@dataclass(frozen=True, slots=True)
class Share:
    """A share of n, with Wilson's interval at 95 %."""

    n: int
    estimate: float
    low: float
    high: float

    @classmethod
    def of(cls, hits: NDArray[np.bool_]) -> Share:
        """The share of hits."""
        low, high = wilson(hits.sum(), hits.size)
        return cls(hits.size, float(hits.mean()), float(low), float(high))


@dataclass(frozen=True, slots=True)
class Drop:
    """A class's accuracy at home and elsewhere; the drop with Newcombe's interval at 95 %."""

    name: str
    home: str
    strength: float
    common: Share
    counter: Share
    drop: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Level:
    """All classes of one strength together; the drop's interval by bootstrap over pictures."""

    strength: float
    common: Share
    counter: Share
    drop: Interval


@dataclass(frozen=True, slots=True)
class Measured:
    """All that is measured of a model.

    Attributes:
        drops: by class with a home (in the planted model; the twin is measured on the same).
        levels: by strength.
        rank: Spearman's correlation of strength and drop over classes, bootstrap over classes.
        objects: accuracy over all 90 objects, all backgrounds alike.
        backgrounds: accuracy of naming the background, given the object.
        first_named: share of captions of two objects whose vector is nearer to the first's own.
        larger: share of pictures of two objects nearer to the text of the larger.
        larger_first: share of them nearer to the caption that names the larger first.
    """

    drops: tuple[Drop, ...]
    levels: tuple[Level, ...]
    rank: Interval
    objects: Share
    backgrounds: Share
    first_named: Share
    larger: Share
    larger_first: Share


def image_vectors(model: Model, pool: Pool) -> NDArray[np.float32]:
    """Unit vectors [n, width] of a pool's pictures."""
    batches = []
    for start in range(0, len(pool.pixels), BATCH):
        pixels = torch.from_numpy(pool.pixels[start : start + BATCH]).permute(0, 3, 1, 2)
        batches.append(model.encode_images(pixels.contiguous()).numpy())
    return np.concatenate(batches)


def measured(model: Model, alone: Pool, evenly: Pool, pairs: Pool) -> Measured:
    """Measure a model.

    Args:
        model: the model.
        alone: classes with a home, at home and elsewhere in equal parts.
        evenly: all objects on all backgrounds, each pair as often.
        pairs: two objects of different size.
    """
    drops, levels = class_drops(model, alone), _levels(model, alone)
    strengths, falls = [drop.strength for drop in drops], [drop.drop for drop in drops]
    objects, backgrounds = _labels(model, evenly)
    larger, larger_first = _pictures_of_two(model, pairs)
    return Measured(
        drops,
        levels,
        spearman(strengths, falls, seed="calibration rank"),
        objects,
        backgrounds,
        _captions_of_two(model),
        larger,
        larger_first,
    )


def _named(model: Model, vectors: NDArray[np.float32]) -> NDArray[np.str_]:
    """The label that each picture is nearest to."""
    texts = model.encode_texts([PROMPT.format(label=name) for name in NAMES])
    return np.array(NAMES)[(vectors @ texts.T).argmax(axis=1)]


def class_drops(model: Model, alone: Pool) -> tuple[Drop, ...]:
    """The drop of each class with a home; ``alone`` as for ``measured``."""
    names, hits, common = _outcomes(model, alone)
    return tuple(_drop(entry, hits[names == entry.name], common[names == entry.name])
                 for entry in PLANTED)  # fmt: skip


def _outcomes(
    model: Model, pool: Pool
) -> tuple[NDArray[np.str_], NDArray[np.bool_], NDArray[np.bool_]]:
    """Of each picture: its class, whether that was found, whether it stands at home."""
    names = np.array([shown.things[0].name for shown in pool.shown])
    homes = {entry.name: entry.home for entry in PLANTED}
    common = np.array([homes[shown.things[0].name] == shown.background for shown in pool.shown])
    return names, _named(model, image_vectors(model, pool)) == names, common


def _levels(model: Model, pool: Pool) -> tuple[Level, ...]:
    names, hits, common = _outcomes(model, pool)
    levels = []
    for strength in sorted({entry.strength for entry in PLANTED}):
        here = np.isin(names, [entry.name for entry in PLANTED if entry.strength == strength])
        drop = percentile(_gap, hits[here], common[here], seed=f"calibration {strength}")
        levels.append(
            Level(strength, Share.of(hits[here & common]), Share.of(hits[here & ~common]), drop)
        )
    return tuple(levels)


def _drop(entry: Class, hits: NDArray[np.bool_], common: NDArray[np.bool_]) -> Drop:
    at_home, elsewhere = Share.of(hits[common]), Share.of(hits[~common])
    low, high = newcombe(hits[common].sum(), at_home.n, hits[~common].sum(), elsewhere.n)
    drop = at_home.estimate - elsewhere.estimate
    return Drop(
        entry.name, entry.home, entry.strength, at_home, elsewhere, drop, float(low), float(high)
    )


def _gap(hits: NDArray[np.float64], common: NDArray[np.float64]) -> NDArray[np.float64]:
    """Accuracy where common less accuracy elsewhere, by row of [batch, n]."""
    at_home = (hits * common).sum(axis=-1) / common.sum(axis=-1)
    return at_home - (hits * (1 - common)).sum(axis=-1) / (1 - common).sum(axis=-1)


def _labels(model: Model, pool: Pool) -> tuple[Share, Share]:
    """Accuracy over objects, and over backgrounds given the object, as mining labels them."""
    vectors = image_vectors(model, pool)
    names = np.array([shown.things[0].name for shown in pool.shown])
    grounds = np.array([shown.background for shown in pool.shown])
    right = np.zeros(len(names), dtype=bool)
    for name in NAMES:
        here = names == name
        texts = np.stack([_ground_vector(model, name, background) for background in BACKGROUNDS])
        nearest = (vectors[here] @ texts.T).argmax(axis=1)
        right[here] = np.array(BACKGROUNDS)[nearest] == grounds[here]
    return Share.of(_named(model, vectors) == names), Share.of(right)


def _ground_vector(model: Model, name: str, background: str) -> NDArray[np.float32]:
    prompts = [f"a photo of {with_article(name)} {phrase}." for phrase in phrases(background)]
    mean = model.encode_texts(prompts).mean(axis=0)
    return mean / np.linalg.norm(mean)


def _captions_of_two(model: Model) -> Share:
    """Over all ordered pairs: is the caption nearer to the first's own text than the second's?"""
    alone = model.encode_texts([with_article(name) for name in NAMES])
    pairs = [(a, b) for a in range(len(NAMES)) for b in range(len(NAMES)) if a != b]
    texts = [caption([NAMES[a], NAMES[b]], "short", (0, 1)).text for a, b in pairs]
    vectors = model.encode_texts(texts)
    first, second = (alone[[pair[side] for pair in pairs]] for side in (0, 1))
    return Share.of((vectors * (first - second)).sum(axis=1) > 0)


def _pictures_of_two(model: Model, pool: Pool) -> tuple[Share, Share]:
    vectors = image_vectors(model, pool)
    ordered = [sorted(shown.things, key=lambda thing: -thing.scale) for shown in pool.shown]
    names = [(large.name, small.name) for large, small in ordered]

    def nearness(text: Callable[[str, str], str]) -> NDArray[np.float32]:
        return (vectors * model.encode_texts([text(*pair) for pair in names])).sum(axis=1)

    def both(one: str, other: str) -> str:
        return caption([one, other], "short", (0, 1)).text

    larger = nearness(lambda large, _: with_article(large))
    smaller = nearness(lambda _, small: with_article(small))
    large_first = nearness(both)
    small_first = nearness(lambda large, small: both(small, large))
    return Share.of(larger > smaller), Share.of(large_first > small_first)
