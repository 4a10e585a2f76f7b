"""From an entry to a model: its parts' meshes, shaded, grouped by colour and finish."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from benchwright.builders.assets.model import Model, Surface, normalised
from benchwright.builders.assets.shading import creased
from benchwright.builders.colour import albedo
from benchwright.builders.objects.entry import Entry, Part
from benchwright.builders.objects.forms import copies, formed, moved
from benchwright.errors import AssetError

if TYPE_CHECKING:
    from trimesh import Trimesh

CREASE = 35.0
"""Degrees between two faces from which their edge is seen as an edge."""

DEEPEST = 8
"""Pieces within pieces; a piece that uses itself would never end."""


def model(name: str, entry: Entry) -> Model:
    """Form an object, standing, of unit size.

    Raises:
        AssetError: names the part whose numbers give no solid.
    """
    import trimesh

    groups: dict[tuple[str, str], list[Trimesh]] = defaultdict(list)
    for part, mesh in _meshes(name, entry, entry.parts, "parts", 0):
        groups[part.colour, part.finish].append(creased(mesh, CREASE))
    surfaces = []
    for (colour, finish), meshes in groups.items():
        whole: Any = trimesh.util.concatenate(meshes) if len(meshes) > 1 else meshes[0]
        red, green, blue = (float(channel) for channel in albedo(colour))
        surfaces.append(Surface.of(whole, (red, green, blue), finish))
    return normalised(Model(tuple(surfaces)), entry.yaws)


def _meshes(
    name: str, entry: Entry, parts: Sequence[Part], where: str, depth: int
) -> Iterator[tuple[Part, Trimesh]]:
    """Every part's placed meshes, pieces resolved."""
    if depth > DEEPEST:
        raise AssetError(f"{name}: {where}: pieces are nested deeper than {DEEPEST}")
    for number, part in enumerate(parts):
        place = f"{where}[{number}]"
        if part.use is not None:
            inner = _meshes(name, entry, entry.pieces[part.use], f"pieces.{part.use}", depth + 1)
            for of, mesh in inner:
                yield from ((of, copy) for copy in copies(moved(mesh, part), part))
            continue
        try:
            mesh = moved(formed(part), part)
        except (ValueError, RuntimeError, IndexError) as error:
            raise AssetError(f"{name}: {place}: {error}") from error
        yield from ((part, copy) for copy in copies(mesh, part))
