"""Meshes from outside: how they stand and are painted; what is refused and why."""

import shutil
import struct

import numpy as np
import pytest
import trimesh
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from made import CUBE_OBJ, glb, mesh_folder, obj_folder, picture, png_of_size

from benchwright.builders.assets.folder import MeshFolder, folder_assets
from benchwright.builders.assets.mesh_file import Standing, load_model
from benchwright.builders.assets.model import LONGEST
from benchwright.builders.assets.preview import preview
from benchwright.builders.assets.smoothing import crease_normals
from benchwright.builders.assets.store import FolderStore
from benchwright.errors import AssetError


@pytest.fixture(scope="module")
def meshes(tmp_path_factory):
    return mesh_folder(tmp_path_factory.mktemp("meshes"))


@pytest.mark.parametrize("name", ["box", "ball", "pin", "brick"])
def test_every_kind_stands_on_the_ground_at_unit_size(meshes, name):
    model = folder_assets("user:m", meshes).model(name)
    low, high = model.vertices.min(axis=0), model.vertices.max(axis=0)
    assert low[2] == pytest.approx(0, abs=1e-9)
    assert np.allclose((low + high)[:2], 0, atol=1e-9)
    assert 1.0 < max(np.ptp(model.vertices[:, 0]), high[2]) <= LONGEST * 1.42
    for surface in model.surfaces:
        assert np.allclose(np.linalg.norm(surface.normals, axis=1), 1)
        assert len(surface.paint.uv) == len(surface.vertices)


def test_y_up_becomes_z_up_and_the_front_faces_the_viewer(meshes):
    box = folder_assets("user:m", meshes).model("box")
    painted = next(s for s in box.surfaces if s.paint.image.shape[0] == 16)
    assert np.allclose(painted.normals, [0, -1, 0])  # the textured side was at +z
    pytest.importorskip("mitsuba")
    drawn = preview(box, 64)
    red, blue = drawn[38, 32].astype(int), drawn[53, 32].astype(int)
    assert red[0] > 2 * red[2]  # the texture's upper half is up
    assert blue[2] > 2 * blue[0]


def test_plain_materials_keep_their_colour(meshes):
    box = folder_assets("user:m", meshes).model("box")
    plain = next(s for s in box.surfaces if s.paint.image.shape[0] == 2)
    assert plain.paint.image[0, 0].tolist() == pytest.approx([0, 127, 0], abs=1)


def test_glass_is_frosted_or_left_out(tmp_path):
    folder = obj_folder(tmp_path / "glass")
    mtl = (folder / "box.mtl").read_text().replace("d 1.0", "d 0.25")
    (folder / "box.mtl").write_text(mtl)
    whole = MeshFolder("user:glass", folder).model("box")
    pane = next(s for s in whole.surfaces if s.paint.image.shape[0] == 2)
    assert pane.paint.image[0, 0].tolist() == [191, 223, 191]
    (folder / "assets.yaml").write_text("items: {box: {item: box.obj, clear: true}}")
    (painted,) = MeshFolder("user:glass", folder).model("box").surfaces
    assert painted.paint.image.shape[0] == 16


def test_vertex_colours_become_paint(meshes):
    (pin,) = folder_assets("user:m", meshes).model("pin").surfaces
    assert pin.paint.image[0, 0].tolist() == pytest.approx([250, 200, 20], abs=8)


def test_a_turn_and_a_table_are_obeyed(meshes, tmp_path):
    folder = obj_folder(tmp_path / "turned")
    (folder / "assets.yaml").write_text(
        "licence: CC0\ncreator: Ann\nitems:\n  crate: {item: box.obj, turn: [0, 0, 90]}\n"
    )
    source = MeshFolder("user:turned", folder)
    assert source.names() == ("crate",)
    painted = next(s for s in source.model("crate").surfaces if s.paint.image.shape[0] == 16)
    assert np.allclose(painted.normals, [1, 0, 0])
    credit = source.credit("crate")
    assert (credit.licence, credit.creator) == ("cc0-1.0", "Ann")
    assert len(credit.sha256) == 64


def test_identity_changes_with_the_texture_and_with_the_turn(tmp_path):
    folder = obj_folder(tmp_path / "a")
    before = MeshFolder("user:a", folder).identity("box")
    assert before == MeshFolder("user:a", folder).identity("box")
    (folder / "skin.png").write_bytes(picture())
    repainted = MeshFolder("user:a", folder).identity("box")
    (folder / "assets.yaml").write_text("items:\n  box: {item: box.obj, turn: [0, 0, 5]}\n")
    turned = MeshFolder("user:a", folder).identity("box")
    assert len({before, repainted, turned}) == 3


def test_sharp_edges_stay_sharp_and_round_ones_become_smooth():
    box = trimesh.creation.box()
    assert np.allclose(np.abs(crease_normals(box.triangles, 40)).max(axis=2), 1)
    ball = trimesh.creation.icosphere(3)
    normals = crease_normals(ball.triangles, 40)
    assert (normals * ball.triangles).sum(axis=2).min() > 0.995


def refused(folder, name):
    with pytest.raises(AssetError) as error:
        load_model(FolderStore(folder), name, Standing())
    assert "\n" not in str(error.value)
    assert name.split(".")[0] in str(error.value)
    return str(error.value)


PLY = (
    b"ply\nformat ascii 1.0\nelement vertex %d\nproperty float x\nproperty float y\n"
    b"property float z\nelement face %d\nproperty list uchar int vertex_indices\nend_header\n"
)
ACCESSORS = {
    "asset": {"version": "2.0"}, "scenes": [{"nodes": [0]}], "scene": 0, "nodes": [{"mesh": 0}],
    "meshes": [{"primitives": [{"attributes": {"POSITION": 0}, "indices": 1}]}],
    "accessors": [{"count": 3, "componentType": 5126, "type": "VEC3"},
                  {"count": 1_000_000_000, "componentType": 5125, "type": "SCALAR"}],
}  # fmt: skip
HOSTILE = {
    "no_faces.obj": (b"v 0 0 0\nv 1 0 0\nv 0 1 0\n", "no faces"),
    "empty.stl": (b"", "doesn't hold|don't hold|no faces"),
    "nan.obj": (b"v 0 0 0\nv nan 0 0\nv 0 1 0\nf 1 2 3\n", "no numbers"),
    "far_index.obj": (b"v 0 0 0\nv 1 0 0\nv 0 1 0\nf 1 2 1000000000\n", "names vertex"),
    "odd_index.obj": (b"v 0 0 0\nv 1 0 0\nv 0 1 0\nf 1 2 x\n", "corner"),
    "line.obj": (b"v 0 0 0\nv 1 0 0\nv 2 0 0\nf 1 2 3\n", "a line"),
    "huge.stl": (b"\0" * 80 + struct.pack("<I", 50_000_000) + b"\0" * 50, "50,000,000"),
    "huge.ply": (PLY % (1_000_000_000, 50_000_000), "can't hold"),
    "short.ply": (PLY % (3, 1) + b"0 0 0\n", "broken|no faces"),
    "no_header.ply": (b"ply\n" + b"comment x\n" * 10_000, "no PLY header"),
    "indices.glb": (glb(ACCESSORS), "1,000,000,000"),
    "outside.glb": (
        glb({"asset": {"version": "2.0"}, "buffers": [{"uri": "http://x/y", "byteLength": 9}]}),
        "refers to",
    ),
    "broken.glb": (glb({"meshes": [{"primitives": 5}]}), "broken"),
    "deep.glb": (b"glTF" + b"\2\0\0\0" + b"\0\0\0\0" + struct.pack("<I", 99) + b"JSON", "header"),
}


@pytest.mark.fault("bad mesh", "build")
@pytest.mark.parametrize(("name", "case"), HOSTILE.items(), ids=HOSTILE.keys())
def test_hostile_meshes_are_refused_with_a_reason(tmp_path, name, case):
    content, reason = case
    (tmp_path / name).write_bytes(content)
    import re

    assert re.search(reason, refused(tmp_path, name))


def test_too_many_triangles_are_refused_before_loading(tmp_path, monkeypatch):
    from benchwright.builders.assets import mesh_size

    obj_folder(tmp_path)
    monkeypatch.setattr(mesh_size, "MAX_TRIANGLES", 11)
    assert "12 triangles" in refused(tmp_path, "box.obj")


@pytest.mark.parametrize(
    ("reference", "reason"),
    [
        ("../../etc/passwd", "outside"),
        ("/etc/passwd", "absolute"),
        ("C:\\skin.png", "absolute"),
        ("http://example.org/skin.png", "network"),
        ("gone.png", "missing"),
    ],
)
def test_textures_come_from_beside_the_mesh_or_not_at_all(tmp_path, reference, reason):
    folder = obj_folder(tmp_path / "box")
    mtl = (folder / "box.mtl").read_text()
    (folder / "box.mtl").write_text(mtl.replace("skin.png", reference))
    assert reason in refused(folder, "box.obj")


def test_a_texture_of_a_billion_pixels_is_refused(tmp_path):
    folder = obj_folder(tmp_path / "box")
    (folder / "skin.png").write_bytes(png_of_size(30_000, 30_000))
    assert "pixels" in refused(folder, "box.obj")


def test_a_link_that_leads_out_of_the_folder_is_not_followed(tmp_path):
    folder = tmp_path / "box"
    folder.mkdir()
    (folder / "box.obj").write_text(CUBE_OBJ)
    (tmp_path / "box.mtl").write_text("newmtl painted\n")
    (folder / "box.mtl").symlink_to(tmp_path / "box.mtl")
    assert "missing" in refused(folder, "box.obj")


@pytest.mark.fault("fuzz: mesh", "build")
@pytest.mark.parametrize("name", ["ball.stl", "pin.ply", "brick.glb", "box.obj"])
@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(changes=st.lists(st.tuples(st.integers(0, 2000), st.integers(0, 255)), max_size=8))
def test_damaged_meshes_are_read_or_refused_never_worse(meshes, tmp_path, name, changes):
    folder = tmp_path / "damaged"
    if not folder.exists():
        shutil.copytree(meshes, folder)
    content = bytearray((meshes / name).read_bytes())
    for at, value in changes:
        content[at % len(content)] = value
    (folder / name).write_bytes(content)
    try:
        model = load_model(FolderStore(folder), name, Standing())
    except AssetError as error:
        assert "\n" not in str(error)
    else:
        assert np.isfinite(model.vertices).all()
