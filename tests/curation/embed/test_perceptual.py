"""The small facts of an image: stable, in range, and about what is seen."""

import io

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image
from tar_shards import noise

from benchwright.curation.embed import perceptual


def opened(data):
    return Image.open(io.BytesIO(data))


def distance(one, other):
    return (one ^ other).bit_count()


def phash(image):
    return perceptual.phash(perceptual.grey(image))


def reencoded(image, quality):
    file = io.BytesIO()
    image.convert("RGB").save(file, "JPEG", quality=quality)
    return opened(file.getvalue())


@pytest.mark.parametrize("seed", range(5))
def test_a_copy_at_another_size_and_quality_has_nearly_the_same_hash(seed):
    image = opened(noise(seed, (320, 240)))
    smaller = reencoded(image.resize((160, 120)), 60)
    assert distance(phash(image), phash(smaller)) <= 4
    assert distance(phash(image), phash(opened(noise(seed + 100, (320, 240))))) > 12


@given(st.integers(0, 2**32 - 1))
def test_half_of_the_bits_are_set_unless_frequencies_tie(seed):
    pixels = np.random.default_rng(seed).integers(0, 256, (64, 64), dtype=np.uint8)
    assert perceptual.phash(pixels).bit_count() == 32


def test_the_hash_of_a_known_picture_never_changes():
    down, across = np.mgrid[:64, :64]
    known = ((down * down * 7 + across * 13 + down * across * 3) // 16 % 256).astype(np.uint8)
    assert f"{perceptual.phash(known):016x}" == "8a001f283f797f71"


@pytest.mark.parametrize("mode", ["1", "L", "P", "RGB", "RGBA", "LA", "CMYK", "I;16"])
def test_any_mode_has_all_three(mode):
    image = Image.new("I;16", (70, 50), 9000) if mode == "I;16" else opened(noise()).convert(mode)
    grey = perceptual.grey(image)
    assert grey.shape == (64, 64) and grey.dtype == np.uint8
    assert 0 <= perceptual.brightness(grey) <= 1
    assert 0 <= perceptual.saliency(grey) <= 1


def test_brightness_runs_from_black_to_white():
    found = [
        perceptual.brightness(perceptual.grey(Image.new("L", (9, 9), v))) for v in (0, 51, 255)
    ]
    assert found == pytest.approx([0, 0.2, 1])


def test_a_flat_picture_has_nothing_salient():
    assert perceptual.saliency(np.full((64, 64), 77, np.uint8)) == 0


def test_what_stands_out_grows_with_the_thing_that_does():
    rng = np.random.default_rng(0)
    shares = []
    for edge in (6, 14, 24):
        ground = rng.normal(120, 6, (64, 64))
        start = 32 - edge // 2
        ground[start : start + edge, start : start + edge] += rng.normal(70, 40, (edge, edge))
        shares.append(perceptual.saliency(ground.clip(0, 255).astype(np.uint8)))
    assert shares == sorted(shares) and shares[0] < shares[-1]
