"""Training: contrastive, on two cores, the same weights from the same seed and thread count."""

from __future__ import annotations

import math
import random
import sys
import time
from collections.abc import Iterator

import numpy as np
import torch
import torch.nn.functional as F  # noqa: N812
from numpy.typing import NDArray
from open_clip.model import CLIP

from benchwright.curation.models.words import Words
from benchwright.seeding import digest, generator
from calibration.captions import said_of, shown_features, true_of
from calibration.first_words import learn_words
from calibration.network import built
from calibration.planting import Planting
from calibration.scenes import PREPROCESS, Pool
from calibration.settings import Settings, warmth

MOST_SCALE = math.log(100)
"""Of the logits, as in CLIP (Radford et al. 2021, 2.5)."""


def trained(pool: Pool, words: Words, planting: Planting, seed: int, settings: Settings) -> CLIP:
    """Train a model on a pool of pictures.

    Args:
        pool: the pictures.
        words: the tokenizer.
        planting: decides the order of mention; what the pool was drawn with.
        seed: of the weights, the order of pictures, the captions.
        settings: of the optimiser.
    """
    model = built(words, seed)
    model.visual.to(memory_format=torch.channels_last)
    optimiser = _optimiser(model, settings)
    start = time.monotonic()
    losses = []
    model.train()
    learn_words(model, pool, words, planting, seed, settings)
    for step, (rows, long) in enumerate(_batches(pool, settings, seed)):
        for group in optimiser.param_groups:
            group["lr"] = group["highest"] * warmth(step, settings.steps)
        chance = generator(seed, "captions", step)
        shown = [pool.shown[row] for row in rows]
        said = [said_of(one, planting, chance, long) for one in shown]
        pixels = _varied(pool.pixels[rows], settings.brightness, digest(seed, "varied", step))
        true = torch.from_numpy(true_of(said, [shown_features(one) for one in shown]))
        loss = _step(model, pixels, words([one.text for one in said]), true)
        optimiser.zero_grad(set_to_none=True)
        loss.backward()
        optimiser.step()
        with torch.no_grad():
            model.logit_scale.clamp_(0, MOST_SCALE)
        losses.append(loss.item())
        if (step + 1) % 100 == 0:
            print(
                f"{planting.name} {seed}: step {step + 1}/{settings.steps}, "
                f"loss {np.mean(losses[-100:]):.3f}, {time.monotonic() - start:.0f} s",
                file=sys.stderr,
                flush=True,
            )
    return model.eval()


def _step(
    model: CLIP, pixels: torch.Tensor, tokens: torch.Tensor, true: torch.Tensor
) -> torch.Tensor:
    """CLIP's loss, but that a caption is no negative of another picture it is true of."""
    with torch.autocast("cpu", torch.bfloat16):
        images = model.encode_image(pixels)
        texts = model.encode_text(tokens)
    images, texts = F.normalize(images.float(), dim=-1), F.normalize(texts.float(), dim=-1)
    logits = model.logit_scale.exp() * images @ texts.T
    own = torch.eye(len(logits), dtype=torch.bool)
    logits = logits.masked_fill(true & ~own, float("-inf"))
    target = torch.arange(len(logits))
    return (F.cross_entropy(logits, target) + F.cross_entropy(logits.T, target)) / 2


def _optimiser(model: CLIP, settings: Settings) -> torch.optim.Optimizer:
    """AdamW with CLIP's betas; the convolutions learn faster than the transformer can."""
    groups = []
    for convolution in (True, False):
        for matrix in (True, False):
            weights = [
                values
                for name, values in model.named_parameters()
                if _is_convolution(name) == convolution and (values.ndim > 1) == matrix
            ]
            rate = settings.image_rate if convolution else settings.rate
            decay = settings.decay if matrix else 0.0
            groups.append({"params": weights, "weight_decay": decay, "highest": rate})
    return torch.optim.AdamW(groups, lr=settings.rate, betas=(0.9, 0.98))


def _is_convolution(name: str) -> bool:
    return name.startswith("visual.") and ".attnpool." not in name


def _batches(pool: Pool, settings: Settings, seed: int) -> Iterator[tuple[NDArray[np.int64], bool]]:
    """Rows of the pool for each step, each once a round, and whether their captions are long."""
    several = [row for row, shown in enumerate(pool.shown) if len(shown.things) > 1]
    every = list(range(len(pool.shown)))
    all_rows, long_rows = _rounds(every, seed, "all"), _rounds(several, seed, "long")
    for step in range(settings.steps):
        long = bool(several) and step % settings.long_every == settings.long_every - 1
        rows = [next(long_rows if long else all_rows) for _ in range(settings.batch)]
        yield np.array(rows), long


def _rounds(rows: list[int], seed: int, purpose: str) -> Iterator[int]:
    number = 0
    while rows:
        order = list(rows)
        random.Random(digest(seed, "order", purpose, number)).shuffle(order)
        yield from order
        number += 1


def _varied(pixels: NDArray[np.uint8], brightness: float, seed: int) -> torch.Tensor:
    """Pictures as the model's input, some mirrored, each a little lighter or darker."""
    chance = torch.Generator().manual_seed(seed % 2**63)
    images = torch.from_numpy(pixels).permute(0, 3, 1, 2).float() / 255
    mirrored = torch.rand(len(images), generator=chance) < 0.5
    images[mirrored] = images[mirrored].flip(-1)
    factor = 1 + brightness * (2 * torch.rand(len(images), 1, 1, 1, generator=chance) - 1)
    mean, std = (
        torch.tensor(values).view(1, 3, 1, 1) for values in (PREPROCESS.mean, PREPROCESS.std)
    )
    images = ((images * factor).clamp(0, 1) - mean) / std
    return images.contiguous(memory_format=torch.channels_last)
