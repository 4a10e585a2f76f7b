"""Photographs of a folder: cut to a square, their licences known, bad ones refused."""

import struct
import zlib
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from benchwright.builders.backgrounds.photographs import check_terms, photographs
from benchwright.builders.backgrounds.views import Photos
from benchwright.errors import AssetError, RecipeError

LEFT, RIGHT = (200, 30, 30), (30, 30, 200)


@pytest.fixture
def folder(tmp_path):
    """A folder ``photos`` with one photograph, 200 x 100, red on the left and blue on the right."""
    here = tmp_path / "photos"
    here.mkdir()
    halves().save(here / "meadow.png")
    (here / "licences.yaml").write_text(
        "meadow.png: {licence: cc-by-4.0, creator: Ann Example, url: 'https://example.org/1'}\n"
    )
    return here


def halves() -> Image.Image:
    pixels = np.zeros((100, 200, 3), dtype=np.uint8)
    pixels[:, :100], pixels[:, 100:] = LEFT, RIGHT
    return Image.fromarray(pixels)


def only(folder: Path):
    (photo,) = photographs(folder).values()
    return photo


def test_a_photograph_carries_its_name_and_terms(folder):
    photo = only(folder)
    assert (photo.name, photo.licence, photo.creator, photo.url) == (
        "photos/meadow", "cc-by-4.0", "Ann Example", "https://example.org/1",
    )  # fmt: skip
    check_terms(photo, "cc-by-4.0", allow_unknown=False)


def test_the_middle_is_cut_out_unless_a_focus_is_named(folder):
    middle = only(folder).pixels(64, 0)
    assert middle.shape == (64, 64, 3)
    assert tuple(middle[0, 0]) == LEFT and tuple(middle[0, -1]) == RIGHT
    before = only(folder).digest
    (folder / "licences.yaml").write_text("meadow.png: {licence: cc0-1.0, focus: [100, 50]}")
    assert (only(folder).pixels(64, 0) == RIGHT).all()
    assert only(folder).digest != before


def test_blur_mixes_what_is_near(folder):
    sharp, soft = only(folder).pixels(100, 0), only(folder).pixels(100, 100)
    assert len(np.unique(sharp.reshape(-1, 3), axis=0)) == 2
    assert len(np.unique(soft.reshape(-1, 3), axis=0)) > 10
    assert np.array_equal(sharp[:, [0, -1]], soft[:, [0, -1]])


@pytest.mark.parametrize("orientation", range(1, 9))
def test_a_turned_photograph_is_set_upright(folder, orientation):
    """As Pillow itself turns it."""
    from PIL import ImageOps

    exif = Image.Exif()
    exif[0x0112] = orientation
    halves().crop((0, 0, 200, 60)).save(folder / "meadow.png", exif=exif)
    with Image.open(folder / "meadow.png") as image:
        expected = np.asarray(ImageOps.exif_transpose(image))
    side = 60
    top, left = ((whole - side) // 2 for whole in expected.shape[:2])
    shown = only(folder).pixels(60, 0)
    assert np.array_equal(shown, expected[top : top + side, left : left + side])


def test_a_photograph_smaller_than_the_image_is_refused(folder):
    with pytest.raises(AssetError, match=r"meadow.png: 200 x 100 pixels; an image takes 128 each"):
        only(folder).pixels(128, 0)


def test_text_by_a_photographs_name_is_refused(folder):
    (folder / "meadow.png").write_text("no photograph at all")
    with pytest.raises(AssetError, match=r"meadow.png: not a readable JPEG, PNG, WEBP image"):
        only(folder).check_size(64)


def test_a_photograph_cut_short_is_refused_when_it_is_drawn(folder):
    data = (folder / "meadow.png").read_bytes()
    (folder / "meadow.png").write_bytes(data[: len(data) // 2])
    with pytest.raises(AssetError, match=r"meadow.png: damaged"):
        only(folder).pixels(64, 0)


def test_a_header_that_claims_too_much_is_refused_before_decoding(folder):
    def chunk(kind: bytes, body: bytes) -> bytes:
        return (
            struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
        )

    header = struct.pack(">IIBBBBB", 30_000, 30_000, 8, 2, 0, 0, 0)
    bomb = b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(b"\0" * 99))
    (folder / "meadow.png").write_bytes(bomb + chunk(b"IEND", b""))
    with pytest.raises(AssetError, match=r"meadow.png: .*more than .* pixels"):
        only(folder).check_size(64)


def test_an_unknown_licence_is_refused_unless_allowed(folder):
    (folder / "licences.yaml").unlink()
    with pytest.raises(RecipeError, match=r"meadow.png: unknown licence; .*licences.yaml"):
        check_terms(only(folder), "cc-by-4.0", allow_unknown=False)
    check_terms(only(folder), "cc-by-4.0", allow_unknown=True)


def test_a_licence_that_asks_for_more_than_the_set_gives_is_refused(folder):
    (folder / "licences.yaml").write_text("meadow.png: {licence: cc-by-nd-4.0}")
    with pytest.raises(RecipeError, match="no derived works"):
        check_terms(only(folder), "cc-by-4.0", allow_unknown=True)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("medow.png: {licence: mit}", "medow.png"),
        ("meadow.png: {license: mit}", r"meadow.png.license"),
        ("meadow.png: [", "not YAML"),
    ],
)
def test_a_licences_file_that_is_wrong_is_refused(folder, text, message):
    (folder / "licences.yaml").write_text(text)
    with pytest.raises(AssetError, match=message):
        photographs(folder)


def test_an_empty_folder_and_equal_names_are_refused(folder, tmp_path):
    with pytest.raises(AssetError, match="no photographs"):
        photographs(tmp_path / "none")
    halves().save(folder / "meadow.jpg")
    with pytest.raises(AssetError, match="two photographs are called 'meadow'"):
        photographs(folder)


def test_a_folder_is_seen_as_it_is_now(folder):
    """One process may build a set, have a photograph changed or added, and build again."""
    photos = Photos([str(folder)])
    before = photos.named("photos/meadow")
    old, digest = before.pixels(64, 0), before.digest
    Image.new("RGB", (80, 80), RIGHT).save(folder / "meadow.png")
    Image.new("RGB", (90, 80), LEFT).save(folder / "beach.png")
    now = photos.named("photos/meadow")
    assert (now.pixels(64, 0) == RIGHT).all() and not (old == RIGHT).all()
    assert now.digest != digest
    assert (photos.named("photos/beach").pixels(64, 0) == LEFT).all()


def test_two_folders_of_one_name_are_refused(folder, tmp_path):
    with pytest.raises(AssetError, match="another folder is called photos"):
        Photos([str(folder), str(tmp_path / "more" / "photos")])
