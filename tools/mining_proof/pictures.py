"""Pictures of a class on a background, drawn and embedded: what the miner is given of them."""

from __future__ import annotations

import hashlib
import multiprocessing
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
import torch
from calibration.scenes import MEASURING_WINDOWS, Shown, textured
from numpy.typing import NDArray
from PIL import Image

from benchwright.builders.compose import Composer
from benchwright.builders.rendering import composer
from benchwright.curation.embed import perceptual
from benchwright.curation.embed.encoding import CPU_BATCH
from benchwright.curation.models.identity import Model
from benchwright.curation.models.preprocess import crop_exact
from benchwright.curation.models.registry import load_model
from benchwright.recipe import Objects
from benchwright.seeding import digest, generator
from benchwright.shards import replacing
from mining_proof.design import JUDGE, PROBE, STRENGTHS

PURPOSE = "mining proof"
"""Keeps these scenes apart from all that the models were trained and measured on."""


@dataclass(frozen=True, slots=True)
class Batch:
    """Pictures to draw: numbers ``range(count)`` of a class on a background.

    Attributes:
        use: ``truth`` or ``corpora``; no scene is in both.
        cls: the class.
        background: the background.
        count: pictures.
    """

    use: str
    cls: str
    background: str
    count: int


@dataclass(frozen=True, slots=True)
class Pictures:
    """What is known of pictures, a row each, in order of their numbers.

    Attributes:
        judge: float16 [n, width], the judge's vectors, as embedding sets store them.
        probe: float16 [n, width], the probe's.
        phash: uint64 [n], perceptual hash.
        brightness: float32 [n], mean luma, 0 to 1.
        saliency: float32 [n], share that stands out, 0 to 1.
        digest: uint64 [n], of the pixels.
    """

    judge: NDArray[np.float16]
    probe: NDArray[np.float16]
    phash: NDArray[np.uint64]
    brightness: NDArray[np.float32]
    saliency: NDArray[np.float32]
    digest: NDArray[np.uint64]

    def __len__(self) -> int:
        return len(self.judge)

    def __getitem__(self, rows: slice) -> Pictures:
        return Pictures(*(getattr(self, name)[rows] for name in self.__slots__))

    @classmethod
    def joined(cls, parts: Sequence[Pictures]) -> Pictures:
        """One after another."""
        names = cls.__slots__
        return cls(*(np.concatenate([getattr(part, name) for part in parts]) for name in names))


def pictures(batches: Sequence[Batch], cache_folder: Path, workers: int = 1) -> list[Pictures]:
    """Draw and embed batches; what the folder holds already is read.

    Args:
        batches: what to draw.
        cache_folder: where drawn batches are kept; made if need be.
        workers: processes.
    """
    cache_folder.mkdir(parents=True, exist_ok=True)
    left = [(batch, cache_folder) for batch in batches if _read(batch, cache_folder) is None]
    if workers > 1 and len(left) > 1:
        with multiprocessing.get_context("spawn").Pool(workers) as pool:
            pool.starmap(_make, left, chunksize=1)
    else:
        for task in left:
            _make(*task)
    found = [_read(batch, cache_folder) for batch in batches]
    assert all(one is not None for one in found)
    return [one for one in found if one is not None]


@cache
def models() -> tuple[Model, Model]:
    """Judge and probe."""
    torch.set_num_threads(1)
    return load_model(JUDGE), load_model(PROBE)


@cache
def _composer() -> Composer:
    return composer(Objects(names=sorted(STRENGTHS)))


def _make(batch: Batch, folder: Path) -> None:
    scenes = [_scene(batch, number) for number in range(batch.count)]
    # Scenes that share a scaled sprite one after another: that is most of the work of drawing.
    order = sorted(range(batch.count), key=lambda at: (_look(scenes[at]), at))
    size = models()[0].preprocess.size
    pixels = np.empty((batch.count, size, size, 3), np.uint8)
    columns = {
        "phash": np.empty(batch.count, np.uint64),
        "brightness": np.empty(batch.count, np.float32),
        "saliency": np.empty(batch.count, np.float32),
        "digest": np.empty(batch.count, np.uint64),
    }
    for at in order:
        image = _composer().compose(scenes[at].scene).image
        picture = Image.fromarray(image)
        pixels[at] = crop_exact(picture, models()[0].preprocess)
        grey = perceptual.grey(picture)
        columns["phash"][at] = perceptual.phash(grey)
        columns["brightness"][at] = perceptual.brightness(grey)
        columns["saliency"][at] = perceptual.saliency(grey)
        columns["digest"][at] = digest(hashlib.sha256(image.tobytes()).hexdigest())
    judge, probe = (_encoded(model, pixels) for model in models())
    with replacing(_file(batch, folder)) as file:
        np.savez(file, judge=judge, probe=probe, **columns)


def _scene(batch: Batch, number: int) -> Shown:
    chance = generator(PURPOSE, batch.use, batch.cls, batch.background, number)
    return textured(batch.cls, batch.background, MEASURING_WINDOWS, chance)


def _look(shown: Shown) -> tuple[float, float]:
    (placed,) = shown.scene.objects
    return placed.yaw, placed.scale


def _encoded(model: Model, pixels: NDArray[np.uint8]) -> NDArray[np.float16]:
    found = []
    with torch.inference_mode():
        for start in range(0, len(pixels), CPU_BATCH):
            batch = torch.from_numpy(pixels[start : start + CPU_BATCH]).permute(0, 3, 1, 2)
            found.append(model.encode_images(batch.contiguous()).half().numpy())
    return np.concatenate(found)


def _file(batch: Batch, folder: Path) -> Path:
    """Named after the models too: other weights give other vectors."""
    by = digest(*(model.identity.sha256 for model in models()))
    return folder / f"{batch.use}-{batch.cls}-{batch.background}-{batch.count}-{by:016x}.npz"


def _read(batch: Batch, folder: Path) -> Pictures | None:
    try:
        with np.load(_file(batch, folder), allow_pickle=False) as held:
            return Pictures(*(held[name] for name in Pictures.__slots__))
    except (OSError, ValueError, KeyError, zipfile.BadZipFile):  # not drawn yet, or cut short
        return None
