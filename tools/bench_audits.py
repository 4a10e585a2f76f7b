"""Time and peak memory of the class audits at the size of ImageNet, on random vectors.

    python tools/bench_audits.py [--images 50000] [--classes 1000] [--width 512] [--prompts 80]

Openness: 50 vocabularies, 3 permutations. Worst classes: every prompt's margin, both passes. Texts
cost nothing here: what is measured is ours, not the text tower's.
"""

from __future__ import annotations

import argparse
import resource
import time
from collections.abc import Callable

import numpy as np

from benchwright.cards.audits.extension import beaten, merged
from benchwright.cards.audits.matching_margin import MarginSums, prompt_weights
from benchwright.cards.audits.openness import OpennessSettings, _accuracies, _curves
from benchwright.cards.audits.prompt_ensembles import (
    ClassMeans,
    ensemble,
    margins_of_prompts,
    unit,
)

ROWS = 1024
VOCABULARIES = 50


def main() -> None:
    """Run both and print a line each."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    for name, default in (("images", 50_000), ("classes", 1000), ("width", 512), ("prompts", 80)):
        parser.add_argument(f"--{name}", type=int, default=default)
    sizes = parser.parse_args()
    rng = np.random.default_rng(0)
    texts = unit(rng.normal(size=(sizes.classes, sizes.width)))
    truth = rng.integers(0, sizes.classes, sizes.images).astype(np.int32)
    images = unit(texts[truth] + rng.normal(size=(sizes.images, sizes.width)) * 0.15)
    _measured("openness", lambda: _openness(images, texts, truth))
    prompts = np.empty((sizes.prompts, *texts.shape), np.float16)
    for of_prompt in prompts:
        of_prompt[:] = unit(texts + rng.normal(size=texts.shape) * 0.02)
    _measured("worst_classes", lambda: _worst_classes(images, prompts, truth))


def _measured(name: str, run: Callable[[], str]) -> None:
    start = time.perf_counter()
    said = run()
    seconds = time.perf_counter() - start
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"{name}: {seconds:.1f} s, peak {peak:,.0f} MB ({said})")


def _openness(
    images: np.ndarray[tuple[int, int], np.dtype[np.float32]],
    texts: np.ndarray[tuple[int, int], np.dtype[np.float32]],
    truth: np.ndarray[tuple[int], np.dtype[np.int32]],
) -> str:
    vocabulary = (np.arange(len(texts)) % VOCABULARIES).astype(np.int32)
    found = merged([
        beaten(images[at : at + ROWS] @ texts.T, truth[at : at + ROWS], vocabulary)
        for at in range(0, len(images), ROWS)
    ])  # fmt: skip
    settings = OpennessSettings(trials=3)
    results = list(_accuracies(found, truth, "", settings))
    _curves(found, settings)
    return ", ".join(f"{result.measure} {result.estimate:.3f}" for result in results)


def _worst_classes(
    images: np.ndarray[tuple[int, int], np.dtype[np.float32]],
    prompts: np.ndarray[tuple[int, int, int], np.dtype[np.float16]],
    truth: np.ndarray[tuple[int], np.dtype[np.int32]],
) -> str:
    base = ensemble(prompts)
    sums = MarginSums.nothing(len(base))
    means = ClassMeans(np.zeros(base.shape), np.zeros(len(base)))
    for at in range(0, len(images), ROWS):
        scores = images[at : at + ROWS] @ base.T
        predicted = scores.argmax(axis=1)
        sums.add(scores, truth[at : at + ROWS])
        np.add.at(means.sums, predicted, images[at : at + ROWS])
        np.add.at(means.weight, predicted, 1)
    weights = prompt_weights(margins_of_prompts(means, prompts), 0.01)
    weighted = ensemble(prompts, weights)
    right = sum(
        int(((images[at : at + ROWS] @ weighted.T).argmax(axis=1) == truth[at : at + ROWS]).sum())
        for at in range(0, len(images), ROWS)
    )
    return f"accuracy {right / len(images):.3f} with weighted prompts"


if __name__ == "__main__":
    main()
