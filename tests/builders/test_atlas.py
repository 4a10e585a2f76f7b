"""The shipped atlas: every asset at its yaws, and nothing that its digest does not promise."""

import shutil
from importlib import resources
from pathlib import Path

import numpy as np
import pytest

from benchwright.builders.atlas import AtlasSprites
from benchwright.builders.baked import BakedSprites
from benchwright.builders.objects import catalogue
from benchwright.builders.shapes import SHAPES
from benchwright.builders.sprites import OWN, RATIO_ONE, Aspect
from benchwright.errors import AssetError

ATLAS = AtlasSprites()


def test_it_holds_every_shape_at_every_yaw_in_both_materials():
    for name, shape in SHAPES.items():
        assert ATLAS.yaws(name) == shape.yaws
        for material in ("rubber", "metal"):
            for yaw in shape.yaws:
                ATLAS.digest(name, Aspect(yaw), material)


def test_it_holds_every_object_at_every_yaw_in_its_own_colours():
    assert ATLAS.names() == (*SHAPES, *catalogue.names())
    for name in catalogue.names():
        assert ATLAS.yaws(name) == tuple(catalogue.entry(name).yaws)
        assert not ATLAS.is_tintable(name)
        assert ATLAS.credit(name)["licence"] == "Apache-2.0"


def test_an_object_keeps_its_own_colours():
    banana, broccoli = (
        ATLAS.sprite(n, Aspect(ATLAS.yaws(n)[0]), OWN) for n in ("banana", "broccoli")
    )
    red, green, blue = banana.radiance[banana.alpha == 255].mean(axis=0)
    assert min(red, green) > blue + 60
    red, green, blue = broccoli.radiance[broccoli.alpha == 255].mean(axis=0)
    assert green > max(red, blue) + 20


@pytest.mark.parametrize("name", SHAPES)
def test_a_sprite_stands_on_its_anchor_and_its_shadow_fades_out(name):
    sprite = ATLAS.sprite(name, Aspect(0), "rubber")
    height, width = sprite.alpha.shape
    assert sprite.radiance.shape == (height, width, 3)
    assert sprite.alpha.max() == 255
    assert not sprite.radiance[sprite.alpha == 0].any()
    column, row = sprite.anchor
    assert 0 < column < width
    assert 0 < row < height + 40
    border = np.concatenate(
        [sprite.shadow[[0, -1]].reshape(-1), sprite.shadow[:, [0, -1]].reshape(-1)]
    )
    assert (border == RATIO_ONE).all()
    assert sprite.shadow.min() < 0.8 * RATIO_ONE


def test_brighter_albedos_are_brighter():
    radiance = ATLAS.sprite("sphere", Aspect(0), "rubber").radiance.reshape(-1, 3).mean(axis=0)
    assert radiance[0] < radiance[1] < radiance[2]


def test_everyone_is_credited():
    assert all(ATLAS.credit(name)["licence"] == "Apache-2.0" for name in ATLAS.names())


def test_it_is_small():
    folder = resources.files("benchwright.data") / "sprites"
    sizes = {file.name: len(file.read_bytes()) for file in folder.iterdir()}
    of_shapes = [n for n in sizes if n.removesuffix(".webp").removesuffix("-shadow") in SHAPES]
    assert sum(sizes[name] for name in of_shapes) < 7_000_000
    assert sum(sizes.values()) < 15_000_000


def test_a_damaged_file_is_one_line(tmp_path):
    folder = Path(str(resources.files("benchwright.data") / "sprites"))
    copy = Path(shutil.copytree(folder, tmp_path / "atlas"))
    (copy / "mug.webp").write_bytes(b"x")
    with pytest.raises(AssetError, match=r"mug\.webp: not the bytes its index promises"):
        AtlasSprites(copy).sprite("mug", Aspect(0), "rubber")


def test_a_missing_sprite_says_what_there_is():
    with pytest.raises(AssetError, match='no sprite of "mug" at yaw 7'):
        ATLAS.sprite("mug", Aspect(7), "rubber")
    with pytest.raises(AssetError, match='did you mean "mug"'):
        ATLAS.sprite("mugg", Aspect(0), "rubber")


def test_another_yaw_is_baked_once_and_kept(tmp_path):
    pytest.importorskip("mitsuba")
    source = BakedSprites(tmp_path)
    first = source.sprite("sphere", Aspect(7), "rubber")
    (kept,) = tmp_path.iterdir()
    written = kept.stat().st_mtime_ns
    again = BakedSprites(tmp_path).sprite("sphere", Aspect(7), "rubber")
    assert kept.stat().st_mtime_ns == written
    assert np.array_equal(first.radiance, again.radiance)
    # A sphere looks the same from every side: what is baked now is what was shipped, but for
    # the sampling of its rim.
    shipped = ATLAS.sprite("sphere", Aspect(0), "rubber")
    off = np.abs(first.radiance.astype(int) - shipped.radiance).max(axis=2)
    assert np.percentile(off, 98) <= 2
    assert source.digest("sphere", Aspect(7), "rubber") != source.digest(
        "sphere", Aspect(0), "rubber"
    )


@pytest.mark.slow
@pytest.mark.parametrize(("name", "yaw"), [("star", 11), ("mug", 45), ("sphere", 0)])
def test_a_shipped_sprite_baked_anew_is_the_same_to_the_bit(tmp_path, name, yaw):
    pytest.importorskip("mitsuba")
    from benchwright.builders.render.sprite_cache import SpriteCache

    baked, _ = SpriteCache(tmp_path).layered(name, Aspect(yaw), "rubber")
    shipped = ATLAS.sprite(name, Aspect(yaw), "rubber")
    assert np.array_equal(baked.radiance, shipped.radiance)
    assert np.array_equal(baked.alpha, shipped.alpha)
    assert np.array_equal(baked.shadow, shipped.shadow)
