"""What is stored of a found image: its own bytes where they can be, else one encoding of them."""

import io
import struct
import zlib
from hashlib import sha256

import numpy as np
import pytest
from found_images import encoded, photograph
from PIL import Image

from benchwright.curation.mined.stored import key_of, stored
from benchwright.curation.models.decoding import ImageRefused
from benchwright.images import decode
from benchwright.rejection import Reason


def test_a_jpeg_is_stored_as_it_came():
    original = encoded(1, quality=60)
    content, seen = stored(original, "jpg", 95)
    assert content == original
    assert seen.key == key_of(original) == sha256(original).hexdigest()[:16]
    assert (seen.width, seen.height, seen.sha256) == (64, 48, sha256(original).hexdigest())


@pytest.mark.parametrize("mode", ["RGB", "RGBA", "L", "P", "CMYK"])
def test_any_other_format_becomes_a_jpeg_of_what_clip_would_see(mode):
    file = io.BytesIO()
    photograph(2).convert(mode).save(file, "TIFF" if mode == "CMYK" else "PNG")
    original = file.getvalue()
    content, seen = stored(original, "jpg", 95)
    expected = Image.open(io.BytesIO(original)).convert("RGB").convert("L")
    luma = np.asarray(Image.fromarray(decode(content)).convert("L"), np.float64)
    assert content.startswith(b"\xff\xd8")
    assert np.abs(luma - np.asarray(expected)).mean() < 4  # chroma is halved, so not compared
    assert seen.sha256 == sha256(original).hexdigest()
    assert seen.key == key_of(content)
    assert stored(original, "jpg", 95)[0] == content


def test_pngs_can_be_stored_as_png_and_nothing_else_can():
    original = encoded(3, "PNG")
    assert stored(original, "png", 95)[0] == original
    with pytest.raises(ImageRefused) as refused:
        stored(encoded(3), "png", 95)
    assert refused.value.reason is Reason.UNDECODABLE


@pytest.mark.parametrize(
    "broken",
    [b"", b"<html>not found</html>", encoded(4)[:500], encoded(4)[:-20], encoded(4, "PNG")[:700]],
    ids=["empty", "page", "cut", "end cut", "png cut"],
)
def test_what_is_no_whole_image_is_refused_with_a_reason(broken):
    with pytest.raises(ImageRefused) as refused:
        stored(broken, "jpg", 95)
    assert refused.value.reason is Reason.UNDECODABLE
    assert refused.value.detail


def test_a_bomb_is_refused_by_its_header():
    header = b"IHDR" + struct.pack(">IIBBBBB", 30_000, 30_000, 1, 0, 0, 0, 0)
    chunk = struct.pack(">I", 13) + header + struct.pack(">I", zlib.crc32(header))
    with pytest.raises(ImageRefused) as refused:
        stored(b"\x89PNG\r\n\x1a\n" + chunk + b"\0\0\0\0IDAT", "jpg", 95)
    assert refused.value.reason is Reason.TOO_MANY_PIXELS


def test_brightness_is_the_mean_luma():
    for level in (0, 128, 255):
        file = io.BytesIO()
        Image.new("RGB", (16, 16), (level,) * 3).save(file, "PNG")
        _, seen = stored(file.getvalue(), "jpg", 95)
        assert seen.brightness == pytest.approx(level / 255, abs=1e-3)
