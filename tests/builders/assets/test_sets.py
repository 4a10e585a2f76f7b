"""Sets built from assets: order of preference, licences, looks, areas, the ledger, masks."""

import json

import numpy as np
import pytest
from made import library, picture

import benchwright as bw
from benchwright.builders.assets.packs import PACKS
from benchwright.builders.sources import check_assets, credit, sprite_source
from benchwright.builders.sprites import OWN, Aspect
from benchwright.dataset import Dataset
from benchwright.errors import AssetError, RecipeError
from benchwright.ledger import read_ledger
from benchwright.recipe import Objects
from benchwright.recipe_file import validate
from benchwright.record import SceneRecord
from benchwright.shards import members, read_segment


def recipe(names, assets, licence="cc-by-4.0", **objects):
    return {
        "recipe": 1, "name": "own", "title": "Own", "licence": licence, "image": {"size": 96},
        "objects": {"names": names, "assets": [str(a) for a in assets], **objects},
        "subsets": [{"name": "two", "layout": "two", "variants": ["left_big"],
                     "scenes": {"scenes": 2, "of_objects": len(names)}}],
    }  # fmt: skip


def built(tmp_path, fields):
    file = tmp_path / "recipe.yaml"
    file.write_text(json.dumps(fields))
    return bw.build(file, tmp_path / "set", workers=1).dataset


def records(dataset):
    for shard in dataset.shards:
        for row in dataset.rows(shard.shard):
            files = members(read_segment(dataset.folder / row.shard, row.placement))
            yield SceneRecord.from_dict(json.loads(files[f"{row.key}.json"])), files


@pytest.fixture
def cutouts(tmp_path):
    """Sixty discs, each of its own colour and proportions."""
    folder = tmp_path / "cutouts"
    folder.mkdir()
    for number in range(60):
        colour = (4 * number, 250 - 4 * number, 90, 255)
        content = picture((60 + number, 120 - number), colour, "WEBP" if number % 2 else "PNG")
        (folder / f"thing_{number:02}.{'webp' if number % 2 else 'png'}").write_bytes(content)
    (folder / "assets.yaml").write_text("licence: CC BY 4.0\ncreator: Ann\n")
    return folder


def test_a_folder_of_sixty_cutouts_builds_a_set(tmp_path, cutouts):
    names = [f"thing {number:02}" for number in range(60)]
    fields = recipe(names, [cutouts])
    fields["subsets"][0]["scenes"]["scenes"] = 60
    dataset = built(tmp_path, fields)
    shown = list(records(dataset))
    assert len(shown) == 60
    for record, _ in shown:
        assert record.lighting == "cutout"
        for placed in record.objects:
            assert placed.asset == f"user:cutouts/{placed.name}"
            assert (placed.colour, placed.material, placed.yaw) == (OWN, OWN, 0)
            assert placed.full_area > 0
    assert {placed.name for record, _ in shown for placed in record.objects} == set(names)
    ledger = read_ledger(dataset.folder)
    assert len(ledger) == 60
    assert {(source.creator, source.licence) for source in ledger} == {("Ann", "cc-by-4.0")}
    report = bw.verify(dataset.folder)
    assert not report.problems


def test_masks_of_a_user_s_assets_need_the_recipe(tmp_path, cutouts):
    dataset = built(tmp_path, recipe(["thing 01", "thing 02"], [cutouts]))
    record, _ = next(records(dataset))
    with pytest.raises(RecipeError, match="give the recipe"):
        bw.full_masks(record)
    masks = bw.full_masks(record, dataset.folder / "recipe.yaml")
    assert [int(mask.sum()) for mask in masks] == [placed.full_area for placed in record.objects]


def test_masks_made_with_other_sprites_are_refused(tmp_path, cutouts):
    fields = recipe(["thing 01", "thing 02"], [cutouts], equal_areas=True)
    record, _ = next(records(built(tmp_path, fields)))
    other = tmp_path / "other.yaml"
    other.write_text(json.dumps(recipe(["thing 01", "thing 02"], [cutouts])))
    with pytest.raises(AssetError, match="other sprites, or scaled"):
        bw.full_masks(record, other)


def test_an_unknown_licence_is_refused_unless_the_recipe_says_so(tmp_path, cutouts):
    (cutouts / "assets.yaml").unlink()
    names = ["thing 01", "thing 02"]
    with pytest.raises(RecipeError, match="licence of user:cutouts/thing 01 is unknown"):
        built(tmp_path, recipe(names, [cutouts]))
    assert not (tmp_path / "set").exists()
    dataset = built(tmp_path, recipe(names, [cutouts], allow_unknown_licences=True))
    assert {source.licence for source in read_ledger(dataset.folder)} == {""}


@pytest.mark.parametrize(
    ("asset", "whole", "reason"),
    [
        ("cc-by-sa-4.0", "apache-2.0", "write licence: cc-by-sa-4.0"),
        ("cc-by-nd-4.0", "cc-by-nd-4.0", "no derived works"),
        ("cc-by-nc-4.0", "apache-2.0", "no commercial use"),
        ("cc-by-sa-4.0", "cc-by-sa-4.0", None),
        ("cc0-1.0", "apache-2.0", None),
    ],
)
def test_a_set_s_licence_must_suit_its_assets(cutouts, asset, whole, reason):
    (cutouts / "assets.yaml").write_text(f"licence: {asset}\n")
    asked = validate(recipe(["thing 03", "thing 04"], [cutouts], whole))
    if reason is None:
        check_assets(asked)
    else:
        with pytest.raises(RecipeError, match=reason):
            check_assets(asked)


def test_sources_are_asked_in_order_class_by_class(cutouts):
    (cutouts / "cube.png").write_bytes(picture())
    first = sprite_source(Objects(names=["cube"], assets=[str(cutouts), "builtin"]))
    second = sprite_source(Objects(names=["cube"], assets=["builtin", str(cutouts)]))
    assert (first.asset("cube"), first.asset("sphere")) == ("user:cutouts/cube", "sphere")
    assert (second.asset("cube"), second.asset("thing 01")) == ("cube", "user:cutouts/thing 01")


def test_looks_meet_only_when_the_recipe_says_so(tmp_path, cutouts):
    fields = recipe(["sphere", "thing 01"], ["builtin", cutouts])
    with pytest.raises(RecipeError, match="mixed_looks"):
        built(tmp_path, fields)
    fields["objects"]["mixed_looks"] = True
    record, _ = next(records(built(tmp_path, fields)))
    assert record.lighting == "cutout+softboxes"
    assert sorted(placed.asset for placed in record.objects) == ["sphere", "user:cutouts/thing 01"]


def test_equal_areas_are_equal_and_proportions_stay(cutouts):
    names = [f"thing {number:02}" for number in (0, 30, 59)]
    source = sprite_source(Objects(names=names, assets=[str(cutouts)], equal_areas=True))
    plain = sprite_source(Objects(names=names, assets=[str(cutouts)]))
    areas = []
    for name in names:
        asset = source.asset(name)
        sprite = source.sprite(asset, Aspect(0), OWN)
        areas.append(sprite.alpha.sum(dtype=int) / 255 / sprite.pixels_per_unit**2)
        assert np.array_equal(sprite.alpha, plain.sprite(asset, Aspect(0), OWN).alpha)
        assert source.digest(asset, Aspect(0), OWN) != plain.digest(asset, Aspect(0), OWN)
    assert np.allclose(areas, 1.5)


def test_equal_areas_hold_for_built_in_shapes():
    source = sprite_source(Objects(names=["cube"], equal_areas=True))
    for name in ("cube", "moon"):
        sprite = source.sprite(name, Aspect(0), "rubber")
        area = sprite.alpha.sum(dtype=int) / 255 / sprite.pixels_per_unit**2
        assert area == pytest.approx(1.5)


@pytest.mark.parametrize("name", ["opnmoji", "nothing.sh3f", "no/such/folder"])
def test_an_unknown_source_is_one_line(name):
    with pytest.raises(AssetError) as refused:
        sprite_source(Objects(names=["cube"], assets=[name]))
    assert name in str(refused.value)


def test_two_folders_of_one_name_are_refused(tmp_path, cutouts):
    (tmp_path / "more").mkdir()
    other = tmp_path / "more" / "cutouts"
    cutouts.rename(other)
    cutouts.mkdir()
    with pytest.raises(RecipeError, match="two sources are called user:cutouts"):
        sprite_source(Objects(names=["cube"], assets=[str(cutouts), str(other)]))


def test_a_pack_that_is_not_installed_says_how(monkeypatch, tmp_path):
    monkeypatch.setenv("BENCHWRIGHT_CACHE", str(tmp_path))
    with pytest.raises(AssetError, match="benchwright assets install openmoji"):
        PACKS["openmoji"].source()


def test_objaverse_without_its_package_or_the_network_is_one_line(monkeypatch, tmp_path):
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("https_proxy", "http://127.0.0.1:9")
    with pytest.raises(AssetError, match=r"objaverse.*(pip install|network)") as refused:
        sprite_source(Objects(names=["cube"], assets=["objaverse"]))
    assert "\n" not in str(refused.value)


@pytest.mark.slow
def test_a_library_builds_a_set_in_its_own_colours(tmp_path, monkeypatch):
    pytest.importorskip("mitsuba")
    monkeypatch.setenv("BENCHWRIGHT_CACHE", str(tmp_path / "cache"))
    path = library(tmp_path / "a.sh3f")
    dataset = built(tmp_path, recipe(["tall box", "wide böx"], [path]))
    record, files = next(records(dataset))
    assert record.lighting == "softboxes"
    assert {placed.asset for placed in record.objects} == {
        "user:a/tall box", "user:a/wide böx"}  # fmt: skip
    assert Dataset.open(dataset.folder)
    given = credit(validate(recipe(["tall box"], [path])).objects, "tall box")
    assert given in read_ledger(dataset.folder)
    masks = bw.full_masks(record, dataset.folder / "recipe.yaml")
    assert masks.any(axis=(1, 2)).all()
    assert files
