"""Packs: their tables, and what they give where they are installed."""

import os

import pytest

from benchwright.builders.assets import packs
from benchwright.builders.assets.packs import PACKS, listed
from benchwright.builders.assets.showing import show
from benchwright.builders.assets.table import pack_table, parse_table
from benchwright.errors import AssetError

ICONS = ["fluent-emoji", "openmoji"]


def needs(pack):
    return pytest.mark.skipif(
        not PACKS[pack].is_installed(), reason=f"needs benchwright assets install {pack}"
    )


def test_the_list_says_what_there_is_and_on_what_terms():
    found = {pack.name: pack for pack in listed()}
    assert list(found) == ["sweethome3d", "fluent-emoji", "openmoji"]
    assert found["sweethome3d"].classes >= 50
    assert min(found[name].classes for name in ICONS) >= 60
    assert found["openmoji"].licence == "cc-by-sa-4.0"
    assert found["fluent-emoji"].look == found["openmoji"].look == "cutout"


@pytest.mark.parametrize("name", PACKS)
def test_no_item_stands_for_two_classes(name):
    items = [item.item for item in pack_table(name).items.values()]
    assert len(items) == len(set(items))


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("items: {cat: {item: a, licens: x}}", "items.cat.licens"),
        ("items: {../cat: {item: a}}", "items"),
        ("up: x", "up"),
        ("[1, 2", "not YAML"),
        ("items: {cat: {item: a, turn: [0, 0, 999]}}", "turn"),
        ("x" * (2 << 20), "characters"),
    ],
)
def test_wrong_tables_are_one_line(text, reason):
    with pytest.raises(AssetError, match=reason) as refused:
        parse_table(text, "assets.yaml")
    assert "\n" not in str(refused.value)


def test_installing_an_unknown_pack_names_the_known():
    with pytest.raises(AssetError, match='did you mean "openmoji"'):
        packs.install("openmojis")


def test_a_pack_whose_manager_is_missing_names_the_command(monkeypatch, tmp_path):
    monkeypatch.setenv("BENCHWRIGHT_CACHE", str(tmp_path))
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(AssetError, match=r"npm is not here.*npm install"):
        packs.install("fluent-emoji")


@pytest.mark.skipif(PACKS["sweethome3d"].is_installed(), reason="it is installed here")
def test_a_pack_that_needs_root_names_the_command(monkeypatch):
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    with pytest.raises(AssetError, match="apt-get"):
        packs.install("sweethome3d")


@pytest.mark.parametrize("name", [pytest.param(name, marks=needs(name)) for name in ICONS])
def test_every_icon_of_a_table_is_a_sprite_with_a_credit(name):
    source = PACKS[name].source()
    for shown in source.names():
        sprite = source.sprite(shown)
        assert sprite.alpha.max() == 255
        assert sprite.radiance.any()
        credit = source.credit(shown)
        assert credit.licence == PACKS[name].licence
        assert credit.creator
        assert len(source.identity(shown)) == len(credit.sha256) == 64


def test_a_contact_sheet_shows_what_is_refused_too(tmp_path):
    from made import picture

    folder = tmp_path / "mine"
    folder.mkdir()
    (folder / "good.png").write_bytes(picture())
    (folder / "bad.png").write_bytes(b"<svg/>")
    sheet = show(str(folder), tmp_path / "sheet.jpg")
    assert sheet.read_bytes().startswith(b"\xff\xd8\xff")
