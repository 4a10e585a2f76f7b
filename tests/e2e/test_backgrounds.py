"""A set on textures and photographs: built, verified, its sources told, and only what changed."""

import json

import numpy as np
import pytest
from conftest import TINY, benchwright, contents
from PIL import Image


def _build(recipe, out, *options):
    ran = benchwright("build", recipe, "--out", out, "--json", *options)
    assert ran.returncode == 0, ran.stderr
    return json.loads(ran.stdout)


def _photograph(path, level):
    pixels = np.full((160, 200, 3), level, dtype=np.uint8)
    pixels[::2] += 20
    Image.fromarray(pixels).save(path)


@pytest.fixture
def recipe(tmp_path):
    """The tiny recipe on a texture, a colour and two photographs; its ground twins on sand."""
    photos = tmp_path / "photos"
    photos.mkdir()
    _photograph(photos / "beach.png", 90)
    _photograph(photos / "meadow.png", 160)
    (photos / "licences.yaml").write_text(
        "beach.png: {licence: cc-by-4.0, creator: Ann Example, url: 'https://example.org/1'}\n"
        "meadow.png: {licence: cc0-1.0}\n"
    )
    path = tmp_path / "tiny.yaml"
    text = TINY.replace("of: [two]}", "of: [two], ground: sand}")
    path.write_text(f"{text}\nbackgrounds: [grass, '#cdcdcd', 'folder:{photos}']\n")
    return path


def test_a_set_on_many_backgrounds_is_built_and_holds(recipe, tmp_path):
    out = tmp_path / "set"
    _build(recipe, out, "--workers", 1)
    _build(recipe, tmp_path / "again", "--workers", 2)
    assert contents(out) == contents(tmp_path / "again")
    verified = benchwright("verify", out)
    assert verified.returncode == 0, verified.stdout + verified.stderr
    ledger = {entry["name"]: entry for entry in json.loads((out / "licences.json").read_text())}
    assert ledger["photos/beach"]["creator"] == "Ann Example"
    assert ledger["photos/meadow"]["licence"] == "cc0-1.0"
    assert {"grass", "sand"} <= ledger.keys()


def test_another_photograph_by_the_same_name_redraws_its_scenes_alone(recipe, tmp_path):
    out = tmp_path / "set"
    first = _build(recipe, out)
    _photograph(tmp_path / "photos" / "beach.png", 40)
    second = _build(recipe, out)
    assert 0 < second["rendered"] < first["rendered"] // 3
    assert benchwright("verify", out).returncode == 0


def test_a_photograph_without_licence_stops_the_build_before_anything_is_written(recipe, tmp_path):
    (tmp_path / "photos" / "licences.yaml").unlink()
    ran = benchwright("build", recipe, "--out", tmp_path / "set")
    assert ran.returncode == 2
    assert "backgrounds[2]: " in ran.stderr and "unknown licence" in ran.stderr
    assert not (tmp_path / "set").exists()
