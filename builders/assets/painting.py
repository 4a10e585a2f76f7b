"""The paint of a mesh from outside: its material's colour or picture, as a texture and a finish."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from benchwright.builders.assets.model import Texture

if TYPE_CHECKING:
    from trimesh import Trimesh

GREY = (200, 200, 200)
"""sRGB of what has no material: unpainted clay."""

LARGEST_TEXTURE = 1024
"""Pixels a side: four times what the largest sprite shows of it."""

FAR = 64.0
"""Repeats of a texture beyond which coordinates are taken for damaged: one vase has 3.4e9."""

SHINY = 0.4
"""Specular reflectance of an OBJ material from which it counts as glossy; exporters' default of
0.5 with an exponent below 100 means nothing."""

CLEAR = 0.99
"""Opacity below which a material counts as glass."""


@dataclass(frozen=True, slots=True)
class Paint:
    """What a mesh is painted with.

    Attributes:
        image: uint8 [h, w, 3 or 4], sRGB; a plain colour is an image too, since those show from
            both sides: thin parts of such meshes are single sheets.
        uv: float64 [n, 2], one place a vertex; or [m, 2], one a face; or None for a plain colour.
        finish: as in ``Surface``.
        is_glass: whether it is see-through. Light paths are too short for panes behind panes, so
            glass is painted frosted: the paler, the clearer.
    """

    image: NDArray[np.uint8]
    uv: NDArray[np.float64] | None
    finish: str
    is_glass: bool = False


def textured(paint: Paint, faces: NDArray[np.int64]) -> Texture:
    """The texture for triangles with corners of their own, [3 m] in the order of ``faces``."""
    count = 3 * len(faces)
    if paint.uv is None:
        return Texture(paint.image, np.full((count, 2), 0.5, np.float32))
    if len(paint.uv) == len(faces) and len(paint.uv) <= faces.max():
        return Texture(paint.image, np.repeat(paint.uv, 3, axis=0).astype(np.float32))
    return Texture(paint.image, paint.uv[faces.reshape(-1)].astype(np.float32))


def paint_of(mesh: Trimesh) -> Paint:
    """A loaded mesh's paint."""
    visual: Any = mesh.visual
    if visual.kind == "texture":
        return _of_material(visual)
    if visual.kind in ("vertex", "face"):
        return _of_colours(np.asarray(visual.face_colors, np.uint8)[:, :3])
    return _plain(GREY, "matt")


def _plain(colour: tuple[int, ...], finish: str) -> Paint:
    """One colour all over: two by two pixels, the least that Mitsuba takes."""
    return Paint(np.tile(np.array(colour, np.uint8), (2, 2, 1)), None, finish)


def _frosted(colour: NDArray[np.uint8], opacity: float) -> Paint:
    pale = 255 - (255 - np.asarray(colour, np.float64)[:3]) * min(max(opacity, 0.0), 1.0)
    image = np.tile(np.rint(pale).astype(np.uint8), (2, 2, 1))
    return Paint(image, None, "glossy", is_glass=True)


def _of_material(visual: Any) -> Paint:
    material, uv = visual.material, visual.uv
    if hasattr(material, "diffuse"):
        if (opacity := _numbers((material.kwargs or {}).get("d", 1.0))[0]) < CLEAR:
            return _frosted(material.diffuse, opacity)
        colour, picture, finish = _simple(material)
    else:
        colour, picture, finish = _pbr(material)
    if picture is None or uv is None or len(uv) == 0:
        return _plain(colour, finish)
    places = np.nan_to_num(np.asarray(uv, np.float64), nan=0.0, posinf=0.0, neginf=0.0)
    places = np.where(np.abs(places) > FAR, places % 1.0, places)
    return Paint(_pixels(picture), places, finish)


def _simple(material: Any) -> tuple[tuple[int, ...], Any, str]:
    """Colour, picture and finish of an OBJ's material."""
    stated = material.kwargs or {}
    colour = tuple(int(value) for value in np.asarray(material.diffuse)[:3])
    shine = float(np.mean(_numbers(stated.get("ks", 0.0))))
    sharp = _numbers(stated.get("ns", 0.0))[0]
    return colour, material.image, "glossy" if shine >= SHINY and sharp > 100 else "matt"


def _numbers(value: Any) -> list[float]:
    """What an MTL line says, as the loader left it: a number, text, or a list of either."""
    values = np.atleast_1d(np.asarray(value, dtype=np.float64))
    return [float(v) for v in values]


def _pbr(material: Any) -> tuple[tuple[int, ...], Any, str]:
    """Colour, picture and finish of a glTF's material, whose colour is linear."""
    from benchwright.builders.colour import DISPLAY

    factor = getattr(material, "baseColorFactor", None)
    linear = np.asarray(GREY if factor is None else factor, np.int64)[:3]
    colour = linear if factor is None else DISPLAY[linear * 257]
    metal = getattr(material, "metallicFactor", None)
    rough = getattr(material, "roughnessFactor", None)
    picture = getattr(material, "baseColorTexture", None)
    finish = "metal" if metal is not None and metal > 0.5 and picture is None else (
        "glossy" if rough is not None and rough < 0.35 else "matt")  # fmt: skip
    return tuple(int(value) for value in colour), picture, finish


def _pixels(picture: Any) -> NDArray[np.uint8]:
    transparent = picture.mode in ("RGBA", "LA", "PA") or "transparency" in picture.info
    shown = picture.convert("RGBA" if transparent else "RGB")
    if max(shown.size) > LARGEST_TEXTURE:
        shown.thumbnail((LARGEST_TEXTURE, LARGEST_TEXTURE))
    pixels = np.array(shown)  # a copy: Mitsuba takes no arrays that are read-only
    if transparent and pixels[..., 3].min() == 255:
        return np.ascontiguousarray(pixels[..., :3])
    return pixels


def _of_colours(faces: NDArray[np.uint8]) -> Paint:
    """A palette: one pixel a colour, and each face's place at the middle of its pixel."""
    coarse = faces & 0xF8 | faces >> 5  # 32 steps a channel: thousands of shades become dozens
    palette, at = np.unique(coarse, axis=0, return_inverse=True)
    side = max(2, int(np.ceil(np.sqrt(len(palette)))))
    image = np.zeros((side * side, 3), np.uint8)
    image[: len(palette)] = palette
    column, row = at.reshape(-1) % side, at.reshape(-1) // side
    uv = np.stack([(column + 0.5) / side, 1.0 - (row + 0.5) / side], axis=1)
    return Paint(image.reshape(side, side, 3), uv, "matt")
