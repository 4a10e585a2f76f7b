"""Sweet Home 3D libraries: the catalogue, its licences, and archives that are refused."""

import zipfile

import numpy as np
import pytest
from made import CATALOGUE, library

from benchwright.builders.assets.opened import opened
from benchwright.builders.assets.packs import PACKS
from benchwright.builders.assets.store import ZipStore
from benchwright.builders.assets.sweethome3d import SweetHome3D, pieces
from benchwright.errors import AssetError


def test_the_catalogue_gives_name_size_creator_and_licence(tmp_path):
    tall, wide = pieces(library(tmp_path / "a.sh3f"))
    assert (tall.name, tall.id, tall.creator, tall.licence) == (
        "Tall box", "Pack#box", "Ann", "cc-by-3.0")  # fmt: skip
    assert tall.size == (40, 40, 80)
    assert wide.name == "Wide böx"  # as Java escapes it


def test_a_library_without_a_table_offers_its_pieces_by_name(tmp_path):
    source = opened(str(library(tmp_path / "a.sh3f")))
    assert source.names() == ("tall box", "wide böx")
    credit = source.credit("tall box")
    assert "a.sh3f: Pack#box" in credit.source
    assert (credit.creator, credit.licence) == ("Ann", "cc-by-3.0")


def test_a_table_beside_the_library_chooses_pieces(tmp_path):
    path = library(tmp_path / "a.sh3f")
    path.with_suffix(".assets.yaml").write_text('items:\n  crate: {item: "Pack#wide"}\n')
    assert opened(str(path)).names() == ("crate",)


def test_models_take_the_catalogue_s_proportions(tmp_path):
    source = SweetHome3D("user:a", [library(tmp_path / "a.sh3f")])
    for name, ratio in (("tall box", 2.0), ("wide böx", 0.5)):
        extent = np.ptp(source.model(name).vertices, axis=0)
        assert extent[2] / extent[0] == pytest.approx(ratio)


def test_a_catalogue_s_rotation_is_applied_before_its_size(tmp_path):
    on_its_back = "1 0 0 0 0 1 0 -1 0"
    path = library(tmp_path / "a.sh3f", modelRotation=on_its_back)
    model = SweetHome3D("user:a", [path]).model("tall box")
    extent = np.ptp(model.vertices, axis=0)
    assert extent[2] / extent[0] == pytest.approx(2.0)
    painted = next(s for s in model.surfaces if s.paint.image.shape[0] == 16)
    assert np.allclose(np.abs(painted.normals), [0, 0, 1])  # the front looks up or down now


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"model": "/../../etc/passwd"}, "outside"),
        ({"model": "http://example.org/a.obj"}, "network"),
        ({"width": "nan"}, "impossible"),
        ({"width": "wide"}, "no number"),
        ({"height": None}, "height"),
        ({"modelRotation": "1 0 0"}, "impossible"),
    ],
)
def test_broken_catalogues_are_refused(tmp_path, changes, reason):
    with pytest.raises(AssetError, match=reason) as refused:
        pieces(library(tmp_path / "a.sh3f", **changes))
    assert "\n" not in str(refused.value)


def test_a_missing_texture_is_refused_with_its_name(tmp_path):
    path = library(tmp_path / "a.sh3f", {"pack/box/skin.png": None})
    with pytest.raises(AssetError, match=r"skin\.png.*missing"):
        opened(str(path)).credit("tall box")


HOSTILE = {
    "dots": ("../evil.obj", b"v", "outside the archive"),
    "backslashes": ("..\\evil.obj", b"v", "outside the archive"),
    "absolute": ("/etc/evil", b"v", "outside the archive"),
    "drive": ("C:/evil", b"v", "outside the archive"),
    "bomb": ("pack/zeros.obj", b"\0" * (20 << 20), "zip bomb"),
}


@pytest.mark.fault("bad archive", "build")
@pytest.mark.parametrize(("name", "content", "reason"), HOSTILE.values(), ids=HOSTILE.keys())
def test_hostile_archives_are_refused_and_nothing_is_written(tmp_path, name, content, reason):
    path = library(tmp_path / "a.sh3f", {name: content})
    with pytest.raises(AssetError, match=reason):
        pieces(path)
    assert [file.name for file in tmp_path.rglob("*") if file.is_file()] == ["a.sh3f"]


def test_archives_with_too_many_or_too_large_members_are_refused(tmp_path, monkeypatch):
    from benchwright.builders.assets import store

    path = library(tmp_path / "a.sh3f")
    monkeypatch.setattr(store, "MAX_FILES", 3)
    with pytest.raises(AssetError, match="members"):
        ZipStore(path).names()
    monkeypatch.setattr(store, "MAX_FILES", 100)
    monkeypatch.setattr(store, "MAX_TOTAL", 100)
    with pytest.raises(AssetError, match="unpacks to"):
        ZipStore(path).names()
    monkeypatch.setattr(store, "MAX_TOTAL", 1 << 30)
    monkeypatch.setattr(store, "MAX_FILE", 100)
    with pytest.raises(AssetError, match="at most"):
        ZipStore(path).read(CATALOGUE)


def test_a_member_that_lies_about_its_size_is_refused(tmp_path):
    path = library(tmp_path / "a.sh3f")
    data = bytearray(path.read_bytes())
    with zipfile.ZipFile(path) as archive:
        size = archive.getinfo("pack/box/box.obj").file_size
    at = data.rfind(b"pack/box/box.obj") - 46 + 24  # its uncompressed size in the directory
    assert int.from_bytes(data[at : at + 4], "little") == size
    data[at : at + 4] = (size // 2).to_bytes(4, "little")
    path.write_bytes(data)
    with pytest.raises(AssetError, match="damaged"):
        ZipStore(path).read("pack/box/box.obj")


@pytest.mark.parametrize("content", [b"", b"PK", b"no zip at all" * 10])
def test_what_is_no_archive_is_refused(tmp_path, content):
    path = tmp_path / "a.sh3f"
    path.write_bytes(content)
    with pytest.raises(AssetError, match="no readable zip"):
        pieces(path)


@pytest.mark.skipif(not PACKS["sweethome3d"].is_installed(),
                    reason="needs Debian's sweethome3d-furniture")  # fmt: skip
def test_every_class_of_the_pack_s_table_is_a_piece_with_a_known_licence():
    source = PACKS["sweethome3d"].source()
    assert len(source.names()) >= 50
    credits = [source.credit(name) for name in source.names()]
    assert {credit.licence for credit in credits} == {"cc-by-3.0", "cc0-1.0"}
    assert all(credit.creator and len(credit.sha256) == 64 for credit in credits)
