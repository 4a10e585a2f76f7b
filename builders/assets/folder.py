"""A user's own folder: meshes or cutouts, and ``assets.yaml``, which says whose they are."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable
from functools import cached_property
from pathlib import Path, PurePosixPath

from benchwright.builders.assets.cutout import cutout_identity, cutout_sprite
from benchwright.builders.assets.licences import hub_name
from benchwright.builders.assets.mesh_file import MeshFile, Standing, kind_of
from benchwright.builders.assets.model import Model
from benchwright.builders.assets.picture import CUTOUT_FORMATS, read_picture
from benchwright.builders.assets.store import FolderStore
from benchwright.builders.assets.table import FOLDER_TABLE, Item, Table, parse_table
from benchwright.builders.sprites import Sprite
from benchwright.errors import AssetError, did_you_mean
from benchwright.ledger import Source as Credit

PICTURES = (".png", ".webp")


class FolderAssets:
    """What mesh and cutout folders have in common: names, items and credits."""

    def __init__(self, label: str, folder: Path, is_asset: Callable[[str], bool]) -> None:
        self.label = label
        self._store = FolderStore(folder)
        self._is_asset = is_asset

    @cached_property
    def table(self) -> Table:
        """The folder's table; files that it doesn't list are named by themselves.

        Raises:
            AssetError: the table is wrong, or two files have one name.
        """
        listed = Table()
        if FOLDER_TABLE in self._store.names():
            text = self._store.read(FOLDER_TABLE).decode("utf-8", "replace")
            listed = parse_table(text, f"{self._store.where}/{FOLDER_TABLE}")
        taken = {item.item for item in listed.items.values()}
        return listed.model_copy(update={"items": {**self._by_name(taken), **listed.items}})

    def _by_name(self, taken: Iterable[str]) -> dict[str, Item]:
        found: dict[str, Item] = {}
        for file in self._store.names():
            if not self._is_asset(file) or file in taken:
                continue
            name = PurePosixPath(file).stem.lower().replace("_", " ").replace("-", " ")
            if name in found:
                raise AssetError(
                    f'{self._store.where}: "{name}" is both {found[name].item} and {file}: rename '
                    f"one, or say in {FOLDER_TABLE} which"
                )
            found[name] = Item(item=file)
        return found

    def names(self) -> tuple[str, ...]:
        """Objects on offer."""
        return tuple(self.table.items)

    def item(self, name: str) -> Item:
        """The item that shows an object.

        Raises:
            AssetError: there is none.
        """
        items = self.table.items
        if name not in items:
            raise AssetError(f'{self._store.where} has no "{name}"{did_you_mean(name, items)}')
        return items[name]

    def credited(self, name: str, sha256: str) -> Credit:
        """An asset's credit, given the digest of its files."""
        item, table = self.item(name), self.table
        stated = table.licence_of(item)
        return Credit(
            name,
            f"{self.label}: {item.item}",
            table.creator_of(item),
            hub_name(stated) or stated.lower(),
            table.url_of(item),
            sha256,
        )


class MeshFolder(FolderAssets):
    """A ``MeshSource``: a folder of GLB, OBJ, PLY and STL files."""

    def __init__(self, label: str, folder: Path) -> None:
        super().__init__(label, folder, lambda file: kind_of(file) is not None)

    def credit(self, name: str) -> Credit:
        """Whose a mesh is, and on what terms."""
        return self.credited(name, self._file(name).sha256())

    def identity(self, name: str) -> str:
        """Hex digest that changes whenever the model would."""
        return self._file(name).identity()

    def model(self, name: str) -> Model:
        """A mesh as a model."""
        return self._file(name).model()

    def _file(self, name: str) -> MeshFile:
        item = self.item(name)
        standing = Standing(item.up or self.table.up, item.turn, clear=item.clear)
        return MeshFile(self._store, item.item, standing)


class CutoutFolder(FolderAssets):
    """A ``CutoutSource``: a folder of PNG and WebP pictures with transparent backgrounds."""

    def __init__(self, label: str, folder: Path) -> None:
        super().__init__(label, folder, lambda file: file.lower().endswith(PICTURES))

    def credit(self, name: str) -> Credit:
        """Whose a picture is, and on what terms."""
        return self.credited(name, hashlib.sha256(self._content(name)).hexdigest())

    def identity(self, name: str) -> str:
        """Hex digest that changes whenever the sprite would."""
        return cutout_identity(self._content(name))

    def sprite(self, name: str) -> Sprite:
        """A picture as a sprite."""
        where = f"{self._store.where}/{self.item(name).item}"
        return cutout_sprite(read_picture(self._content(name), where, CUTOUT_FORMATS), where)

    def _content(self, name: str) -> bytes:
        return self._store.read(self.item(name).item)


def folder_assets(label: str, folder: Path) -> MeshFolder | CutoutFolder:
    """A folder as what it holds: meshes if there is any, else cutouts.

    Raises:
        AssetError: it holds neither.
    """
    files = FolderStore(folder).names()
    if any(kind_of(file) for file in files):
        return MeshFolder(label, folder)
    if any(file.lower().endswith(PICTURES) for file in files):
        return CutoutFolder(label, folder)
    raise AssetError(
        f"{folder}: no assets in it: meshes (.glb, .obj, .ply, .stl) or pictures (.png, .webp)"
    )
