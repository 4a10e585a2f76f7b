"""Normals for triangles from outside, whose own are not to be trusted, in linear time."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray


def crease_normals(corners: NDArray[np.float64], crease: float) -> NDArray[np.float64]:
    """Normals at the corners of triangles: smooth over an edge unless it is sharp.

    Corners of one place share a normal where their faces are joined by smooth edges: time and
    memory grow with the faces, even where a million of them meet in one point.

    Args:
        corners: [m, 3, 3], triangles.
        crease: degrees between two faces from which their edge is sharp.

    Returns:
        [m, 3, 3], unit length; weighted by area, the face's own where that gives none.
    """
    from trimesh import graph

    join: Any = graph.connected_component_labels
    adjacent: Any = graph.face_adjacency
    span = max(float(np.ptp(corners.reshape(-1, 3), axis=0).max()), 1e-12)
    keys = np.rint(corners.reshape(-1, 3) / span * 1e6).astype(np.int64)
    places, at = np.unique(keys, axis=0, return_inverse=True)
    faces = at.reshape(-1, 3)
    weighted = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    lengths = np.linalg.norm(weighted, axis=1, keepdims=True)
    flat = np.where(lengths > 0, weighted / np.maximum(lengths, 1e-300), [0.0, 0.0, 1.0])
    pairs = adjacent(faces=faces)
    smooth = (flat[pairs[:, 0]] * flat[pairs[:, 1]]).sum(axis=1) > np.cos(np.radians(crease))
    groups = join(pairs[smooth], node_count=len(faces))
    group_at = groups[:, None] * len(places) + faces
    _, shared = np.unique(group_at, return_inverse=True)
    shared = shared.reshape(-1, 3)
    sums = np.zeros((int(shared.max()) + 1, 3))
    for corner in range(3):
        np.add.at(sums, shared[:, corner], weighted)
    normals = sums[shared]
    norms = np.linalg.norm(normals, axis=2, keepdims=True)
    return np.where(norms > 0, normals / np.maximum(norms, 1e-300), flat[:, None, :])
