"""What baking and the reference renderer share: materials, ground, light, integrator."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchwright.builders.render.light import environment
from benchwright.builders.render.variant import load_mitsuba
from benchwright.builders.render.view import SAMPLES_A_PASS, View, sensor
from benchwright.errors import AssetError

MATERIALS = ("rubber", "metal")

GROUND = 0.6104956
"""Albedo of the ground, and its radiance where nothing stands near: 205 of 255 when sRGB-coded, on
the spot, so that quantisation doesn't decide between two grey levels."""

GROUND_SIZE = 2000.0
"""Half the side of the ground, in world units: its edge lies 0.06 degrees below the horizon."""

MAX_DEPTH = 4
"""Path length. Each bounce on the object raises the degree in its albedo by one, and sprites
interpolate by a quadratic: longer paths would brighten the inside of a mug slightly, and tint it
wrongly."""

RUBBER_ROUGHNESS = 0.1
METAL_ROUGHNESS = 0.3
"""GGX roughness. The highlight of the key light must stay below display white on dark rubber, and
spread enough on metal that it seldom clips."""


@dataclass(frozen=True, slots=True)
class Body:
    """A mesh in place.

    Attributes:
        vertices: [n, 3] world units.
        normals: [n, 3] shading normals.
        faces: [m, 3] vertex indices.
        material: how it reflects.
        albedo: linear reflectance of each channel.
    """

    vertices: NDArray[np.float32]
    normals: NDArray[np.float32]
    faces: NDArray[np.uint32]
    material: str
    albedo: Sequence[float]


def body(
    mesh: Any,
    material: str,
    albedo: Sequence[float],
    *,
    yaw: float = 0.0,
    scale: float = 1.0,
    place: tuple[float, float] = (0.0, 0.0),
) -> Body:
    """A mesh turned about the vertical, scaled about the ground origin, then moved.

    Args:
        mesh: a trimesh with vertex normals; stands on z = 0.
        material: how it reflects.
        albedo: linear reflectance of each channel.
        yaw: degrees, counter-clockwise from above.
        scale: factor on the mesh's own size.
        place: ground point (x, y) in world units.
    """
    cosine, sine = math.cos(math.radians(yaw)), math.sin(math.radians(yaw))
    turn = np.array([[cosine, -sine, 0.0], [sine, cosine, 0.0], [0.0, 0.0, 1.0]])
    vertices = np.asarray(mesh.vertices) @ turn.T * scale + np.array([*place, 0.0])
    return Body(
        vertices=vertices.astype(np.float32),
        normals=(np.asarray(mesh.vertex_normals) @ turn.T).astype(np.float32),
        faces=np.asarray(mesh.faces, dtype=np.uint32),
        material=material,
        albedo=albedo,
    )


def _rgb(values: Sequence[float]) -> dict[str, Any]:
    return {"type": "rgb", "value": list(values)}


def _bsdf(material: str, albedo: Sequence[float]) -> dict[str, Any]:
    if material == "rubber":
        return {
            "type": "roughplastic",
            "distribution": "ggx",
            "alpha": RUBBER_ROUGHNESS,
            "diffuse_reflectance": _rgb(albedo),
        }
    if material == "metal":
        # "none" is a mirror before tinting: albedo alone decides the colour.
        tinted = {
            "type": "roughconductor",
            "distribution": "ggx",
            "alpha": METAL_ROUGHNESS,
            "material": "none",
            "specular_reflectance": _rgb(albedo),
        }
        return {"type": "twosided", "bsdf": tinted}
    raise AssetError(f'no material "{material}": choose one of {", ".join(MATERIALS)}')


def _shape(
    mitsuba: Any, subject: Body, bsdf: dict[str, Any], emitter: dict[str, Any] | None
) -> Any:
    properties = mitsuba.Properties()
    properties["bsdf"] = mitsuba.load_dict(bsdf)
    if emitter is not None:
        properties["emitter"] = mitsuba.load_dict(emitter)
    mesh = mitsuba.Mesh(
        "body",
        len(subject.vertices),
        len(subject.faces),
        props=properties,
        has_vertex_normals=True,
    )
    parameters = mitsuba.traverse(mesh)
    parameters["vertex_positions"] = np.ravel(subject.vertices)
    parameters["vertex_normals"] = np.ravel(subject.normals)
    parameters["faces"] = np.ravel(subject.faces)
    parameters.update()
    return mesh


def _render(mitsuba: Any, scene: Any, samples: int, seed: int) -> NDArray[np.float32]:
    passes = max(1, samples // SAMPLES_A_PASS)
    images = [
        np.array(mitsuba.render(scene, spp=samples // passes, seed=seed * 4096 + index))
        for index in range(passes)
    ]
    return np.stack(images).mean(axis=0, dtype=np.float64).astype(np.float32)


def radiance(
    bodies: Sequence[Body], view: View, samples: int, *, denoise: bool = True, seed: int = 0
) -> NDArray[np.float32]:
    """Render bodies on the ground.

    Args:
        bodies: what stands on the ground.
        view: onto which pixels.
        samples: paths a pixel: 16 or a multiple of it.
        denoise: by Intel Open Image Denoise, helped by albedo and normals.
        seed: of the sampler.

    Returns:
        [height, width, 3] linear radiance.
    """
    mitsuba = load_mitsuba()
    transform = mitsuba.ScalarTransform4f
    scene: dict[str, Any] = {
        "type": "scene",
        "integrator": {
            "type": "aov",
            "aovs": "albedo:albedo,normal:sh_normal",
            "image": {"type": "path", "max_depth": MAX_DEPTH},
        },
        "sensor": sensor(mitsuba, view),
        "light": {
            "type": "envmap",
            "bitmap": mitsuba.Bitmap(environment()),
            # The map's poles are on the y axis; ours is the z axis.
            "to_world": transform().rotate([1, 0, 0], 90),
        },
        "ground": {
            "type": "rectangle",
            "to_world": transform().scale(GROUND_SIZE),
            "bsdf": {"type": "diffuse", "reflectance": _rgb([GROUND] * 3)},
        },
    }
    for index, subject in enumerate(bodies):
        material = _bsdf(subject.material, subject.albedo)
        scene[f"body{index}"] = _shape(mitsuba, subject, material, None)
    layers = _render(mitsuba, mitsuba.load_dict(scene), samples, seed)
    if not denoise:
        return np.ascontiguousarray(layers[..., :3])
    return _denoised(layers)


def _denoised(layers: NDArray[np.float32]) -> NDArray[np.float32]:
    import pyoidn

    colour, albedo, normal = (np.ascontiguousarray(layers[..., i : i + 3]) for i in (0, 3, 6))
    smooth: NDArray[np.float32] = pyoidn.denoise(colour, albedo, normal, hdr=True)
    return smooth


def coverage(bodies: Sequence[Body], view: View, samples: int) -> NDArray[np.float32]:
    """The share of each pixel that each body covers, as seen past the bodies before it.

    Args:
        bodies: what stands on the ground.
        view: onto which pixels.
        samples: rays a pixel: 16 or a multiple of it.

    Returns:
        [len(bodies), height, width], 0 to 1; sums to at most 1 over the bodies.
    """
    mitsuba = load_mitsuba()
    black = {"type": "diffuse", "reflectance": _rgb([0.0] * 3)}
    covered: list[NDArray[np.float32]] = []
    for first in range(0, len(bodies), 3):
        scene: dict[str, Any] = {
            "type": "scene",
            "integrator": {"type": "path", "max_depth": 1},
            "sensor": sensor(mitsuba, view),
        }
        for index, subject in enumerate(bodies):
            # Three bodies a render: each glows in a channel of its own, all others are black.
            glow = [float(index == first + channel) for channel in range(3)]
            emitter = {"type": "area", "radiance": _rgb(glow)} if any(glow) else None
            scene[f"body{index}"] = _shape(mitsuba, subject, black, emitter)
        image = _render(mitsuba, mitsuba.load_dict(scene), samples, seed=0)
        covered.extend(image[..., channel] for channel in range(min(3, len(bodies) - first)))
    return np.stack(covered) if covered else np.zeros((0, view.height, view.width), np.float32)
