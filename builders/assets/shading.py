"""Normals for meshes whose edges are sharp here and round there."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from trimesh import Trimesh


def creased(mesh: Trimesh, crease: float) -> Trimesh:
    """A mesh with a normal at each corner of each face: the mean of those it runs smoothly into.

    Faces that share a vertex are averaged, by area, where they lie within the crease angle of each
    other; so one bevel does not soften the next edge, as averaging whole smooth patches would.

    Args:
        mesh: any mesh.
        crease: degrees between two faces from which their edge is seen as an edge.

    Returns:
        The mesh with corners of its own for each face and unit normals in ``vertex_normals``.
    """
    import trimesh

    whole = mesh.copy()
    whole.merge_vertices()
    corners = whole.triangles
    areas = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    lengths = np.linalg.norm(areas, axis=1)
    units = areas / np.maximum(lengths, 1e-18)[:, None]
    one, other = _meeting(whole.faces)
    near = np.einsum("ij,ij->i", units[one // 3], units[other // 3]) > np.cos(np.radians(crease))
    near |= one // 3 == other // 3
    normals = np.zeros((len(whole.faces) * 3, 3))
    np.add.at(normals, one[near], areas[other[near] // 3])
    normals /= np.maximum(np.linalg.norm(normals, axis=1, keepdims=True), 1e-18)
    faces = np.arange(len(normals)).reshape(-1, 3)
    return trimesh.Trimesh(corners.reshape(-1, 3), faces, vertex_normals=normals, process=False)


def _meeting(faces: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """All ordered pairs of corners (3 x face + place) that lie at one vertex."""
    order = np.argsort(faces.ravel(), kind="stable")
    counts = np.bincount(faces.ravel())
    counts = counts[counts > 0]
    starts = np.repeat(np.cumsum(counts) - counts, counts)
    sizes = np.repeat(counts, counts)
    one = np.repeat(np.arange(len(order)), sizes)
    within = np.arange(len(one)) - np.repeat(np.cumsum(sizes) - sizes, sizes)
    return order[one], order[np.repeat(starts, sizes) + within]
