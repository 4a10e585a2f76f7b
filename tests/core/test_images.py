"""Images: what is encoded comes back; what is no image is one clear line."""

import io

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from PIL import Image

from benchwright import images
from benchwright.errors import BenchwrightError

MASKS = arrays(np.uint8, st.tuples(st.integers(1, 40), st.integers(1, 40)))


@given(MASKS)
def test_a_mask_comes_back_exactly(mask):
    assert np.array_equal(images.decode_mask(images.encode_png(mask)), mask)


def test_a_picture_comes_back_nearly_and_in_the_right_channels():
    picture = np.zeros((64, 64, 3), np.uint8)
    picture[..., 0] = np.linspace(0, 255, 64)
    back = images.decode(images.encode_jpeg(picture, 95))
    assert np.abs(back.astype(int) - picture).mean() < 3


@given(st.binary(max_size=400))
def test_any_bytes_are_one_clear_line(data):
    with pytest.raises(BenchwrightError) as caught:
        images.decode(data)
    assert "\n" not in str(caught.value)


def test_a_bomb_is_refused_by_its_header():
    stream = io.BytesIO()
    Image.new("1", (30000, 30000)).save(stream, "PNG")
    with pytest.raises(BenchwrightError, match="more than 64,000,000 pixels"):
        images.decode(stream.getvalue())


def test_a_cut_picture_is_refused():
    data = images.encode_png(np.zeros((64, 64), np.uint8))
    with pytest.raises(BenchwrightError):
        images.decode_mask(data[:40])
