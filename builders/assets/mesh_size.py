"""How large a mesh says it is, from its header or text, before anything is built from it."""

from __future__ import annotations

import json
import re
from typing import Any

from benchwright.errors import AssetError

MAX_TRIANGLES = 2_000_000
"""A hundred times what a sprite of 250 pixels can show; memory stays below 2 GB."""

MAX_NODES = 20_000
"""Of a glTF scene's tree."""

_HEADER = 1 << 16
"""Bytes within which a PLY header must end."""

KINDS = ("glb", "obj", "ply", "stl")


def check_size(kind: str, data: bytes, where: str) -> None:
    """Refuse a mesh that is, or says it is, larger than can be handled.

    Args:
        kind: one of ``KINDS``.
        data: the file.
        where: for messages.

    Raises:
        AssetError: it is empty, too large, or its header is none.
    """
    triangles, vertices = _COUNTERS[kind](data, where)
    if triangles < 1 or vertices < 1:
        raise AssetError(f"{where}: no faces: nothing to see")
    if triangles > MAX_TRIANGLES or vertices > 3 * MAX_TRIANGLES:
        raise AssetError(
            f"{where}: {triangles:,} triangles and {vertices:,} vertices; {MAX_TRIANGLES:,} "
            "triangles at most: decimate it"
        )


def _obj(data: bytes, where: str) -> tuple[int, int]:
    vertices = len(re.findall(rb"^v\s", data, re.MULTILINE))
    triangles = 0
    for line in re.finditer(rb"^f\s+([^\r\n]*)", data, re.MULTILINE):
        corners = line[1].split()
        triangles += max(0, len(corners) - 2)
        for corner in corners:
            number = corner.split(b"/")[0]
            if not number.lstrip(b"-").isdigit():
                raise AssetError(f"{where}: a face has the corner {corner[:20]!r}")
            if not 1 <= abs(int(number[:20])) <= vertices:
                raise AssetError(
                    f"{where}: a face names vertex {int(number[:20]):,} of {vertices:,}"
                )
    return triangles, vertices


def _stl(data: bytes, where: str) -> tuple[int, int]:
    triangles = int.from_bytes(data[80:84], "little")
    if len(data) >= 84 and len(data) == 84 + 50 * triangles:
        return triangles, 3 * triangles
    if not data[:512].lstrip().lower().startswith(b"solid"):
        raise AssetError(f"{where}: says {triangles:,} triangles, {len(data):,} bytes don't hold")
    triangles = len(re.findall(rb"\bendfacet\b", data))
    return triangles, 3 * triangles


def _ply(data: bytes, where: str) -> tuple[int, int]:
    end = data.find(b"end_header", 0, _HEADER)
    if not data.startswith(b"ply") or end < 0:
        raise AssetError(f"{where}: no PLY header")
    found = re.findall(rb"^\s*element\s+(\w+)\s+(\d{1,19})", data[:end], re.MULTILINE)
    counts = {name: int(count) for name, count in found}
    if sum(counts.values()) > len(data):
        raise AssetError(
            f"{where}: its header says {max(counts.values()):,} elements, {len(data):,} bytes "
            "can't hold them"
        )
    return counts.get(b"face", 0), counts.get(b"vertex", 0)


def _glb(data: bytes, where: str) -> tuple[int, int]:
    tree = _glb_json(data, where)
    try:
        accessors = [int(accessor["count"]) for accessor in tree.get("accessors", [])]
        meshes = [_primitives(mesh, accessors) for mesh in tree.get("meshes", [])]
        nodes = tree.get("nodes", [])
        children = [child for node in nodes for child in node.get("children", [])]
        if len(nodes) > MAX_NODES or len(children) != len(set(children)):
            raise AssetError(f"{where}: {len(nodes):,} nodes, or one of them twice in the tree")
        shown = [meshes[node["mesh"]] for node in nodes if "mesh" in node] or meshes
        outside = [
            part["uri"]
            for part in (*tree.get("buffers", []), *tree.get("images", []))
            if "uri" in part and not str(part["uri"]).startswith("data:")
        ]
    except (LookupError, TypeError, ValueError, OverflowError, AttributeError) as error:
        raise AssetError(f"{where}: broken glTF: {error!r}") from error
    if outside:
        raise AssetError(f"{where}: refers to {outside[0]!r}: save it as one self-contained GLB")
    if max(accessors, default=0) > len(data):
        raise AssetError(
            f"{where}: says {max(accessors):,} indices or vertices, {len(data):,} bytes can't "
            "hold them"
        )
    return sum(faces for faces, _ in shown), sum(points for _, points in shown)


def _glb_json(data: bytes, where: str) -> dict[str, Any]:
    size = int.from_bytes(data[12:16], "little")
    if data[:4] != b"glTF" or data[16:20] != b"JSON" or 20 + size > len(data):
        raise AssetError(f"{where}: no GLB header")
    try:
        tree = json.loads(data[20 : 20 + size])
    except (ValueError, RecursionError) as error:
        raise AssetError(f"{where}: broken glTF: {error}") from error
    if not isinstance(tree, dict):
        raise AssetError(f"{where}: broken glTF: no object")
    return tree


def glb_pictures(data: bytes, where: str) -> list[bytes]:
    """The encoded pictures in a GLB whose size was checked."""
    tree = _glb_json(data, where)
    body = 20 + int.from_bytes(data[12:16], "little") + 8
    pictures = []
    try:
        for image in tree.get("images", []):
            if "bufferView" in image:
                view = tree["bufferViews"][image["bufferView"]]
                start = body + int(view.get("byteOffset", 0))
                pictures.append(data[start : start + int(view["byteLength"])])
            else:
                raise AssetError(f"{where}: a picture as text: save it as a binary GLB")
    except (KeyError, IndexError, TypeError, ValueError) as error:
        raise AssetError(f"{where}: broken glTF: {error!r}") from error
    return pictures


def _primitives(mesh: dict[str, Any], accessors: list[int]) -> tuple[int, int]:
    """Triangles and vertices of a glTF mesh."""
    faces = points = 0
    for part in mesh["primitives"]:
        vertices = accessors[part["attributes"]["POSITION"]]
        corners = accessors[part["indices"]] if "indices" in part else vertices
        faces += corners // 3 if part.get("mode", 4) == 4 else max(0, corners - 2)
        points += vertices
    return faces, points


_COUNTERS = {"obj": _obj, "stl": _stl, "ply": _ply, "glb": _glb}
