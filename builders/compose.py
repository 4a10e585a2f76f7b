"""Scenes composed from sprites: the ground with its shadows, then the objects from far to near.

All in integers: the same scene gives the same pixels on every machine.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import NDArray

from benchwright.builders.camera import Camera, depth
from benchwright.builders.colour import DISPLAY, FULL, LINEAR
from benchwright.builders.ground import Ground
from benchwright.builders.layers import LayerCache, Layers, extent
from benchwright.builders.sprites import SpriteSource
from benchwright.builders.windows import Window, clipped
from benchwright.errors import RecipeError
from benchwright.record import ObjectRecord, Placed, Scene

CACHE_BYTES = 256 << 20
"""Bound of the sprite cache, a process."""

MOST_OBJECTS = 255
"""The mask has 8 bits, and 0 is the ground."""

_PLACED_FIELDS = tuple(field.name for field in fields(Placed))


@dataclass(frozen=True, slots=True)
class Composition:
    """A drawn scene.

    Attributes:
        image: uint8 [H, W, 3], RGB.
        mask: uint8 [H, W], 1 + index into ``objects`` of the object seen there; 0 is the ground.
        objects: what was measured of each object, in mention order.
    """

    image: NDArray[np.uint8]
    mask: NDArray[np.uint8]
    objects: tuple[ObjectRecord, ...]


@dataclass(frozen=True, slots=True)
class _Stand:
    """An object standing on the image.

    Attributes:
        placed: what stands there.
        value: its value in the mask.
        layers: its sprite.
        anchor: (column, row) of the sprite's anchor on the image.
        corner: (column, row) of the first pixel of the sprite's window.
        window: the part of that window inside the image.
    """

    placed: Placed
    value: int
    layers: Layers
    anchor: tuple[int, int]
    corner: tuple[int, int]
    window: Window

    @property
    def own(self) -> NDArray[np.uint8]:
        """uint8: its whole mask (255 or 0) in ``window``."""
        return self.layers.own[self.window.slices(self.corner)]

    @property
    def far_first(self) -> tuple[float | int | str, ...]:
        """Sort key of the drawing order, which no mention order can change."""
        placed = self.placed
        return -placed.y, placed.slot, placed.name, placed.x, placed.asset, placed.colour


class Composer:
    """Draws scenes from a source of sprites; not to be shared between threads."""

    def __init__(
        self,
        source: SpriteSource,
        cache_bytes: int = CACHE_BYTES,
        photo_folders: tuple[str, ...] = (),
    ) -> None:
        self._cache = LayerCache(source, cache_bytes)
        self._ground = Ground(photo_folders)

    def compose(self, scene: Scene) -> Composition:
        """Draw a scene and measure its objects.

        Raises:
            AssetError: the source lacks a sprite, or there is no such background.
            RecipeError: a colour is malformed, or there are more objects than mask values.
        """
        if len(scene.objects) > MOST_OBJECTS:
            raise RecipeError(f"a scene holds at most {MOST_OBJECTS} objects: its mask has 8 bits")
        stands = sorted(self._stands(scene), key=lambda stand: stand.far_first)
        shades = [(stand.layers, *stand.anchor) for stand in stands]
        image = self._ground.draw(scene, shades)
        mask = np.zeros((scene.height, scene.width), dtype=np.uint8)
        for stand in stands:
            _paint(image, mask, stand)
        records = [
            (stand.value, _record(stand, mask, stands[index + 1 :], scene.camera))
            for index, stand in enumerate(stands)
        ]
        records.sort(key=lambda pair: pair[0])
        return Composition(image, mask, tuple(record for _, record in records))

    def full_masks(self, scene: Scene) -> NDArray[np.bool_]:
        """Bool [n, H, W]: each object's whole mask inside the image, with nothing before it."""
        masks = np.zeros((len(scene.objects), scene.height, scene.width), dtype=np.bool_)
        for mask, (window, own) in zip(masks, self._outlines(scene), strict=True):
            mask[window.slices()] = own
        return masks

    def full_areas(self, scene: Scene) -> tuple[int, ...]:
        """Pixels of each of the ``full_masks``, which are not drawn for it."""
        return tuple(int(np.count_nonzero(own)) for _, own in self._outlines(scene))

    def _outlines(self, scene: Scene) -> Iterator[tuple[Window, NDArray[np.uint8]]]:
        """The window of each object inside the image and its whole mask there, in mention order."""
        camera = Camera(scene.width, scene.height, scene.camera)
        for placed in scene.objects:
            outline = self._cache.outline(placed, camera)
            column, row = camera.project(placed.x, placed.y)
            corner = column + outline.corner[0], row + outline.corner[1]
            window = clipped(corner, outline.own.shape, (scene.height, scene.width))
            yield window, outline.own[window.slices(corner)]

    def _stands(self, scene: Scene) -> list[_Stand]:
        """The objects on the image, in mention order."""
        camera = Camera(scene.width, scene.height, scene.camera)
        frame = (scene.height, scene.width)
        stands = []
        for value, placed in enumerate(scene.objects, start=1):
            layers = self._cache.layers(placed, camera)
            column, row = camera.project(placed.x, placed.y)
            corner = column + layers.corner[0], row + layers.corner[1]
            window = clipped(corner, layers.own.shape, frame)
            stands.append(_Stand(placed, value, layers, (column, row), corner, window))
        return stands


def _paint(image: NDArray[np.uint8], mask: NDArray[np.uint8], stand: _Stand) -> None:
    """Draw an object over what is there, in linear light, and claim its pixels."""
    layers, here, cut = stand.layers, stand.window.slices(), stand.window.slices(stand.corner)
    pixels = image[here]
    pixels &= layers.keep[cut]
    pixels |= layers.paint[cut]
    labels, own = mask[here], layers.own[cut]
    labels &= ~own
    labels |= own & np.uint8(stand.value)
    rows, columns = layers.edge[0] + stand.corner[1], layers.edge[1] + stand.corner[0]
    light, clear = layers.edge_light, layers.edge_clear
    if own.shape != layers.own.shape:
        left, top, right, bottom = stand.window
        inside = (columns >= left) & (columns < right) & (rows >= top) & (rows < bottom)
        columns, rows, light, clear = columns[inside], rows[inside], light[inside], clear[inside]
    flat = image.reshape(-1, 3)
    index = rows * image.shape[1] + columns
    light = light + (LINEAR[flat[index]] * clear + 127) // 255
    flat[index] = DISPLAY[np.minimum(light, FULL)]


def _record(
    stand: _Stand, mask: NDArray[np.uint8], nearer: list[_Stand], camera: str
) -> ObjectRecord:
    """Measure an object on the finished mask, looking only where its sprite lies."""
    layers, window = stand.layers, stand.window
    box, full_area = layers.box, layers.area
    corner, visible_area = stand.corner, layers.area
    is_cut = stand.own.shape != layers.own.shape
    if is_cut:
        full_area = int(np.count_nonzero(stand.own))
    if is_cut or any(window.overlaps(other.window) for other in nearer):
        box, visible_area = extent(mask[window.slices()] == stand.value)
        corner = window.left, window.top
    placed = {name: getattr(stand.placed, name) for name in _PLACED_FIELDS}
    return ObjectRecord(
        **placed,
        depth=depth(stand.placed.y, camera),
        box=(box[0] + corner[0], box[1] + corner[1], *box[2:]) if visible_area else (0, 0, 0, 0),
        visible_area=visible_area,
        full_area=full_area,
        occluded=round(1.0 - visible_area / full_area, 6) if full_area else 0.0,
    )
