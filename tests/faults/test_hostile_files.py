"""Files made to do harm: each is a reject with its reason, or an error of one line, in bounds."""

import io
import json
import re
import shutil
from contextlib import suppress

import hostile_images
import hostile_meshes
import hostile_models
import hostile_tables
import hostile_tars
import hostile_texts
import numpy as np
import pyarrow as pa
import pytest
from bounds import bounded

from benchwright import group_table, images, rejects
from benchwright.builders.assets.cutout import cutout_sprite
from benchwright.builders.assets.mesh_file import Standing, load_model
from benchwright.builders.assets.picture import CUTOUT_FORMATS, read_picture
from benchwright.builders.assets.store import FolderStore
from benchwright.builders.assets.table import parse_table
from benchwright.builders.build import build
from benchwright.cards.card_safety import read_card
from benchwright.cards.tar_check import check_tar
from benchwright.curation.download.tables import open_tables
from benchwright.curation.embed.tar_index import index_tar
from benchwright.curation.embeddings import EmbeddingSet, Part, write_model, write_parts
from benchwright.curation.models import calibration
from benchwright.curation.models.checkpoints import read_checkpoints
from benchwright.curation.models.decoding import ImageRefused
from benchwright.curation.models.identity import ModelIdentity
from benchwright.curation.models.preprocess import Preprocess, crop_exact, crop_fast
from benchwright.curation.vocabulary import load_classes
from benchwright.dataset import MANIFEST, SHARDS, Dataset, read_table
from benchwright.errors import (
    AssetError,
    BenchwrightError,
    DatasetError,
    ModelError,
    RecipeError,
)
from benchwright.recipe_file import load, load_any
from benchwright.record_schema import MANIFEST as MANIFEST_SCHEMA
from benchwright.record_schema import SHARDS as SHARDS_SCHEMA
from benchwright.shards import members

pytest_plugins = ("fault_tally",)


def each(files, kind, command):
    """A parameter a file, each a fault of its own."""
    return [pytest.param(name, id=name, marks=pytest.mark.fault(kind, command)) for name in files]


def one_line(error):
    """The message of a user's error, which is one line that a terminal can show."""
    message = str(error.value)
    assert "\n" not in message and len(message) < 1500, message
    return message


@pytest.mark.parametrize("name", each(hostile_images.IMAGES, "bad image", "embed"))
def test_a_bad_image_is_a_reject_with_its_reason(name):
    data, reason = hostile_images.IMAGES[name]
    for crop in (crop_exact, crop_fast):
        with bounded(), pytest.raises(ImageRefused) as refused:
            crop(data, Preprocess(32))
        assert refused.value.reason == reason
        one_line(refused)
    with bounded(), suppress(DatasetError):  # OpenCV reads some of them: never worse
        images.decode(data)


def no_cutouts():
    """Bytes that are no cutout: all bad images, and pictures that cannot stand on their own."""
    solid = hostile_images.picture("PNG", mode="RGBA")
    empty = io.BytesIO()
    hostile_images.Image.new("RGBA", (64, 64)).save(empty, "PNG")
    frames = [hostile_images.Image.new("RGBA", (32, 32), (shade, 0, 0, 99)) for shade in (0, 200)]
    moving = io.BytesIO()
    frames[0].save(moving, "WEBP", save_all=True, append_images=frames[1:])
    more = {
        "a picture without transparency": solid,
        "a picture of nothing": empty.getvalue(),
        "an animation": moving.getvalue(),
        "a picture with a zip behind": solid + b"PK\x03\x04" + bytes(30),
        "a picture with a script behind": solid + b"<script>alert(1)</script>",
        "a palette without transparency": hostile_images.picture("PNG", mode="P"),
        "a grey picture": hostile_images.picture("PNG", mode="L"),
        "a JPEG": hostile_images.picture("JPEG"),
        "a GIF": hostile_images.picture("GIF"),
        "8,000 pixels a side": hostile_images.png(8000, 8000, hostile_images.IDAT),
    }
    wanted = ("PNG", "WEBP", "a ", "an ")
    bad = {name: data for name, (data, _) in hostile_images.IMAGES.items()
           if name.startswith(wanted)}  # fmt: skip
    return {**bad, **more}


CUTOUTS = no_cutouts()


@pytest.mark.parametrize("name", each(CUTOUTS, "bad cutout", "build"))
def test_a_bad_cutout_is_one_line(name):
    with bounded(), pytest.raises(AssetError) as refused:
        cutout_sprite(read_picture(CUTOUTS[name], "folder/a.png", CUTOUT_FORMATS), "folder/a.png")
    assert one_line(refused).startswith("folder/a.png")


@pytest.mark.parametrize("name", each(hostile_meshes.MESHES, "bad GLB", "build"))
@pytest.mark.filterwarnings("ignore::RuntimeWarning")
def test_a_bad_mesh_is_one_line(name, tmp_path):
    data, said = hostile_meshes.MESHES[name]
    (tmp_path / "a.glb").write_bytes(data)
    with bounded():
        if not said:  # harmless: it may as well be read
            with suppress(AssetError):
                load_model(FolderStore(tmp_path), "a.glb", Standing())
            return
        with pytest.raises(AssetError) as refused:
            load_model(FolderStore(tmp_path), "a.glb", Standing())
    assert re.search(said, one_line(refused))


@pytest.mark.parametrize("name", each(hostile_tars.TARS, "bad tar", "embed"))
def test_a_bad_shard_gives_what_is_whole_and_why_not_the_rest(name):
    data, said = hostile_tars.TARS[name]
    with bounded():
        found = index_tar(io.BytesIO(data))
    assert re.search(said, found.broken) and "\n" not in found.broken
    honest = data.startswith(hostile_tars.HONEST)
    assert [entry.key for entry in found.entries] == (["0", "1"] if honest else
                                                      ["0"] if found.entries else [])  # fmt: skip


@pytest.mark.parametrize("name", each(hostile_tars.TARS, "bad tar", "pull"))
def test_a_bad_tar_of_others_is_counted_or_one_line_and_leaves_nothing(name, tmp_path):
    (tmp_path / "a.tar").write_bytes(hostile_tars.TARS[name][0])
    with bounded():
        try:
            check_tar(tmp_path / "a.tar")
        except DatasetError as error:
            assert "\n" not in str(error)
        try:
            members(hostile_tars.TARS[name][0])
        except DatasetError as error:
            assert "\n" not in str(error)
    assert [path.name for path in tmp_path.iterdir()] == ["a.tar"]


@pytest.mark.fault("bad tar", "embed")
def test_very_many_members_are_walked_in_bounds():
    with bounded(seconds=20, megabytes=100):
        found = index_tar(io.BytesIO(hostile_tars.spread(40_000)))
    assert len(found.entries) == 40_000


ADDRESSES = pa.table({"url": ["http://a/1", "http://a/2"], "caption": ["a dog", "a cat"]})
BROKEN = hostile_tables.broken(hostile_tables.parquet(ADDRESSES))


@pytest.mark.parametrize("name", each(BROKEN, "bad Parquet", "download"))
def test_a_bad_table_of_addresses_is_one_line(name, tmp_path):
    (tmp_path / "a.parquet").write_bytes(BROKEN[name])
    with bounded(), pytest.raises(DatasetError) as refused:
        for table in open_tables([str(tmp_path)], {}):
            list(table.batches())
    assert "a.parquet" in one_line(refused)


def sample(schema):
    """A table of two rows of a schema, of whatever value each type has."""

    def value(kind):
        if pa.types.is_string(kind):
            return "x"
        if pa.types.is_list(kind):
            return []
        return True if pa.types.is_boolean(kind) else 1

    rows = [{field.name: value(field.type) for field in schema}] * 2
    return pa.Table.from_pylist(rows, schema)


OURS = {MANIFEST: MANIFEST_SCHEMA, SHARDS: SHARDS_SCHEMA, "rejects.parquet": rejects.SCHEMA,
        "groups.parquet": group_table.SCHEMA}  # fmt: skip


def tables():
    """Table and fault to the bytes of a table that no dataset folder has."""
    found = {}
    for table, schema in OURS.items():
        whole = sample(schema)
        for name, other in hostile_tables.other(whole).items():
            found[f"{table}: {name}"] = hostile_tables.parquet(other)
        if table == SHARDS:
            broken = hostile_tables.broken(hostile_tables.parquet(whole))
            found |= {f"{table}: {name}": body for name, body in broken.items()}
    return found


TABLES = tables()


@pytest.mark.parametrize("name", each(TABLES, "bad Parquet", "verify"))
def test_a_bad_table_of_a_dataset_is_one_line(name, tmp_path):
    table = name.partition(":")[0]
    (tmp_path / table).write_bytes(TABLES[name])
    with bounded(), pytest.raises(DatasetError) as refused:
        read_table(tmp_path / table, OURS[table])
    assert table in one_line(refused)


MODEL = ModelIdentity("a/b", "clip", "ab" * 32, "gelu", 4, 32, "float32", Preprocess(32).to_json())


@pytest.mark.parametrize("name", each(hostile_tables.VECTORS, "bad NumPy", "mine"))
def test_bad_vectors_are_one_line(name, tmp_path):
    part = Part(0, "a.tar", "ab" * 32, 3)
    write_model(tmp_path, MODEL, "exact", {})
    write_parts(tmp_path, [part])
    path = part.vectors_file(tmp_path)
    path.parent.mkdir()
    path.write_bytes(hostile_tables.VECTORS[name])
    with bounded(), pytest.raises(DatasetError) as refused:
        np.asarray(EmbeddingSet.open(tmp_path).vectors(part))
    assert path.name in one_line(refused)


JSONS = {
    "nothing": "", "a list": "[]", "a number": "7", "deep": "[" * 100_000,
    "of other keys": '{"a": 1}', "a model of other keys": '{"model": {"id": 1}, "mode": "exact"}',
    "parts that are texts": '{"parts": ["x"]}', "no UTF-8": "\udcff", "cut": '{"model": {',
}  # fmt: skip


@pytest.mark.parametrize("file", ["model.json", "parts.json"])
@pytest.mark.parametrize("name", each(JSONS, "bad JSON", "mine"))
def test_a_bad_description_of_a_set_is_one_line(name, file, tmp_path):
    write_model(tmp_path, MODEL, "exact", {})
    write_parts(tmp_path, [])
    (tmp_path / file).write_bytes(JSONS[name].encode("utf-8", "surrogateescape"))
    with bounded(), pytest.raises(DatasetError) as refused:
        EmbeddingSet.open(tmp_path)
    one_line(refused)


@pytest.fixture(scope="module")
def small_model(tmp_path_factory):
    """A folder of a calibration model that costs nothing, and loads."""
    folder = hostile_models.small(tmp_path_factory.mktemp("models") / "small")
    assert calibration.opened(folder, "small", "cpu", "float32").identity.width == 8
    return folder


@pytest.mark.parametrize("name", each(hostile_models.MODELS, "bad model", "embed"))
def test_a_bad_calibration_model_is_one_line(name, small_model, tmp_path):
    folder = shutil.copytree(small_model, tmp_path / "model")
    hostile_models.change(folder, *hostile_models.MODELS[name])
    with bounded(), pytest.raises(ModelError) as refused:
        calibration.opened(folder, "small", "cpu", "float32")
    assert one_line(refused).startswith(f"small: {folder} does not load: ")


@pytest.mark.parametrize("name", each(hostile_texts.NO_YAML, "bad YAML", "build"))
def test_a_bad_recipe_is_one_line(name, tmp_path):
    path = tmp_path / "recipe.yaml"
    path.write_bytes(hostile_texts.NO_YAML[name])
    with bounded(), pytest.raises(RecipeError) as refused:
        load_any(path)
    one_line(refused)


@pytest.mark.parametrize("name", each(hostile_texts.WRONG_VALUES, "bad YAML", "build"))
def test_a_recipe_of_wrong_values_is_one_line(name, tmp_path):
    path = tmp_path / "recipe.yaml"
    path.write_text(hostile_texts.GOOD_RECIPE)
    assert load(path).name == "tiny"
    with bounded(), pytest.raises(BenchwrightError) as refused:
        build(load(path, [hostile_texts.WRONG_VALUES[name]]), tmp_path / "set", workers=1)
    one_line(refused)
    assert not (tmp_path / "set").exists()


@pytest.mark.parametrize("name", each(hostile_texts.NO_YAML, "bad YAML", "download"))
def test_a_bad_list_of_classes_is_one_line(name, tmp_path):
    path = tmp_path / "classes.yaml"
    path.write_bytes(hostile_texts.NO_YAML[name])
    with bounded():
        try:
            found = load_classes(str(path))
        except BenchwrightError as error:
            assert "\n" not in str(error)
        else:  # some are lists of names after all
            assert all(len(word) < 6000 for entry in found for word in entry.words)


@pytest.mark.parametrize("name", each(hostile_texts.NO_YAML, "bad YAML", "embed"))
def test_a_bad_list_of_checkpoints_is_one_line(name, tmp_path):
    path = tmp_path / "list.yaml"
    path.write_bytes(hostile_texts.NO_YAML[name])
    with bounded(), pytest.raises(BenchwrightError) as refused:
        read_checkpoints(path)
    one_line(refused)


@pytest.mark.parametrize("name", each(hostile_texts.NO_YAML, "bad YAML", "assets"))
def test_a_bad_table_of_assets_is_one_line(name):
    text = hostile_texts.NO_YAML[name].decode("utf-8", "replace")
    with bounded():
        try:
            assert not parse_table(text, "assets.yaml").items
        except AssetError as error:
            assert "\n" not in str(error)


@pytest.mark.parametrize("name", each(hostile_texts.FRONTS, "bad card", "pull"))
def test_a_bad_card_is_one_line(name, tmp_path):
    path = tmp_path / "README.md"
    path.write_text(hostile_texts.FRONTS[name])
    with bounded():
        try:
            front, _ = read_card(path)
        except DatasetError as error:
            assert "\n" not in str(error)
        else:
            assert front == {}, "it was taken for front matter"


@pytest.mark.fault("links", "verify")
def test_a_folder_of_links_is_one_line(tmp_path):
    (tmp_path / SHARDS).symlink_to("/dev/zero")
    with bounded(), pytest.raises(DatasetError) as refused:
        Dataset.open(tmp_path)
    one_line(refused)
    shutil.rmtree(tmp_path)


def test_there_are_more_than_two_hundred():
    files = (hostile_images.IMAGES, CUTOUTS, hostile_meshes.MESHES, hostile_tars.TARS, BROKEN,
             TABLES, hostile_tables.VECTORS, JSONS, hostile_models.MODELS, hostile_texts.NO_YAML,
             hostile_texts.WRONG_VALUES, hostile_texts.FRONTS)  # fmt: skip
    assert sum(map(len, files)) > 300
    assert json.dumps([len(of) for of in files])
