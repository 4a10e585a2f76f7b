"""A sprite: one asset seen from one yaw in one material, ready to be tinted, scaled and placed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

ALBEDOS = (0.0, 0.4, 0.8)
"""Albedos at which a sprite is baked, one a channel. Light is neutral, so the three channels of one
render are three grey renders; any colour follows by quadratic interpolation per channel."""

RATIO_ONE = 192
"""Shadow code that means "as bright as without the object"; 255 is a ratio of (255/192)**2."""


@dataclass(frozen=True, slots=True)
class Sprite:
    """The baked layers of an asset at unit scale.

    Attributes:
        radiance: uint8 [h, w, 3], sRGB-coded radiance at the three ``ALBEDOS`` (red, green and
            blue of an asset in its ``OWN`` colours), premultiplied by alpha in linear light before
            coding (0 where alpha is 0).
        alpha: uint8 [h, w], 255 = wholly covered.
        anchor: (column, row) in ``radiance`` pixels of the corner where the ground origin lies.
        shadow: uint8 [sh, sw, 3], ground radiance with / without the object at the three
            ``ALBEDOS``, coded as ``RATIO_ONE * sqrt(ratio)``; exactly ``RATIO_ONE`` on the border.
        shadow_anchor: (column, row) of the ground origin in ``shadow`` pixels.
        pixels_per_unit: ``radiance`` pixels a world unit.
        shadow_pixels_per_unit: ``shadow`` pixels a world unit.
    """

    radiance: NDArray[np.uint8]
    alpha: NDArray[np.uint8]
    anchor: tuple[int, int]
    shadow: NDArray[np.uint8]
    shadow_anchor: tuple[int, int]
    pixels_per_unit: float
    shadow_pixels_per_unit: float


OWN = "own"
"""Material and colour of an asset that brings its own: it is not tinted, and its three channels are
red, green and blue."""


@dataclass(frozen=True, slots=True)
class Aspect:
    """How an asset is seen.

    Attributes:
        yaw: degrees, counter-clockwise seen from above.
        tilt: degrees it leans to its left (to the viewer's right), before it is turned by the yaw.
        pose: ``standing``, ``lying`` as it lies by itself, ``leaning`` back, or ``flat`` with its
            front upwards.
        camera: ``tilted`` or ``top``.
    """

    yaw: int
    tilt: int = 0
    pose: str = "standing"
    camera: str = "tilted"

    @property
    def is_plain(self) -> bool:
        """Whether nothing but the yaw is special: what the shipped atlas holds."""
        return (self.tilt, self.pose, self.camera) == (0, "standing", "tilted")

    def __str__(self) -> str:
        """``yaw 30``, and whatever else is special."""
        tilt = f", tilt {self.tilt}" if self.tilt else ""
        pose = f", {self.pose}" if self.pose != "standing" else ""
        return f"yaw {self.yaw}{tilt}{pose}" + (", from above" if self.camera == "top" else "")


class SpriteSource(Protocol):
    """Where sprites come from: the shipped atlas, flat silhouettes, or a cache of own bakes."""

    def __hash__(self) -> int:
        """By identity: what is made of a source is cached for it."""
        ...

    def names(self) -> tuple[str, ...]:
        """Objects on offer, in catalogue order."""
        ...

    def asset(self, name: str) -> str:
        """Id of the asset that shows an object: its name, or ``<source>/<name>``."""
        ...

    def light(self, asset: str) -> str:
        """The light an asset is seen in: ``softboxes``, ``flat`` or ``cutout``."""
        ...

    def yaws(self, name: str) -> tuple[int, ...]:
        """Yaws (degrees, counter-clockwise from above) at which an asset is to be had."""
        ...

    def is_tintable(self, name: str) -> bool:
        """Whether an asset takes any colour and material, or has its ``OWN``.

        Raises:
            AssetError: there is no such asset.
        """
        ...

    def digest(self, name: str, aspect: Aspect, material: str) -> str:
        """16 hex digits that change whenever the pixels of this sprite would.

        Raises:
            AssetError: there is no such asset, aspect or material.
        """
        ...

    def sprite(self, name: str, aspect: Aspect, material: str) -> Sprite:
        """One sprite.

        Raises:
            AssetError: there is no such asset, aspect or material.
        """
        ...
