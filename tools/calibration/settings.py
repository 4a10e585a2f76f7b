"""How the models are trained: the numbers, and how the learning rate runs."""

from __future__ import annotations

import math
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Settings:
    """How a model is trained.

    Attributes:
        steps: of the optimiser.
        batch: pictures a step.
        rate: highest learning rate; it warms up over the first twentieth and falls as a cosine.
        image_rate: the same of the convolutions.
        decay: weight decay of matrices.
        long_every: every so many steps are of long captions alone, for those cost five times as
            much as the others.
        word_steps: of the text tower alone, before.
        word_rate: highest learning rate of those.
        brightness: pictures are made lighter or darker by up to this share.
    """

    steps: int
    batch: int = 128
    rate: float = 5e-4
    image_rate: float = 2e-3
    decay: float = 0.05
    long_every: int = 25
    brightness: float = 0.2
    word_steps: int = 150
    word_rate: float = 3e-3


def warmth(step: int, steps: int) -> float:
    """Share of the highest learning rate: a linear rise over a twentieth, then half a cosine."""
    warm = max(1, steps // 20)
    if step < warm:
        return (step + 1) / warm
    return 0.5 * (1 + math.cos(math.pi * (step - warm) / max(1, steps - warm)))
