"""Flat silhouettes: whole shapes, in the colour asked for, that keep the sprite contract."""

import cv2
import numpy as np
import pytest

from benchwright.builders import colour
from benchwright.builders.flat import MATERIALS, FlatSprites
from benchwright.builders.layers import colour_sprite, scale_sprite
from benchwright.builders.sprites import ALBEDOS, RATIO_ONE, Aspect
from benchwright.errors import AssetError

SOURCE = FlatSprites()
HOLES = {"torus": 1, "mug": 1}


def _regions(mask):
    """How many 4-connected regions of True there are."""
    return cv2.connectedComponents(mask.astype(np.uint8), connectivity=4)[0] - 1


@pytest.mark.parametrize("name", SOURCE.names())
def test_a_silhouette_is_one_piece_with_the_holes_it_should_have(name):
    alpha = SOURCE.sprite(name, Aspect(0), "rubber").alpha
    solid = np.pad(alpha >= 128, 1)
    assert _regions(solid) == 1
    assert _regions(~solid) == 1 + HOLES.get(name, 0)


@pytest.mark.parametrize("name", SOURCE.names())
def test_a_sprite_keeps_the_contract(name):
    sprite = SOURCE.sprite(name, Aspect(0), "metal")
    assert not sprite.radiance[sprite.alpha == 0].any()
    border = np.ones(sprite.shadow.shape[:2], bool)
    border[1:-1, 1:-1] = False
    assert (sprite.shadow[border] == RATIO_ONE).all()
    solid = sprite.radiance[sprite.alpha == 255]
    assert (solid == [colour.DISPLAY[round(a * colour.FULL)] for a in ALBEDOS]).all()
    # Nothing touches the frame: a cut-off silhouette would be a wrong one.
    assert not sprite.alpha[0].any()
    assert not sprite.alpha[:, [0, -1]].any()


@pytest.mark.parametrize("code", ["#000000", "#ffffff", "#2a4bd7", "#ffbf00"])
def test_the_displayed_colour_is_the_tint(code):
    scaled = scale_sprite(SOURCE.sprite("cube", Aspect(0), "rubber"), 40)
    layers = colour_sprite(scaled, code)
    shown = layers.paint[layers.keep[:, :, 0] == 0].astype(int)
    assert np.abs(shown - colour.rgb(code)).max() <= 1


def test_every_silhouette_has_its_own_digest():
    digests = {
        SOURCE.digest(name, Aspect(0), material)
        for name in SOURCE.names()
        for material in MATERIALS
    }
    assert len(digests) == len(SOURCE.names())
    assert all(len(digest) == 16 and int(digest, 16) >= 0 for digest in digests)


def test_what_is_not_there_is_one_clear_line():
    for wrong in (
        ("spere", Aspect(0), "rubber"),
        ("mug", Aspect(45), "rubber"),
        ("mug", Aspect(0), "ruber"),
    ):
        with pytest.raises(AssetError) as caught:
            SOURCE.sprite(*wrong)
        assert "\n" not in str(caught.value)
    with pytest.raises(AssetError, match="sphere"):
        SOURCE.sprite("spere", Aspect(0), "rubber")
