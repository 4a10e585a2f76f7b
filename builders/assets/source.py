"""Where assets come from: one protocol for meshes, one for pictures, and what both have."""

from __future__ import annotations

from typing import Literal, Protocol, runtime_checkable

from benchwright.builders.assets.model import Model
from benchwright.builders.sprites import Sprite
from benchwright.ledger import Source as Credit

Look = Literal["rendered", "cutout"]
"""Lit in three dimensions, or a picture stood up: the two never meet in one set unasked."""

MESH_YAWS = (0, -30, 30, 15)
"""Degrees at which a mesh is offered; the first is its front."""


class AssetSource(Protocol):
    """A source of assets by name."""

    @property
    def label(self) -> str:
        """What asset ids begin with: ``<label>/<name>``."""
        ...

    def names(self) -> tuple[str, ...]:
        """Objects on offer.

        Raises:
            AssetError: the source cannot be read.
        """
        ...

    def credit(self, name: str) -> Credit:
        """Whose an asset is, on what terms, and the sha256 of the files it is made of.

        Raises:
            AssetError: there is no such asset, or its files are missing.
        """
        ...


class MeshSource(AssetSource, Protocol):
    """A source of models, which are baked when first shown."""

    def identity(self, name: str) -> str:
        """Hex digest that changes whenever the model would."""
        ...

    def model(self, name: str) -> Model:
        """An asset's model, standing, facing -y, of unit size.

        Raises:
            AssetError: its files are refused, with the reason.
        """
        ...


@runtime_checkable
class CutoutSource(AssetSource, Protocol):
    """A source of pictures that stand upright."""

    def identity(self, name: str) -> str:
        """Hex digest that changes whenever the sprite would."""
        ...

    def sprite(self, name: str) -> Sprite:
        """An asset's sprite.

        Raises:
            AssetError: its file is refused, with the reason.
        """
        ...
