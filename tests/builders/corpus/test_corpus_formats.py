"""Files are of the format they claim, and show the picture."""

import io
import random

import cv2
import numpy as np
import pytest
from PIL import Image

from benchwright.builders.corpus.formats import FORMATS, encoded
from benchwright.builders.corpus.png import BOMB_SIDE, bomb
from benchwright.corpus_recipe import Formats
from benchwright.errors import DatasetError
from benchwright.images import size


@pytest.fixture(scope="module")
def image():
    """A soft picture, 96 x 64."""
    rows, columns = np.mgrid[0:64, 0:96]
    return Image.fromarray(np.stack([rows * 3, columns * 2, 255 - rows], -1).astype(np.uint8))


def test_there_is_a_writer_for_every_format_of_the_recipe():
    assert set(FORMATS) == {"jpeg", *Formats.model_fields}


WANTED = {
    "jpeg": ("JPEG", "RGB"),
    "progressive_jpeg": ("JPEG", "RGB"),
    "grey_jpeg": ("JPEG", "L"),
    "cmyk_jpeg": ("JPEG", "CMYK"),
    "rotated_jpeg": ("JPEG", "RGB"),
    "png": ("PNG", "RGB"),
    "palette_png": ("PNG", "P"),
    "alpha_png": ("PNG", "RGBA"),
    "deep_png": ("PNG", "RGB"),
    "webp": ("WEBP", "RGB"),
    "gif": ("GIF", "P"),
    "bmp": ("BMP", "RGB"),
}


@pytest.mark.parametrize("form", FORMATS)
def test_a_file_is_what_it_says_and_shows_the_picture(form, image):
    data = encoded(image, form, random.Random(0))
    with Image.open(io.BytesIO(data)) as read:
        assert (read.format, read.mode) == WANTED[form]
        assert Image.MIME[read.format] == FORMATS[form].media_type
        shown = read.transpose(Image.Transpose.ROTATE_270) if form == "rotated_jpeg" else read
        wanted = image.convert("L").convert("RGB") if form == "grey_jpeg" else image
        difference = np.abs(
            np.asarray(shown.convert("RGB"), dtype=float) - np.asarray(wanted, dtype=float)
        )
    assert difference.mean() < 12
    assert cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_UNCHANGED) is not None


def test_formats_differ_in_what_they_are_for(image):
    data = {form: encoded(image, form, random.Random(0)) for form in FORMATS}
    with Image.open(io.BytesIO(data["progressive_jpeg"])) as read:
        assert read.info["progressive"]
    with Image.open(io.BytesIO(data["rotated_jpeg"])) as read:
        assert (read.getexif()[0x0112], read.size) == (6, (64, 96))
    deep = cv2.imdecode(np.frombuffer(data["deep_png"], np.uint8), cv2.IMREAD_UNCHANGED)
    assert deep.dtype == np.uint16
    assert np.array_equal(deep[:, :, ::-1] // 257, np.asarray(image))
    with Image.open(io.BytesIO(data["alpha_png"])) as read:
        alpha = np.asarray(read.getchannel("A"))
    assert alpha[:, 48].min() == 255 and alpha[:, 0].max() < 30


def test_a_bomb_is_small_and_refused_by_its_header():
    data = bomb()
    assert len(data) < 10_000
    assert int.from_bytes(data[16:20], "big") == BOMB_SIDE
    with pytest.raises(DatasetError, match="more than"):
        size(data)
