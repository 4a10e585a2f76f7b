"""What baking and the reference renderer share: materials, ground, light, integrator."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchwright.builders.assets.model import Model, Texture
from benchwright.builders.render.light import environment
from benchwright.builders.render.variant import load_mitsuba
from benchwright.builders.render.view import SAMPLES_A_PASS, View, sensor
from benchwright.errors import AssetError

MATERIALS = ("rubber", "metal", "matt", "glossy", "mirror")

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

MATT_ROUGHNESS = 0.45
MIRROR_ROUGHNESS = 0.08
"""GGX roughness. Matt surfaces have a sheen without a highlight; a mirror shows the soft boxes."""


@dataclass(frozen=True, slots=True)
class Body:
    """A mesh in place.

    Attributes:
        vertices: [n, 3] world units.
        normals: [n, 3] shading normals.
        faces: [m, 3] vertex indices.
        material: how it reflects.
        paint: linear reflectance of each channel, or a texture.
    """

    vertices: NDArray[np.float32]
    normals: NDArray[np.float32]
    faces: NDArray[np.uint32]
    material: str
    paint: Sequence[float] | Texture


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
    turn = about_vertical(yaw)
    vertices = np.asarray(mesh.vertices) @ turn.T * scale + np.array([*place, 0.0])
    return Body(
        vertices=vertices.astype(np.float32),
        normals=(np.asarray(mesh.vertex_normals) @ turn.T).astype(np.float32),
        faces=np.asarray(mesh.faces, dtype=np.uint32),
        material=material,
        paint=albedo,
    )


def about_vertical(yaw: float) -> NDArray[np.float64]:
    """Rotation matrix [3, 3] of a yaw in degrees, counter-clockwise from above."""
    cosine, sine = math.cos(math.radians(yaw)), math.sin(math.radians(yaw))
    return np.array([[cosine, -sine, 0.0], [sine, cosine, 0.0], [0.0, 0.0, 1.0]])


def bodies_of(
    model: Model, *, yaw: float = 0.0, scale: float = 1.0, place: tuple[float, float] = (0.0, 0.0)
) -> list[Body]:
    """A model in its own colours, turned about the vertical, scaled about the origin, then moved.

    Args:
        model: stands on z = 0.
        yaw: degrees, counter-clockwise from above.
        scale: factor on the model's own size.
        place: ground point (x, y) in world units.
    """
    turn, move = about_vertical(yaw), np.array([*place, 0.0])
    return [
        Body(
            vertices=(surface.vertices @ turn.T * scale + move).astype(np.float32),
            normals=(surface.normals @ turn.T).astype(np.float32),
            faces=surface.faces.astype(np.uint32),
            material=surface.finish,
            paint=surface.paint,
        )
        for surface in model.surfaces
    ]


def merged(bodies: Sequence[Body]) -> Body:
    """One body of the same outline: the geometry of all, the material of the first."""
    starts = np.cumsum([0, *(len(body.vertices) for body in bodies[:-1])])
    faces = [body.faces + np.uint32(start) for body, start in zip(bodies, starts, strict=True)]
    return Body(
        np.vstack([body.vertices for body in bodies]),
        np.vstack([body.normals for body in bodies]),
        np.vstack(faces),
        bodies[0].material,
        (0.0, 0.0, 0.0),
    )


def _rgb(values: Sequence[float]) -> dict[str, Any]:
    return {"type": "rgb", "value": list(values)}


def _reflectance(mitsuba: Any, paint: Sequence[float] | Texture) -> dict[str, Any]:
    if not isinstance(paint, Texture):
        return _rgb(paint)
    bitmap = mitsuba.Bitmap(np.ascontiguousarray(paint.image[..., :3]))
    return {"type": "bitmap", "bitmap": bitmap, "filter_type": "bilinear"}


def _bsdf(mitsuba: Any, material: str, paint: Sequence[float] | Texture) -> dict[str, Any]:
    if material in _PLASTIC:
        return _with_holes(mitsuba, paint, {
            "type": "roughplastic",
            "distribution": "ggx",
            "alpha": _PLASTIC[material],
            "diffuse_reflectance": _reflectance(mitsuba, paint),
        })  # fmt: skip
    if material in _CONDUCTOR:
        # "none" is a mirror before tinting: albedo alone decides the colour.
        tinted = {
            "type": "roughconductor",
            "distribution": "ggx",
            "alpha": _CONDUCTOR[material],
            "material": "none",
            "specular_reflectance": _reflectance(mitsuba, paint),
        }
        return {"type": "twosided", "bsdf": tinted}
    raise AssetError(f'no material "{material}": choose one of {", ".join(MATERIALS)}')


_PLASTIC = {"rubber": RUBBER_ROUGHNESS, "glossy": RUBBER_ROUGHNESS, "matt": MATT_ROUGHNESS}
_CONDUCTOR = {"metal": METAL_ROUGHNESS, "mirror": MIRROR_ROUGHNESS}


def _with_holes(
    mitsuba: Any, paint: Sequence[float] | Texture, bsdf: dict[str, Any]
) -> dict[str, Any]:
    """The material, cut out where its texture is transparent; seen from behind, too."""
    if not isinstance(paint, Texture):
        return bsdf
    both = {"type": "twosided", "bsdf": bsdf}
    if paint.image.shape[2] == 3:
        return both
    alpha = np.ascontiguousarray(paint.image[..., 3:])
    opacity = {"type": "bitmap", "bitmap": mitsuba.Bitmap(alpha), "raw": True}
    return {"type": "mask", "opacity": opacity, "bsdf": both}


def _shape(
    mitsuba: Any, subject: Body, bsdf: dict[str, Any], emitter: dict[str, Any] | None
) -> Any:
    properties = mitsuba.Properties()
    properties["bsdf"] = mitsuba.load_dict(bsdf)
    if emitter is not None:
        properties["emitter"] = mitsuba.load_dict(emitter)
    textured = isinstance(subject.paint, Texture)
    mesh = mitsuba.Mesh(
        "body",
        len(subject.vertices),
        len(subject.faces),
        props=properties,
        has_vertex_normals=True,
        has_vertex_texcoords=textured,
    )
    parameters = mitsuba.traverse(mesh)
    parameters["vertex_positions"] = np.ravel(subject.vertices)
    parameters["vertex_normals"] = np.ravel(subject.normals)
    if isinstance(subject.paint, Texture):
        # Rows run down in an image and up in texture space.
        places = subject.paint.uv.astype(np.float32) * (1, -1) + (0, 1)
        parameters["vertex_texcoords"] = np.ravel(places.astype(np.float32))
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
        material = _bsdf(mitsuba, subject.material, subject.paint)
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
