"""From what a recipe's ``assets`` calls a source to the source."""

from __future__ import annotations

import posixpath
from functools import cache
from pathlib import Path

from benchwright.builders.assets.folder import folder_assets
from benchwright.builders.assets.objaverse import Objaverse
from benchwright.builders.assets.packs import PACKS
from benchwright.builders.assets.shelves import BUILTIN
from benchwright.builders.assets.source import CutoutSource, MeshSource
from benchwright.builders.assets.sweethome3d import SweetHome3D
from benchwright.builders.assets.table import FOLDER_TABLE, parse_table
from benchwright.errors import AssetError, did_you_mean

OWNED = "user:"
"""What labels of a user's own folders and libraries begin with, unlike those of packs."""

OBJAVERSE = "objaverse"


def label_of(name: str) -> str:
    """What the asset ids of a source begin with.

    Args:
        name: as a recipe's ``assets`` calls it: a pack, or a path.
    """
    return f"{OWNED}{Path(name).stem}" if is_own(name) else name


def is_own(name: str) -> bool:
    """Whether a name means a user's own folder or library, not a pack."""
    known = name in (BUILTIN, OBJAVERSE, *PACKS)
    return not known and (posixpath.sep in name or name.endswith(".sh3f") or Path(name).exists())


@cache
def opened(name: str) -> MeshSource | CutoutSource:
    """A source, one a process.

    Raises:
        AssetError: there is none of this name, it is not installed, or the folder holds none.
    """
    if name in PACKS:
        return PACKS[name].source()
    if name == OBJAVERSE:
        return Objaverse()
    if not is_own(name):
        known = (BUILTIN, OBJAVERSE, *PACKS)
        raise AssetError(
            f'no asset source "{name}"{did_you_mean(name, known)}: {", ".join(known)}, or the path '
            "of a folder or .sh3f library"
        )
    path = Path(name)
    if path.is_dir():
        return folder_assets(label_of(name), path)
    if path.suffix.lower() == ".sh3f" and path.is_file():
        beside = path.with_suffix(f".{FOLDER_TABLE}")
        table = parse_table(beside.read_text("utf-8"), str(beside)) if beside.is_file() else None
        return SweetHome3D(label_of(name), [path], table)
    raise AssetError(f"{name}: no folder, and no .sh3f library: name one that is there")
