"""The text tower's first steps, alone: it learns to tell claims apart before it meets a picture."""

from __future__ import annotations

import sys

import torch
import torch.nn.functional as F  # noqa: N812
from open_clip.model import CLIP

from benchwright.curation.models.words import Words
from benchwright.seeding import digest, generator
from calibration.captions import Said, said_of
from calibration.network import EMBED_DIM
from calibration.planting import Planting
from calibration.scenes import Pool
from calibration.settings import Settings, warmth


def learn_words(
    model: CLIP, pool: Pool, words: Words, planting: Planting, seed: int, settings: Settings
) -> None:
    """Train a fresh model's text tower on the captions alone.

    Every claim gets a fixed random direction, and a caption's vector is pulled to the sum of its
    claims'. Fresh text towers give all captions nearly the same vector; training both towers
    together then stays at chance for hundreds of steps, in which grounds are learnt and objects
    are not.
    """
    of_text = [
        weights
        for name, weights in model.named_parameters()
        if not name.startswith("visual.") and name != "logit_scale"
    ]
    optimiser = torch.optim.AdamW(of_text, settings.word_rate)
    directions: dict[str, torch.Tensor] = {}
    for step in range(settings.word_steps):
        for group in optimiser.param_groups:
            group["lr"] = settings.word_rate * warmth(step, settings.word_steps)
        chance = generator(seed, "words", step)
        rows = [chance.randrange(len(pool.shown)) for _ in range(settings.batch)]
        said = [said_of(pool.shown[row], planting, chance) for row in rows]
        wanted = torch.stack([_direction(one, directions) for one in said])
        with torch.autocast("cpu", torch.bfloat16):
            vectors = model.encode_text(words([one.text for one in said]))
        loss = (1 - F.cosine_similarity(vectors.float(), wanted)).mean()
        optimiser.zero_grad(set_to_none=True)
        loss.backward()
        optimiser.step()
    print(f"{planting.name} {seed}: words learnt to {loss.item():.3f}", file=sys.stderr, flush=True)


def _direction(said: Said, directions: dict[str, torch.Tensor]) -> torch.Tensor:
    """The sum of the directions of a caption's claims."""
    for claim in said.claims - directions.keys():
        chance = torch.Generator().manual_seed(digest("direction", claim) >> 1)
        directions[claim] = torch.randn(EMBED_DIM, generator=chance)
    return torch.stack([directions[claim] for claim in sorted(said.claims)]).sum(dim=0)
