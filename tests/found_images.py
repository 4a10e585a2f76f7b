"""Small photographs made up for tests, and folders of them laid out as the originals are."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
from PIL import Image

CLASSES = ((9, "ostrich", ("ground", "water")), (16, "bulbul", ("sky", "grass")),
           (296, "ice bear", ("snow", "ground")))  # fmt: skip
"""ImageNet index, name, backgrounds of the common and the counter group."""

A_GROUP = 4
"""Photographs of each class and group."""


def photograph(seed: int, size: tuple[int, int] = (64, 48)) -> Image.Image:
    """Soft blotches of colour: no two seeds alike, light as a JPEG."""
    blotches = np.random.default_rng(seed).integers(0, 255, (6, 8, 3), np.uint8)
    return Image.fromarray(blotches).resize(size, Image.Resampling.BICUBIC)


def encoded(seed: int, format: str = "JPEG", **options: object) -> bytes:
    """A photograph's bytes."""
    file = io.BytesIO()
    photograph(seed).save(file, format, **options)
    return file.getvalue()


def counteranimal(root: Path, a_group: int = A_GROUP) -> Path:
    """A folder as CounterAnimal's: ``<index> <name>/{common,counter}-<background>/``."""
    seed = 0
    for index, name, backgrounds in CLASSES:
        for group, background in zip(("common", "counter"), backgrounds, strict=True):
            folder = root / f"{index} {name}" / f"{group}-{background}"
            folder.mkdir(parents=True)
            for number in range(a_group):
                (folder / f"{number}.jpg").write_bytes(encoded(seed, quality=90))
                seed += 1
    return root


def comco(root: Path) -> Path:
    """A folder as ComCO's: a folder a subset, objects in the names of PNG files."""
    pictures = {
        "2_objects/left_big": ["axe_dog", "dog_axe", "motor_ski", "umberella_cat"],
        "3_objects/same_size": ["axe_dog_car", "car_axe_dog_7"],
        "odd": ["dog_axe_car"],
    }
    for seed, (subset, names) in enumerate(pictures.items()):
        (root / subset).mkdir(parents=True)
        for number, name in enumerate(names):
            body = encoded(100 * seed + number, "PNG")
            (root / subset / f"{name}.png").write_bytes(body)
    return root
