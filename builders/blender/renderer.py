"""Scenes drawn by Blender: like the composer, a scene in, a measured picture out."""

from __future__ import annotations

import tempfile
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchwright.builders.blender import view
from benchwright.builders.blender.finding import Blender, find
from benchwright.builders.blender.meshes import Meshes
from benchwright.builders.blender.process import BlenderDiedError, BlenderError, BlenderProcess
from benchwright.builders.camera import depth
from benchwright.builders.colour import albedo
from benchwright.builders.compose import Composition
from benchwright.builders.layers import extent
from benchwright.builders.sources import sprite_source
from benchwright.builders.sprites import OWN, Aspect, SpriteSource
from benchwright.images import decode, decode_mask
from benchwright.recipe import Recipe
from benchwright.record import PLACED_FIELDS, ObjectRecord, Placed, Scene

MOST_SECONDS = 600.0, 5e-5
"""Limit on a scene: so long, and so long a pixel and sample; twenty times what a core takes."""


def blender_renderer(recipe: Recipe) -> BlenderRenderer:
    """The renderer of a recipe, one a process, so that its Blender serves every shard.

    Raises:
        BlenderError: there is no Blender.
    """
    objects, asked = recipe.objects, recipe.blender
    blender = find(asked.executable)
    return _kept(blender, sprite_source(objects), tuple(objects.assets), asked.samples)


@cache
def _kept(
    blender: Blender, sprites: SpriteSource, assets: tuple[str, ...], samples: int
) -> BlenderRenderer:
    return BlenderRenderer(blender, Meshes(sprites, assets), samples)


class BlenderRenderer:
    """Draws scenes in one long-lived Blender; a crash is retried once, in a new one."""

    def __init__(self, blender: Blender, meshes: Meshes, samples: int) -> None:
        self._blender = blender
        self._meshes = meshes
        self._samples = samples
        self._folder = tempfile.TemporaryDirectory(prefix="benchwright-blender-")
        self._process: BlenderProcess | None = None

    def compose(self, scene: Scene) -> Composition:
        """Draw a scene and measure its objects on Blender's index passes.

        Raises:
            AssetError: there is no model of an asset.
            BlenderError: Blender refused the scene, or died of it twice.
        """
        folder = Path(self._folder.name)
        answer = self._draw(scene, request(scene, self._meshes, self._samples, folder))
        mask = decode_mask((folder / answer["mask"]).read_bytes())
        records = []
        for index, (placed, name) in enumerate(zip(scene.objects, answer["full"], strict=True)):
            full = decode_mask((folder / name).read_bytes()) > 0
            records.append(_record(placed, mask == index + 1, full, scene.camera))
        return Composition(decode((folder / answer["image"]).read_bytes()), mask, tuple(records))

    def _draw(self, scene: Scene, asked: dict[str, Any]) -> dict[str, Any]:
        base, each = MOST_SECONDS
        seconds = base + each * self._samples * scene.width * scene.height
        deaths: list[str] = []
        while len(deaths) < 2:
            try:
                if self._process is None:
                    self._process = BlenderProcess(self._blender.command)
                return self._process.ask(asked, seconds)
            except BlenderDiedError as error:
                self._process = None
                deaths.append(str(error))
            except BlenderError as error:
                raise BlenderError(f"scene {scene.key}: Blender cannot draw it: {error}") from error
        raise BlenderError(
            f"scene {scene.key}: {deaths[-1]}, twice; finished shards are kept: run the same "
            "command again, with fewer --workers if memory is short"
        )


def request(scene: Scene, meshes: Meshes, samples: int, folder: Path) -> dict[str, Any]:
    """A scene as the worker takes it; its meshes are written into the folder.

    Raises:
        AssetError: there is no model of an asset.
    """
    return {
        "size": [scene.width, scene.height],
        "samples": samples,
        "seed": int(scene.key[:7], 16),  # noise of its own, within the 31 bits Cycles takes
        "ground": albedo(scene.background).tolist(),
        "ambient": view.AMBIENT,
        "camera": view.camera(scene.camera),
        "lamps": view.lamps(),
        "objects": [_object(placed, meshes, folder) for placed in scene.objects],
        "folder": str(folder),
    }


def _object(placed: Placed, meshes: Meshes, folder: Path) -> dict[str, Any]:
    aspect = Aspect(placed.yaw, placed.tilt, placed.pose)
    return {
        "mesh": str(meshes.write(placed.asset, aspect, folder)),
        "material": placed.material,
        "colour": None if placed.colour == OWN else albedo(placed.colour).tolist(),
        "yaw": placed.yaw,
        "scale": placed.scale,
        "place": [placed.x, placed.y],
    }


def _record(
    placed: Placed, visible: NDArray[np.bool_], full: NDArray[np.bool_], camera: str
) -> ObjectRecord:
    box, visible_area = extent(visible)
    full_area = int(np.count_nonzero(full))
    return ObjectRecord(
        **{name: getattr(placed, name) for name in PLACED_FIELDS},
        depth=depth(placed.y, camera),
        box=box,
        visible_area=visible_area,
        full_area=full_area,
        occluded=round(1.0 - visible_area / full_area, 6) if full_area else 0.0,
    )
