"""Photographs from a folder, each with its licence in the folder's ``licences.yaml``.

It maps files to ``Terms``: ``meadow.jpg: {licence: cc-by-4.0, creator: A. Example}``.
"""

from __future__ import annotations

import hashlib
import io
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from pydantic import Field, TypeAdapter, ValidationError

from benchwright.builders.assets.licences import UNKNOWN, conflict, hub_name
from benchwright.builders.assets.picture import MAX_PIXELS, read_picture
from benchwright.builders.assets.store import MAX_FILE, FolderStore
from benchwright.builders.backgrounds.scaling import shrunk, softened
from benchwright.errors import AssetError, DatasetError, RecipeError
from benchwright.images import size as claimed_size
from benchwright.plain_yaml import NotPlainError, parse
from benchwright.recipe import Part

LICENCES = "licences.yaml"
FORMATS = ("JPEG", "PNG", "WEBP")
ENDINGS = (".jpg", ".jpeg", ".png", ".webp")

CUTTING = 1
"""Version of what turns a photograph into a background; raise it with any change of pixels."""

_HELD = 48
"""Prepared photographs kept a process: 38 MB of them at 512 px."""

_ORIENTATION = 0x0112
"""EXIF tag."""


class Terms(Part):
    """What ``licences.yaml`` says of a file."""

    licence: str = Field("", max_length=300)
    creator: str = Field("", max_length=300)
    url: str = Field("", max_length=2000)
    focus: list[int] = Field([50, 50], min_length=2, max_length=2, description="What the square "
                             "is cut around: percent from the left and from the top.")  # fmt: skip


@dataclass(frozen=True, slots=True)
class Photograph:
    """A photograph of a folder.

    Attributes:
        name: ``<folder>/<file without its ending>``.
        path: the file.
        licence: as the Hub names it, or ``UNKNOWN``.
        creator, url: as its folder says.
        focus: percent from the left and from the top.
    """

    name: str
    path: Path
    licence: str
    creator: str
    url: str
    focus: tuple[int, int]

    @property
    def sha256(self) -> str:
        """Of the file."""
        return _looked_at(self.path, _stamp(self.path))[0]

    @property
    def digest(self) -> str:
        """Identity of its pixels as a background. 16 hex digits."""
        parts = f"{CUTTING}/{self.focus}/{self.sha256}"
        return hashlib.sha256(parts.encode()).hexdigest()[:16]

    def check_size(self, size: int) -> None:
        """Refuse, by its header alone, what cannot fill an image of ``size`` pixels.

        Raises:
            AssetError: it is too small or too large, or no photograph.
        """
        _, width, height = _looked_at(self.path, _stamp(self.path))
        if width * height > MAX_PIXELS:
            raise AssetError(f"{self.path}: {width} x {height}: more than {MAX_PIXELS:,} pixels")
        if min(width, height) < size:
            raise AssetError(f"{self.path}: {width} x {height} pixels; an image takes {size} each")

    def pixels(self, size: int, blur: int) -> NDArray[np.uint8]:
        """uint8 [size, size, 3], not to be written to.

        Args:
            size: pixels.
            blur: thousandths of ``size`` over which it is out of focus, to both sides.

        Raises:
            AssetError: as ``check_size``, or its file is damaged.
        """
        self.check_size(size)
        return _prepared(self.path, _stamp(self.path), self.focus, size, blur)


def photographs(folder: Path) -> Mapping[str, Photograph]:
    """A folder's photographs by name, sorted, as they are now; none is decoded.

    Raises:
        AssetError: there is none, its ``licences.yaml`` is not what it should be, or a name is odd.
    """
    return _listed(folder, _stamp(folder), _stamp(folder / LICENCES))


@lru_cache(maxsize=64)
def _listed(folder: Path, *_stamps: tuple[int, int]) -> Mapping[str, Photograph]:
    store = FolderStore(folder)
    files = [name for name in store.names() if name.lower().endswith(ENDINGS) and "/" not in name]
    if not files:
        raise AssetError(f"{folder}: no photographs ({', '.join(ENDINGS)}) in this folder")
    terms = _terms(store)
    if strays := sorted(terms.keys() - set(files)):
        raise AssetError(f"{folder / LICENCES}: names {strays[0]!r}, which is not in the folder")
    found = {}
    for file in files:
        stem = Path(file).stem
        name = f"{folder.resolve().name}/{stem}"
        if not re.fullmatch(r"[\w. -]+/[\w. -]+", name):
            raise AssetError(f"{folder / file}: call it by letters, digits, dots and dashes")
        if name in found:
            raise AssetError(f"{folder}: two photographs are called {stem!r}; rename one")
        found[name] = _photograph(name, folder / file, terms.get(file, Terms()))
    return found


def check_terms(photo: Photograph, licence: str, allow_unknown: bool) -> None:
    """Refuse a photograph that a set under ``licence`` may not show.

    Raises:
        RecipeError: with what to do.
    """
    if photo.licence == UNKNOWN and not allow_unknown:
        raise RecipeError(
            f"{photo.path}: unknown licence; write it in {LICENCES} beside it, or set "
            "photographs.allow_unknown_licences"
        )
    if reason := conflict(photo.licence, licence):
        raise RecipeError(f"{photo.path}: {photo.licence}, {reason}")


def _photograph(name: str, path: Path, terms: Terms) -> Photograph:
    left, top = terms.focus
    licence = hub_name(terms.licence)
    return Photograph(name, path, licence, terms.creator, terms.url, (left, top))


def _terms(store: FolderStore) -> dict[str, Terms]:
    if LICENCES not in store.names():
        return {}
    where = f"{store.where}/{LICENCES}"
    try:
        fields = parse(store.read(LICENCES).decode("utf-8")) or {}
        return TypeAdapter(dict[str, Terms]).validate_python(fields)
    except (NotPlainError, UnicodeDecodeError) as error:
        raise AssetError(f"{where}: {error}") from error
    except ValidationError as error:
        fault = error.errors(include_url=False)[0]
        place = ".".join(map(str, fault["loc"]))
        raise AssetError(f"{where}: {place or 'all of it'}: {fault['msg']}") from error


@lru_cache(maxsize=100_000)
def _looked_at(path: Path, _stamp: tuple[int, int]) -> tuple[str, int, int]:
    """A file's sha256, and the width and height its header claims."""
    data = _read(path)
    try:
        return (hashlib.sha256(data).hexdigest(), *claimed_size(data))
    except DatasetError as error:
        raise AssetError(f"{path}: {error}") from error


@lru_cache(maxsize=_HELD)
def _prepared(
    path: Path, _stamp: tuple[int, int], focus: tuple[int, int], size: int, blur: int
) -> NDArray[np.uint8]:
    data = _read(path)
    picture = _upright(read_picture(data, str(path), FORMATS)[:, :, :3], data)
    height, width, _ = picture.shape
    side = min(height, width)
    left, top = ((whole - side) * min(max(share, 0), 100) // 100
                 for whole, share in zip((width, height), focus, strict=True))  # fmt: skip
    square = shrunk(picture[top : top + side, left : left + side], size, size)
    radius = blur * size // 1000
    return softened(square, radius) if radius else square


def _stamp(path: Path) -> tuple[int, int]:
    """A file's time of change and size, which cached work on it goes with; zeros without it."""
    try:
        status = path.stat()
    except OSError:
        return 0, 0
    return status.st_mtime_ns, status.st_size


def _read(path: Path) -> bytes:
    try:
        if (size := path.stat().st_size) > MAX_FILE:
            raise AssetError(f"{path}: {size >> 20:,} MB; {MAX_FILE >> 20} at most")
        return path.read_bytes()
    except OSError as error:
        raise AssetError(f"{path}: cannot be read: {error.strerror}") from error


def _upright(picture: NDArray[np.uint8], data: bytes) -> NDArray[np.uint8]:
    """Turned as its EXIF orientation asks: 1 to 8, of which all but 1 turn or mirror."""
    with Image.open(io.BytesIO(data), formats=FORMATS) as image:
        orientation = image.getexif().get(_ORIENTATION, 1)
    if orientation in (5, 6, 7, 8):
        picture = picture.transpose(1, 0, 2)
    if orientation in (3, 4, 7, 8):
        picture = picture[::-1]
    if orientation in (2, 3, 6, 7):
        picture = picture[:, ::-1]
    return picture
