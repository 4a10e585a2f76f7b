"""Which item of a pack or folder shows which class: ``data/packs/*.yaml`` and ``assets.yaml``."""

from __future__ import annotations

from importlib import resources
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from benchwright.errors import AssetError
from benchwright.plain_yaml import NotPlainError, parse

FOLDER_TABLE = "assets.yaml"
"""Name of the table beside a user's own files."""

LARGEST = 1 << 20
"""Bytes of a table: ten times that of ten thousand items."""

Degrees = Annotated[float, Field(strict=False, ge=-360, le=360)]
Words = Annotated[str, Field(max_length=300)]
Up = Literal["y", "z"]


class Part(BaseModel):
    """Unknown keys are errors, values never change."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Item(Part):
    """One asset. What it leaves out, the table says for all."""

    item: str = Field(
        min_length=1, max_length=300, description="File, id of a piece, code point or uid."
    )
    licence: Words | None = None
    creator: Words | None = None
    url: Words | None = None
    up: Up | None = Field(None, description="The axis of the file that points up.")
    clear: bool = Field(False, description="Leave out glass, and show what lies behind it.")
    turn: tuple[Degrees, Degrees, Degrees] = Field(
        (0, 0, 0), description="Degrees about x, y, z (z up, viewer at -y) to face the viewer."
    )


class Table(Part):
    """The items of a pack or folder, by class."""

    licence: Words = ""
    creator: Words = ""
    url: Words = ""
    up: Up = "y"
    items: dict[Annotated[str, Field(pattern=r"^[a-z][a-z0-9 '-]{0,60}$")], Item] = {}

    def licence_of(self, item: Item) -> str:
        """An item's own licence, or the table's."""
        return self.licence if item.licence is None else item.licence

    def creator_of(self, item: Item) -> str:
        """An item's own creator, or the table's."""
        return self.creator if item.creator is None else item.creator

    def url_of(self, item: Item) -> str:
        """An item's own address, or the table's."""
        return self.url if item.url is None else item.url


def parse_table(text: str, where: str) -> Table:
    """Read a table.

    Args:
        text: YAML.
        where: for messages.

    Raises:
        AssetError: it is too large, no YAML, or says something unknown.
    """
    if len(text) > LARGEST:
        raise AssetError(f"{where}: {len(text):,} characters; a table has {LARGEST:,} at most")
    try:
        return Table.model_validate(parse(text) or {})
    except NotPlainError as error:
        raise AssetError(f"{where}: {error}") from error
    except ValidationError as error:
        fault = error.errors(include_url=False)[0]
        place = ".".join(map(str, fault["loc"]))
        raise AssetError(f"{where}: {place or 'all of it'}: {fault['msg']}") from error


def pack_table(name: str) -> Table:
    """The table that ships for a pack."""
    file = resources.files("benchwright.data") / "packs" / f"{name}.yaml"
    return parse_table(file.read_text("utf-8"), f"data/packs/{name}.yaml")
