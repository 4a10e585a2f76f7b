"""Pictures from outside: what is read, and what is refused and why."""

import io

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from made import picture, png_of_size
from PIL import Image

from benchwright.builders.assets.cutout import cutout_sprite
from benchwright.builders.assets.model import BROADEST, LONGEST
from benchwright.builders.assets.picture import CUTOUT_FORMATS, read_picture
from benchwright.errors import AssetError


@pytest.mark.parametrize("kind", ["PNG", "WEBP"])
def test_png_and_webp_are_read_with_their_transparency(kind):
    pixels = read_picture(picture(kind=kind), "a", CUTOUT_FORMATS)
    assert pixels.shape == (64, 64, 4)
    assert pixels[0, 0, 3] == 0
    assert pixels[32, 32, 3] == 255


HOSTILE = {
    "an svg": b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>",
    "a jpeg": picture(kind="JPEG", mode="RGB"),
    "an executable": b"\x7fELF" + b"\0" * 100,
    "nothing": b"",
    "a picture with a zip behind": picture() + b"PK\x03\x04" + b"\0" * 30,
    "a webp with a script behind": picture(kind="WEBP") + b"<script>",
    "30,000 pixels a side": png_of_size(30_000, 30_000),
    "8,000 pixels a side": png_of_size(8_000, 8_000),
    "a cut off picture": picture()[:150],
    "no pixels behind the header": png_of_size(100, 100),
}


@pytest.mark.fault("bad cutout", "build")
@pytest.mark.parametrize("content", HOSTILE.values(), ids=HOSTILE.keys())
def test_hostile_pictures_are_refused_with_one_line(content):
    with pytest.raises(AssetError, match=r"^folder/a\.png: ") as refused:
        read_picture(content, "folder/a.png", CUTOUT_FORMATS)
    assert "\n" not in str(refused.value)


def test_an_animation_is_refused():
    frames = [Image.new("RGBA", (32, 32), (shade, 0, 0, 100)) for shade in (0, 200)]
    stream = io.BytesIO()
    frames[0].save(stream, "WEBP", save_all=True, append_images=frames[1:])
    with pytest.raises(AssetError, match="animated"):
        read_picture(stream.getvalue(), "a.webp", CUTOUT_FORMATS)


@given(cut=st.binary(max_size=200), at=st.integers(0, 400))
def test_damaged_pictures_are_read_or_refused_never_worse(cut, at):
    whole = picture()
    try:
        read_picture(whole[:at] + cut + whole[at + len(cut) :], "a.png", CUTOUT_FORMATS)
    except AssetError as error:
        assert "\n" not in str(error)


def cutout(width, height):
    pixels = np.zeros((height + 20, width + 30, 4), np.uint8)
    pixels[10 : 10 + height, 7 : 7 + width] = (200, 100, 50, 255)
    return pixels


@pytest.mark.parametrize("size", [(200, 200), (40, 300), (300, 30), (1500, 1000)])
def test_a_cutout_is_cropped_stands_on_its_lowest_pixel_and_has_unit_size(size):
    sprite = cutout_sprite(cutout(*size), "a")
    height, width = sprite.alpha.shape
    assert sprite.alpha.min() == 255
    assert sprite.anchor == (width // 2, height)
    wide, high = width / sprite.pixels_per_unit, height / sprite.pixels_per_unit
    assert max(wide, high) <= LONGEST * 1.01
    assert (wide * high) ** 0.5 <= BROADEST * 1.01
    assert max(wide, high) > 0.98 * LONGEST or (wide * high) ** 0.5 > 0.98 * BROADEST
    assert tuple(sprite.radiance[height // 2, width // 2]) == (200, 100, 50)


def test_half_covered_pixels_are_premultiplied_in_linear_light():
    pixels = cutout(100, 100)
    pixels[..., 3] //= 2
    sprite = cutout_sprite(pixels, "a")
    assert sprite.alpha.max() == 127
    assert 135 <= sprite.radiance[50, 50, 0] <= 150  # sRGB 200 at half the light


def test_a_picture_without_transparency_or_content_is_refused():
    with pytest.raises(AssetError, match="no transparent background"):
        cutout_sprite(np.full((50, 50, 4), 255, np.uint8), "a")
    with pytest.raises(AssetError, match="transparent"):
        cutout_sprite(np.zeros((50, 50, 4), np.uint8), "a")
