"""The ground of a scene: its background times the shadows of all objects.

Light multiplies, so logarithms are summed, in integers, whatever the order; one table then turns a
sum into the displayed colour. On a plain ground sums start from nothing and the table holds its
colour; on a picture they start from each pixel's own light, and the table is that of white.
"""

from __future__ import annotations

import functools
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from benchwright.builders import colour
from benchwright.builders.backgrounds.views import Photos, is_colour, pixels
from benchwright.builders.layers import Layers
from benchwright.builders.windows import Window, clipped, disjoint
from benchwright.record import Scene

ROOMY = 6
"""Objects whose log codes (at least ``DARKEST`` each) cannot leave a channel's span in sum."""

PICTURE_ROOMY = 4
"""The same on a picture, whose own codes reach down to ``colour.BLACK``."""

_UNCHANGED = np.arange(3, dtype=np.uint16) * colour.CHANNEL_SPAN + colour.ZERO_CODE
# One more object, however dark or bright, leaves a sum within these bounds inside the span.
_LOWEST = _UNCHANGED - np.uint16(colour.ZERO_CODE + colour.DARKEST)
_HIGHEST = _LOWEST + np.uint16(colour.CHANNEL_SPAN + colour.DARKEST - colour.BRIGHTEST - 1)


@dataclass(frozen=True, slots=True)
class _Plain:
    """A ground of one colour.

    Attributes:
        table: displayed colour of each sum.
        row: uint16 [w, 3], where sums start; whole rows: three at a time copy slowly.
        height: pixels.
    """

    table: NDArray[np.uint8]
    row: NDArray[np.uint16]
    height: int
    roomy: int = ROOMY

    def empty(self) -> NDArray[np.uint8]:
        """uint8 [h, w, 3] without any shadow."""
        image: NDArray[np.uint8] = np.empty((self.height, *self.row.shape), dtype=np.uint8)
        image[:] = self.table[self.row]
        return image

    def start(self, window: Window) -> NDArray[np.uint16]:
        """Where sums start in a window, for all its rows."""
        return self.row[window.left : window.right]


@dataclass(frozen=True, slots=True)
class _Picture:
    """A ground that a picture shows, uint8 [h, w, 3]. Attributes else as of ``_Plain``."""

    table: NDArray[np.uint8]
    row: NDArray[np.uint16]
    picture: NDArray[np.uint8]
    roomy: int = PICTURE_ROOMY

    def empty(self) -> NDArray[np.uint8]:
        """The picture, uint8 [h, w, 3]."""
        return self.picture.copy()

    def start(self, window: Window) -> NDArray[np.uint16]:
        """[h, w, 3]: where sums start in a window."""
        codes = colour.LOG_LIGHT.take(self.picture[window.slices()])
        codes += self.row[window.left : window.right]  # modulo 2**16
        return codes


class Ground:
    """Draws grounds; keeps one image's worth of sums, so not to be shared between threads."""

    def __init__(self, photo_folders: tuple[str, ...] = ()) -> None:
        """Of folders in which the photographs of scenes lie."""
        self._folders = photo_folders
        self._sums: NDArray[np.uint16] = np.empty((0, 0, 3), dtype=np.uint16)

    def draw(self, scene: Scene, placed: list[tuple[Layers, int, int]]) -> NDArray[np.uint8]:
        """uint8 [height, width, 3]: the ground with all shadows, before any object is drawn.

        Args:
            scene: for its size, camera and background.
            placed: each object's layers and the (column, row) of its anchor, in an order that
                depends on the scene alone: it matters where more than ``ROOMY`` shadows meet.

        Raises:
            AssetError: there is no such background.
        """
        ground = self._ground(scene)
        image = ground.empty()
        if self._sums.shape != image.shape:
            self._sums = np.empty(image.shape, dtype=np.uint16)
        corners = [
            (column + layers.shade_corner[0], row + layers.shade_corner[1])
            for layers, column, row in placed
        ]
        windows = [
            clipped(corner, layers.shade.shape, image.shape)
            for corner, (layers, _, _) in zip(corners, placed, strict=True)
        ]
        for window in windows:
            self._sums[window.slices()] = ground.start(window)
        for window, corner, (layers, _, _) in zip(windows, corners, placed, strict=True):
            sums = self._sums[window.slices()]
            sums += layers.shade[window.slices(corner)]  # modulo 2**16: darker codes subtract
            if len(placed) > ground.roomy:
                np.clip(sums, _LOWEST, _HIGHEST, out=sums)
        for window in disjoint(windows):
            # "clip" only spares the check of each index: sums stay inside the table.
            image[window.slices()] = ground.table.take(self._sums[window.slices()], mode="clip")
        return image

    def _ground(self, scene: Scene) -> _Plain | _Picture:
        row = np.tile(_UNCHANGED, (scene.width, 1))
        if is_colour(scene.background):
            return _Plain(_table(scene.background), row, scene.height)
        picture = pixels(scene.background, scene.width, scene.camera, self._photos)
        return _Picture(_table("#ffffff"), row, picture)

    @functools.cached_property
    def _photos(self) -> Photos:
        return Photos(self._folders)


@functools.lru_cache(maxsize=64)
def _table(background: str) -> NDArray[np.uint8]:
    return colour.ground_table(background)
