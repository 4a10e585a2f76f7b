"""Vectors of pictures that an audit composes itself, kept: a second look draws nothing."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from benchwright.caches import cache_folder
from benchwright.curation.models.preprocess import crop_exact
from benchwright.images import encode_jpeg
from benchwright.shards import replacing

if TYPE_CHECKING:
    from benchwright.builders.compose import Composer
    from benchwright.curation.models.identity import Model
    from benchwright.record import Scene

IMAGES_AT_ONCE = 64

BUILT_IN = "built in"
"""Assets that this version of Benchwright alone decides."""


def composed_vectors(
    model: Model, composer: Composer, scenes: Sequence[Scene], quality: int, assets: str
) -> NDArray[np.float32]:
    """A model's vectors of scenes, which go through a JPEG and the transform as a set's do.

    Args:
        model: what encodes.
        composer: what draws.
        scenes: one or more.
        quality: of the JPEG.
        assets: what decides the pixels beside the scenes: a set's digest, or ``BUILT_IN``. Vectors
            are kept under it; empty where nothing tells (photographs): they are made each time.

    Returns:
        float32 [scenes, width].

    Raises:
        AssetError: a sprite or background is not there.
        DatasetError: the cache cannot be written.
    """
    if not assets:
        return _encoded(model, composer, scenes, quality)
    path = _place(model, scenes, quality, assets)
    kept = _kept(path)
    if kept is None or kept.shape != (len(scenes), model.identity.width):
        kept = _encoded(model, composer, scenes, quality)
        with replacing(path) as file:
            np.save(file, kept)
    return kept


def _place(model: Model, scenes: Sequence[Scene], quality: int, assets: str) -> Path:
    keys = [scene.key for scene in scenes]
    stated = [version("benchwright"), assets, model.identity.to_dict(), quality, keys]
    name = hashlib.sha256(json.dumps(stated, sort_keys=True).encode()).hexdigest()[:32]
    return cache_folder() / "composed" / model.identity.sha256[:16] / f"{name}.npy"


def _kept(path: Path) -> NDArray[np.float32] | None:
    try:
        found: NDArray[np.float32] = np.load(path)
    except (OSError, ValueError, EOFError):  # not there, cut short, or no array
        return None
    return found if found.dtype == np.float32 else None


def _encoded(
    model: Model, composer: Composer, scenes: Sequence[Scene], quality: int
) -> NDArray[np.float32]:
    import torch

    parts = []
    for start in range(0, len(scenes), IMAGES_AT_ONCE):
        crops = [
            crop_exact(encode_jpeg(composer.compose(scene).image, quality), model.preprocess)
            for scene in scenes[start : start + IMAGES_AT_ONCE]
        ]
        pixels = torch.from_numpy(np.stack(crops)).permute(0, 3, 1, 2).contiguous()
        parts.append(model.encode_images(pixels.to(model.device)).float().cpu().numpy())
    found: NDArray[np.float32] = np.concatenate(parts)
    return found
