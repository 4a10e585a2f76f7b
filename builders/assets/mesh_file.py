"""A mesh file from outside, as a model: checked, shaded at its creases, painted, turned upright."""

from __future__ import annotations

import hashlib
import io
import posixpath
import re
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from benchwright.builders.assets.mesh_size import KINDS, check_size, glb_pictures
from benchwright.builders.assets.model import Model, Surface, normalised
from benchwright.builders.assets.painting import Paint, paint_of, textured
from benchwright.builders.assets.picture import TEXTURE_FORMATS, read_picture
from benchwright.builders.assets.smoothing import crease_normals
from benchwright.builders.assets.store import Store, beside
from benchwright.builders.turning import rotation
from benchwright.errors import AssetError

if TYPE_CHECKING:
    from trimesh import Trimesh

IMPORT = 1
"""Version of how files become models; raise it with any change that moves a sprite's pixels."""

CREASE = 40.0
"""Degrees between two faces from which their edge is seen as an edge. Files' own normals are not
trusted: many are missing, zero, or point inwards."""

UNREADABLE = (ValueError, KeyError, NameError, IndexError, TypeError, AttributeError,
              AssertionError, ArithmeticError, NotImplementedError, RecursionError, struct.error,
              OSError, ImportError)  # fmt: skip
"""What trimesh raises on broken files, found by feeding it some: nearly anything but an exit."""

UPRIGHT = {"z": np.eye(3), "y": np.array([[1.0, 0, 0], [0, 0, -1], [0, 1, 0]])}
"""Rotation from a file's axes to ours (z up, front at -y); with y up the front is at +z."""


@dataclass(frozen=True, slots=True)
class Standing:
    """How a file's mesh is to stand.

    Attributes:
        up: the file's axis that points up, ``y`` or ``z``.
        turn: degrees about x, y, z after that, to face the viewer.
        rotation: of the file's own axes first, row by row, as a catalogue gives it.
        size: width, depth and height that a catalogue gives it, in any unit, before the turn.
        clear: leave out what is glass.
    """

    up: str = "y"
    turn: tuple[float, float, float] = (0.0, 0.0, 0.0)
    rotation: tuple[float, ...] = (1.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 1.0)
    size: tuple[float, float, float] | None = None
    clear: bool = False

    def of(self, vertices: NDArray[np.float64]) -> NDArray[np.float64]:
        """[3, 3]: what takes these vertices [n, 3] from the file's axes to ours."""
        upright = UPRIGHT[self.up] @ np.reshape(self.rotation, (3, 3))
        if self.size is not None:
            extent = np.ptp(vertices @ upright.T, axis=0)
            solid = extent > 1e-6 * extent.max()
            factors = np.divide(self.size, extent, out=np.ones(3), where=solid)
            upright = np.diag(factors) @ upright
        return rotation(self.turn) @ upright


@dataclass(frozen=True, slots=True)
class MeshFile:
    """A mesh's file and how it stands.

    Attributes:
        store: the folder or archive it lies in.
        name: its file there.
        standing: which way it stands and faces.
    """

    store: Store
    name: str
    standing: Standing

    def sha256(self) -> str:
        """Of the mesh and all it refers to, hex.

        Raises:
            AssetError: one of them is missing or refused.
        """
        whole = hashlib.sha256()
        for file in files_of(self.store, self.name):
            whole.update(hashlib.sha256(self.store.read(file)).digest())
        return whole.hexdigest()

    def identity(self) -> str:
        """Hex digest of the files, of how they stand, and of how they are read."""
        parts = (IMPORT, self.sha256(), self.standing)
        return hashlib.sha256(repr(parts).encode()).hexdigest()

    def model(self) -> Model:
        """The mesh as a model of unit size that stands on the ground.

        Raises:
            AssetError: the file is refused: too large, broken, without faces, textures missing.
        """
        return load_model(self.store, self.name, self.standing)


def kind_of(name: str) -> str | None:
    """``glb``, ``obj``, ``ply`` or ``stl`` by a file's name; None for all else."""
    kind = posixpath.splitext(name)[1].lower().lstrip(".")
    return kind if kind in KINDS else None


def files_of(store: Store, name: str) -> tuple[str, ...]:
    """A mesh's file and all that it refers to, in order of mention.

    Raises:
        AssetError: one of them is missing or lies outside.
    """
    found = [name]
    if kind_of(name) != "obj":
        return (name,)
    for library in _mentions(rb"mtllib", store.read(name)):
        found.append(beside(name, library, store.where))
    for library in found[1:]:
        for line in _mentions(rb"map_K[ad]|map_d", store.read(library)):
            reference = line.split()[-1] if line.startswith("-") else line  # after options
            found.append(beside(library, reference, store.where))
    missing = set(found) - set(store.names())
    if missing:
        raise AssetError(f"{store.where}: {name} refers to {min(missing)!r}, which is missing")
    return tuple(dict.fromkeys(found))


def _mentions(word: bytes, text: bytes) -> Iterator[str]:
    for line in re.finditer(rb"^\s*(?:" + word + rb")\s+([^\r\n]+)", text, re.MULTILINE):
        yield line[1].decode("utf-8", "replace").strip()


def load_model(store: Store, name: str, standing: Standing) -> Model:
    """Read a mesh as a model; see ``MeshFile.model``."""
    where, kind = f"{store.where}: {name}", kind_of(name)
    if kind is None:
        raise AssetError(f"{where}: no mesh; {', '.join(KINDS)} are read")
    parts = [part for part in _parts(store, name, kind) if part[0].faces.size]
    if standing.clear:
        parts = [(mesh, paint) for mesh, paint in parts if not paint.is_glass]
    if not parts:
        raise AssetError(f"{where}: no faces: nothing to see")
    used = [np.asarray(mesh.vertices, np.float64)[np.unique(mesh.faces)] for mesh, _ in parts]
    vertices = np.vstack(used)
    extent = np.ptp(vertices, axis=0)
    if not np.isfinite(extent).all():
        raise AssetError(f"{where}: coordinates that are no numbers (NaN or infinite)")
    matrix = standing.of(vertices)
    across, deep, high = np.ptp(vertices @ matrix.T, axis=0)
    if min(across, max(deep, high)) <= 1e-6 * max(across, deep, high):
        raise AssetError(f"{where}: a line, or a sheet seen from its edge: nothing to see")
    return normalised(Model(tuple(_surface(mesh, matrix, paint) for mesh, paint in parts)))


def _parts(store: Store, name: str, kind: str) -> list[tuple[Trimesh, Paint]]:
    """Meshes in the file's axes, each with its paint."""
    import trimesh

    where, data = f"{store.where}: {name}", store.read(name)
    check_size(kind, data, where)
    if kind == "glb":
        for picture in glb_pictures(data, where):
            read_picture(picture, f"{where}: a texture", TEXTURE_FORMATS)
    files = files_of(store, name)
    for file in files[1:]:  # trimesh would pass over what it cannot read
        if not file.lower().endswith(".mtl"):
            read_picture(store.read(file), f"{store.where}: {file}", TEXTURE_FORMATS)
    resolver: Any = _Beside(store, files)
    try:
        scene = trimesh.load_scene(
            io.BytesIO(data), file_type=kind, resolver=resolver, process=False
        )
        found = [mesh for mesh in scene.dump() if isinstance(mesh, trimesh.Trimesh)]
        for mesh in found:
            if mesh.vertices.shape[1:] != (3,):
                raise AssetError(f"{where}: vertices that are no points in space")
            if mesh.faces.size and not 0 <= mesh.faces.min() <= mesh.faces.max() < len(
                mesh.vertices
            ):
                raise AssetError(f"{where}: a face names a vertex that isn't there")
        return [(mesh, paint_of(mesh)) for mesh in found]
    except UNREADABLE as error:
        raise AssetError(f"{where}: broken: {str(error)[:120] or repr(error)}") from error


class _Beside:
    """What trimesh may open besides the mesh: the files found and checked before, nothing else."""

    def __init__(self, store: Store, files: tuple[str, ...]) -> None:
        self._store = store
        self._files = {posixpath.basename(file): file for file in files[1:]}

    def get(self, reference: str) -> bytes:
        """The content of a file."""
        return self._store.read(self._files[posixpath.basename(reference.replace("\\", "/"))])

    __getitem__ = get

    def keys(self) -> list[str]:
        """The files it may open."""
        return list(self._files)

    def namespaced(self, _: str) -> _Beside:
        """The same: names are looked up, not joined."""
        return self


def _surface(mesh: Trimesh, matrix: NDArray[np.float64], paint: Paint) -> Surface:
    """A mesh turned upright, each triangle with corners of its own, shaded at its creases."""
    corners = np.asarray(mesh.vertices, np.float64)[mesh.faces] @ matrix.T
    normals = crease_normals(corners, CREASE)
    faces = np.arange(3 * len(corners)).reshape(-1, 3)
    return Surface(corners.reshape(-1, 3), normals.reshape(-1, 3), faces,
                   textured(paint, np.asarray(mesh.faces)), paint.finish)  # fmt: skip
