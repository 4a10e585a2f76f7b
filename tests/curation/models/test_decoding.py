"""Any bytes become an image or a reason, never anything else."""

import io
import pickle
import struct
import zlib

import numpy as np
import pytest
from every_format import KINDS, every_file, file_of
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from benchwright.curation.models.decoding import ImageRefused, load, load_reduced, open_image
from benchwright.rejection import Reason

FILES = [data for _, data in every_file(len(KINDS))]


def _reason(data):
    try:
        load(open_image(data))
    except ImageRefused as refusal:
        return refusal.reason
    return None


def test_every_format_opens_with_its_size_and_loads():
    rng = np.random.default_rng(0)
    for kind, form in KINDS:
        opened = open_image(file_of(rng, kind, form, 50, 30))
        assert opened.size == (50, 30)
        assert load(opened).getbbox() is not None


@pytest.mark.parametrize("data", [b"", b"\xff\xd8\xff", b"<html><body>Not found</body></html>",
                                  b"GIF89a", b"RIFF\x00\x00\x00\x00WEBP", bytes(500)])  # fmt: skip
def test_what_is_no_image_is_undecodable(data):
    assert _reason(data) is Reason.UNDECODABLE


def test_a_cut_file_is_undecodable_in_both_modes():
    data = file_of(np.random.default_rng(1), "RGB", "JPEG", 300, 200)
    cut = data[: len(data) * 2 // 3]
    assert _reason(cut) is Reason.UNDECODABLE
    with pytest.raises(ImageRefused):
        load_reduced(open_image(cut), (30, 20))


def test_pixels_are_counted_from_the_header():
    """A PNG of 60 bytes that claims 10,000 x 10,000; and one that claims beyond Pillow's own."""
    for edge in (10_000, 60_000):
        header = struct.pack(">IIBBBBB", edge, edge, 8, 2, 0, 0, 0)
        chunk = b"IHDR" + header
        data = b"\x89PNG\r\n\x1a\n" + struct.pack(">I", 13) + chunk
        data += struct.pack(">I", zlib.crc32(chunk)) + struct.pack(">I", 0) + b"IDAT"
        assert _reason(data) is Reason.TOO_MANY_PIXELS


def test_formats_that_could_name_other_files_are_not_read():
    buffer = io.BytesIO()
    Image.new("RGB", (8, 8)).save(buffer, "EPS")
    assert _reason(buffer.getvalue()) is Reason.UNDECODABLE


@given(st.sampled_from(FILES), st.data())
@settings(max_examples=300)
def test_damage_is_a_reason_or_still_an_image(data, draw):
    damaged = bytearray(data)
    for _ in range(draw.draw(st.integers(1, 4))):
        position = draw.draw(st.integers(0, min(len(data) - 1, 400)))
        damaged[position] = draw.draw(st.integers(0, 255))
    cut = draw.draw(st.integers(0, len(data)))
    assert _reason(bytes(damaged)[:cut]) in (None, Reason.UNDECODABLE, Reason.TOO_MANY_PIXELS)


def test_a_refusal_crosses_process_borders_and_reads_as_one_line():
    refusal = ImageRefused(Reason.UNDECODABLE, "cut off")
    copy = pickle.loads(pickle.dumps(refusal))
    assert (copy.reason, copy.detail) == (Reason.UNDECODABLE, "cut off")
    assert str(copy) == "not a whole image: cut off"


def test_details_are_the_same_in_every_run():
    details = set()
    for _ in range(3):
        with pytest.raises(ImageRefused) as refusal:
            open_image(b"no image" * 9)
        details.add(refusal.value.detail)
    assert details == {"no image of a known format"}
