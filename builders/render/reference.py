"""The reference renderer: a whole scene at once, which composition is measured against."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchwright.builders.camera import Camera
from benchwright.builders.colour import albedo
from benchwright.builders.render.mitsuba_scene import (
    body,
    coverage,
    radiance,
)
from benchwright.builders.render.view import View
from benchwright.builders.shapes import shaded
from benchwright.record import Scene

SAMPLES = 64
COVERAGE_SAMPLES = 64
"""Samples a pixel."""


@dataclass(frozen=True, slots=True)
class Placed:
    """An object of a scene.

    Attributes:
        mesh: a trimesh with vertex normals, of unit size, standing on z = 0 about the origin.
        x: ground position, world units.
        y: ground position, world units.
        yaw: degrees, counter-clockwise from above.
        scale: factor on the mesh's own size.
        albedo: linear RGB reflectance.
        material: how it reflects.
    """

    mesh: Any
    x: float
    y: float
    yaw: float
    scale: float
    albedo: Sequence[float]
    material: str


@dataclass(frozen=True, slots=True)
class Rendered:
    """A rendered scene.

    Attributes:
        image: float32 [H, W, 3], linear radiance.
        masks: bool [n, H, W], the pixels of which each object covers more than half, visibly.
    """

    image: NDArray[np.float32]
    masks: NDArray[np.bool_]


def render(
    objects: Sequence[Placed],
    camera: Camera,
    *,
    samples: int = SAMPLES,
    denoise: bool = True,
    seed: int = 0,
) -> Rendered:
    """Render a scene in one go: shadows, reflections and bounces between objects included.

    Objects stand where composition puts them, on whole pixels.

    Args:
        objects: what stands on the ground.
        camera: the view.
        samples: paths a pixel: 16 or a multiple of it.
        denoise: whether to denoise.
        seed: of the sampler.

    Raises:
        AssetError: Mitsuba is missing, or there is no such material.
    """
    view = View(
        camera.width,
        camera.height,
        (camera.width / 2, camera.height * camera.centre_row),
        camera.pixels_per_unit,
        camera.name,
    )
    bodies = [
        body(
            item.mesh,
            item.material,
            item.albedo,
            yaw=item.yaw,
            scale=item.scale,
            place=camera.unproject(*camera.project(item.x, item.y)),
        )
        for item in objects
    ]
    image = radiance(bodies, view, samples, denoise=denoise, seed=seed)
    return Rendered(image, coverage(bodies, view, COVERAGE_SAMPLES) > 0.5)


def render_scene(scene: Scene, *, samples: int = SAMPLES) -> Rendered:
    """Render a scene of built-in shapes: what its composition should look like.

    Args:
        scene: on the grey ground the sprites were baked on.
        samples: paths a pixel: 16 or a multiple of it.

    Returns:
        Masks in the scene's mention order.
    """
    objects = [
        Placed(
            mesh=shaded(placed.asset),
            x=placed.x,
            y=placed.y,
            yaw=placed.yaw,
            scale=placed.scale,
            albedo=tuple(float(value) for value in albedo(placed.colour)),
            material=placed.material,
        )
        for placed in scene.objects
    ]
    return render(objects, Camera(scene.width, scene.height), samples=samples)
