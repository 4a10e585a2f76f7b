"""Sweet Home 3D libraries (``.sh3f``): zip archives of OBJ models and a catalogue of properties."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from benchwright.builders.assets.licences import hub_name
from benchwright.builders.assets.mesh_file import MeshFile, Standing
from benchwright.builders.assets.model import Model
from benchwright.builders.assets.store import ZipStore, beside
from benchwright.builders.assets.table import Item, Table
from benchwright.errors import AssetError, did_you_mean
from benchwright.ledger import Source as Credit

CATALOGUE = "PluginFurnitureCatalog.properties"
"""The member that says what a library holds."""

IDENTITY = "1 0 0 0 1 0 0 0 1"


@dataclass(frozen=True, slots=True)
class Piece:
    """A piece of furniture as a catalogue describes it.

    Attributes:
        store: the library.
        id: unique: ``Scopia#toaster``.
        name: what it is called: ``Toaster``.
        model, icon: members of the library.
        size: width, depth, height, centimetres.
        rotation: of the model, nine numbers row by row.
        creator: who made it.
        licence: as the Hub names it.
    """

    store: ZipStore
    id: str
    name: str
    model: str
    icon: str
    size: tuple[float, float, float]
    rotation: tuple[float, ...]
    creator: str
    licence: str


def pieces(library: Path) -> tuple[Piece, ...]:
    """The pieces of a library, in its order.

    Raises:
        AssetError: it is no library, or a piece lacks a name, a model or a size.
    """
    store = ZipStore(library)
    text = store.read(CATALOGUE).decode("latin-1")
    whole: dict[str, str] = {}
    numbered: dict[int, dict[str, str]] = {}
    for key, number, value in _properties(text):
        (numbered.setdefault(number, {}) if number else whole)[key] = value
    return tuple(
        _piece(store, number, fields, whole) for number, fields in sorted(numbered.items())
    )


def _properties(text: str) -> Iterator[tuple[str, int, str]]:
    """Key, number of the piece (0: the library's own) and value of each line."""
    for line in re.sub(r"\\\r?\n\s*", "", text).splitlines():
        if found := re.match(r"\s*([A-Za-z]\w*)(?:#(\d{1,9}))?\s*[=:]\s*(.*)", line):
            value = re.sub(r"\\u([0-9a-fA-F]{4})", lambda code: chr(int(code[1], 16)), found[3])
            yield found[1], int(found[2] or 0), value.strip()


def _piece(store: ZipStore, number: int, fields: dict[str, str], whole: dict[str, str]) -> Piece:
    where = f"{store.where}: {CATALOGUE}"
    try:
        width, depth, height = (float(fields[key]) for key in ("width", "depth", "height"))
        rotation = tuple(map(float, fields.get("modelRotation", IDENTITY).split()))
        name, model = fields["name"], fields["model"]
    except (KeyError, ValueError) as error:
        raise AssetError(f"{where}: piece {number}: missing or no number: {error}") from error
    if len(rotation) != 9 or not all(0 < side < 1e6 for side in (width, depth, height)):
        raise AssetError(f"{where}: piece {number} ({name}): impossible size or rotation")
    return Piece(
        store,
        id=fields.get("id", f"{Path(store.where).stem}#{number}"),
        name=name,
        model=beside("", model.removeprefix("/"), where),
        icon=beside("", fields.get("icon", "").removeprefix("/"), where),
        size=(width, depth, height),
        rotation=rotation,
        creator=fields.get("creator", ""),
        licence=hub_name(fields.get("license", whole.get("license", ""))),
    )


class SweetHome3D:
    """A ``MeshSource`` of the pieces of libraries that a table, or their own names, choose."""

    def __init__(self, label: str, libraries: Sequence[Path], table: Table | None = None) -> None:
        """Open libraries.

        Args:
            label: what asset ids begin with.
            libraries: ``.sh3f`` files.
            table: which piece shows which class; else the first piece of each name.
        """
        self.label = label
        self._libraries = libraries
        self._table = table

    @cached_property
    def pieces(self) -> dict[str, Piece]:
        """Every piece of all libraries, by id."""
        return {piece.id: piece for library in self._libraries for piece in pieces(library)}

    @cached_property
    def _items(self) -> dict[str, Item]:
        if self._table is not None:
            return self._table.items
        first: dict[str, Item] = {}
        for piece in self.pieces.values():
            first.setdefault(piece.name.lower(), Item(item=piece.id))
        return first

    def names(self) -> tuple[str, ...]:
        """Objects on offer."""
        return tuple(self._items)

    def piece(self, name: str) -> Piece:
        """The piece that shows an object.

        Raises:
            AssetError: there is none.
        """
        if name not in self._items:
            raise AssetError(f'{self.label} has no "{name}"{did_you_mean(name, self._items)}')
        wanted = self._items[name].item
        if wanted not in self.pieces:
            raise AssetError(
                f'{self.label}: no piece "{wanted}"{did_you_mean(wanted, self.pieces)}'
            )
        return self.pieces[wanted]

    def credit(self, name: str) -> Credit:
        """Whose a piece is, and on what terms."""
        piece, item, table = self.piece(name), self._items[name], self._table or Table()
        return Credit(
            name,
            f"Sweet Home 3D library {Path(piece.store.where).name}: {piece.id}",
            table.creator_of(item) or piece.creator,
            table.licence_of(item) or piece.licence,
            table.url_of(item) or "https://www.sweethome3d.com/importModels.jsp",
            self._file(name).sha256(),
        )

    def identity(self, name: str) -> str:
        """Hex digest that changes whenever the model would."""
        return self._file(name).identity()

    def model(self, name: str) -> Model:
        """A piece's model."""
        return self._file(name).model()

    def _file(self, name: str) -> MeshFile:
        piece, item = self.piece(name), self._items[name]
        standing = Standing("y", item.turn, piece.rotation, piece.size, item.clear)
        return MeshFile(piece.store, piece.model, standing)
