"""The eighteen procedural shapes: closed, standing on the ground, in bounds, the same each time."""

from __future__ import annotations

import subprocess
import sys
from itertools import combinations

import numpy as np
import pytest

from benchwright.builders.shapes import SHAPES, mesh, shaded

for _library in ("trimesh", "shapely", "manifold3d", "scipy"):
    pytest.importorskip(_library)

NAMES = list(SHAPES)


def turned_about_z(points: np.ndarray, degrees: float) -> np.ndarray:
    c, s = np.cos(np.radians(degrees)), np.sin(np.radians(degrees))
    return points @ np.array([[c, s, 0.0], [-s, c, 0.0], [0.0, 0.0, 1.0]])


def farthest(points: np.ndarray, others: np.ndarray) -> float:
    """The largest distance from a point to its nearest among the others."""
    from scipy.spatial import cKDTree

    return float(cKDTree(others).query(points)[0].max())


def test_catalogue_in_order() -> None:
    assert NAMES == [
        "cube",
        "sphere",
        "cylinder",
        "mug",
        "pentagon",
        "heart",
        "cone",
        "pyramid",
        "diamond",
        "moon",
        "cross",
        "snowflake",
        "leaf",
        "arrow",
        "star",
        "torus",
        "pot",
        "cap",
    ]
    assert all(shape.name == name for name, shape in SHAPES.items())


def test_listing_imports_no_mesh_library(tmp_path) -> None:
    script = (
        "import sys, benchwright.builders.shapes;"
        "print([m for m in ('trimesh', 'shapely', 'manifold3d', 'scipy') if m in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=tmp_path, capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "[]"


@pytest.mark.parametrize("name", NAMES)
def test_closed_single_and_moderate(name: str) -> None:
    made = mesh(name)
    assert made.is_watertight
    assert made.is_winding_consistent
    assert made.volume > 0.25
    assert made.body_count == 1
    assert len(made.faces) < 60_000


@pytest.mark.parametrize("name", NAMES)
def test_stands_on_the_ground_within_bounds(name: str) -> None:
    low, high = mesh(name).bounds
    assert abs(low[2]) < 1e-3
    assert high[2] <= 2.1
    assert np.abs([low[:2], high[:2]]).max() <= 1.25
    assert (high - low).max() >= 1.5


@pytest.mark.parametrize("name", [name for name in NAMES if name != "mug"])
def test_footprint_is_centred(name: str) -> None:
    low, high = mesh(name).bounds
    np.testing.assert_allclose((low + high)[:2] / 2.0, 0.0, atol=1e-3)


def test_mug_stands_on_the_centre_of_its_base() -> None:
    made = mesh("mug")
    base = made.vertices[made.vertices[:, 2] < 1e-3]
    np.testing.assert_allclose((base.min(axis=0) + base.max(axis=0))[:2] / 2.0, 0.0, atol=1e-3)


@pytest.mark.parametrize("name", NAMES)
def test_no_two_yaws_look_the_same(name: str) -> None:
    yaws = SHAPES[name].yaws
    assert 0 in yaws
    vertices = mesh(name).vertices
    views = [turned_about_z(vertices, yaw) for yaw in yaws]
    for one, other in combinations(views, 2):
        assert farthest(one[::20], other) > 0.02


@pytest.mark.parametrize(("name", "symmetry"), [("cube", 90), ("pyramid", 90), ("diamond", 45)])
def test_yaws_fill_one_turn_of_the_symmetry(name: str, symmetry: int) -> None:
    vertices = mesh(name).vertices
    assert farthest(turned_about_z(vertices, symmetry), vertices) < 1e-2
    assert max(SHAPES[name].yaws) < symmetry


@pytest.mark.parametrize("name", ["leaf", "moon", "snowflake", "star", "arrow"])
def test_flat_shapes_are_the_same_in_front_and_behind(name: str) -> None:
    vertices = mesh(name).vertices
    assert farthest(vertices * (1.0, -1.0, 1.0), vertices) < 0.02


@pytest.mark.parametrize("name", NAMES)
def test_same_vertices_each_time(name: str) -> None:
    one, other = mesh(name), mesh(name)
    np.testing.assert_array_equal(one.vertices, other.vertices)
    np.testing.assert_array_equal(one.faces, other.faces)


@pytest.mark.parametrize("name", NAMES)
def test_shaded_normals_are_unit_and_outward(name: str) -> None:
    made = shaded(name)
    normals = made.vertex_normals
    np.testing.assert_allclose(np.linalg.norm(normals, axis=1), 1.0, atol=1e-6)
    toward = np.einsum("fvc,fc->fv", normals[made.faces], made.face_normals)
    weight = np.repeat(made.area_faces[:, None], 3, axis=1)
    assert np.average(toward > 0.0, weights=weight) > 0.999


def test_unknown_name() -> None:
    with pytest.raises(KeyError):
        mesh("teapot")
