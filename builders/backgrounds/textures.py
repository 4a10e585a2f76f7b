"""The catalogue of textures, and their tiles.

A tile is the ground as it lies, seen from straight above; the camera foreshortens it. It wraps
around at its edges, so that any window of it is a ground.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from functools import cache
from importlib import resources
from typing import Annotated

import numpy as np
import yaml
from numpy.typing import NDArray
from pydantic import Field

from benchwright.builders.backgrounds.canvas import UNIT
from benchwright.builders.backgrounds.grain import Cells, Gradient, Ramp, Relief, Shade, Veil
from benchwright.builders.backgrounds.pieces import Marking, Planks, Scatter
from benchwright.recipe import Part
from benchwright.record import canonical_json
from benchwright.seeding import digest as number

DRAWING = 1
"""Version of what turns a texture's parameters into pixels; raise it with any change of pixels."""

WIDTH = 1024
"""Pixels of a tile across, for the 12 units of an image: as many as the largest image has, so
that tiles are only ever shrunk."""

DEPTH = 1448
"""Pixels of a tile away from the viewer: the tilted camera, at 45 degrees, sees 1024 of them."""


Coat = Annotated[
    Ramp | Veil | Shade | Relief | Cells | Gradient | Scatter | Planks | Marking,
    Field(discriminator="coat"),
]
"""Of paint: each goes over the ones before."""


class Texture(Part):
    """A texture of the catalogue."""

    shows: str = Field(description="What it is, in a few words.")
    seed: int = Field(0, ge=0, description="Another seed is another piece of the same ground.")
    stands: bool = Field(False, description="Faces the viewer (a sky), rather than lying down.")
    coats: list[Coat] = Field(min_length=1)


@cache
def textures() -> Mapping[str, Texture]:
    """All textures that come with Benchwright, by name, in the file's order."""
    file = resources.files("benchwright.data") / "backgrounds" / "textures.yaml"
    return {name: Texture.model_validate_json(canonical_json(entry))
            for name, entry in yaml.safe_load(file.read_text("utf-8")).items()}  # fmt: skip


def digest(name: str) -> str:
    """Identity of a texture's pixels: its parameters and ``DRAWING``. 16 hex digits."""
    parameters = {"name": name, "drawing": DRAWING, **textures()[name].model_dump(mode="json")}
    return hashlib.sha256(canonical_json(parameters)).hexdigest()[:16]


def tile(name: str) -> NDArray[np.uint8]:
    """uint8 [``DEPTH``, ``WIDTH``, 3] sRGB; square where the texture ``stands``."""
    texture = textures()[name]
    height = WIDTH if texture.stands else DEPTH
    canvas = np.zeros((height, WIDTH, 3), dtype=np.int32)
    for place, coat in enumerate(texture.coats):
        canvas = coat.apply(canvas, number("texture", name, texture.seed, place))
    return np.clip((canvas + UNIT // 2) // UNIT, 0, 255).astype(np.uint8)
