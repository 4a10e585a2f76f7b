"""Readers account for every sample, and their crops are what the model's own transform gives."""

import hashlib
import io
import json
import multiprocessing

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image
from tar_shards import BAD, noise, numbered, picture, write_tar

from benchwright.curation.embed.reading import MAX_TEXT, Reader, survey
from benchwright.curation.embed.record_text import caption_and_url
from benchwright.curation.embed.slots import Slots
from benchwright.curation.embed.sources import find_shards
from benchwright.curation.embeddings import METADATA
from benchwright.curation.models.preprocess import Preprocess, crop_exact, crop_fast
from benchwright.rejection import Reason

SMALL, LARGE = Preprocess(32), Preprocess(48, "squash")


def reader(mode="exact", *preprocesses):
    preprocesses = preprocesses or (SMALL,)
    edges = tuple(preprocess.size for preprocess in preprocesses)
    slots = Slots.allocate(multiprocessing.get_context("spawn"), 2, 16, edges)
    return Reader(slots, preprocesses, mode)


READER = reader()


def read(samples, folder, with_=READER):
    path = write_tar(folder / "a.tar", samples)
    (shard,) = find_shards(str(path)).shards
    found = survey(shard, str(folder))
    return with_.read(found.path, shard.name, found.index.entries, 1)


@settings(max_examples=20)
@given(kinds=st.lists(st.sampled_from(["good", *BAD]), min_size=1, max_size=12))
def test_every_sample_is_a_row_or_a_reject(kinds, tmp_path_factory):
    samples = {
        f"{number}-{kind}": {"jpg": noise(number)} if kind == "good" else BAD[kind]
        for number, kind in enumerate(kinds)
    }
    block = read(samples, tmp_path_factory.mktemp("tar"))
    keys = block.rows["key"].to_pylist()
    assert keys == [key for key in samples if key.endswith("good")]
    assert sorted(keys + [key for key, _, _ in block.rejects]) == sorted(samples)
    assert block.rows.schema.equals(METADATA)
    crops = READER.slots.crops(1)[0]
    for row, key in enumerate(keys):
        assert np.array_equal(crops[row], crop_exact(samples[key]["jpg"], SMALL))


def test_each_bad_sample_has_its_reason(tmp_path):
    big = {"png": picture(), "json": b'"' + bytes(MAX_TEXT) + b'"'}
    block = read({**BAD, "wordy": big}, tmp_path)
    assert {key: reason for key, reason, _ in block.rejects} == {
        "page": Reason.UNDECODABLE,
        "cut": Reason.UNDECODABLE,
        "empty": Reason.UNDECODABLE,
        "bomb": Reason.TOO_MANY_PIXELS,
        "imageless": Reason.NO_IMAGE,
        "sliver": Reason.ASPECT,
        "wordy": Reason.TOO_LARGE,
    }


def test_rows_say_what_the_image_is(tmp_path):
    data = picture((255, 255, 255), (50, 20))
    samples = {
        "a": {"png": data, "txt": b"snow", "json": b'{"url": "http://x/1", "caption": "no"}'}
    }
    (row,) = read(samples, tmp_path).rows.to_pylist()
    assert row["sha256"] == hashlib.sha256(data).hexdigest()
    assert (row["width"], row["height"], row["caption"], row["url"]) == (
        50,
        20,
        "snow",
        "http://x/1",
    )
    assert (row["brightness"], row["saliency"], row["shard"]) == (1, 0, "a.tar")
    assert json.loads(row["json"])["caption"] == "no"


@pytest.mark.parametrize("extension", ["jpg", "JPEG", "png", "webp", "gif", "bmp", "tif", "tiff"])
def test_any_image_extension_and_no_other_member(extension, tmp_path):
    kind = {"jpg": "JPEG", "tif": "TIFF"}.get(extension.lower(), extension.upper())
    (row,) = read({"a": {extension: noise(kind=kind)}}, tmp_path).rows.to_pylist()
    assert (row["key"], row["caption"], row["url"], row["json"]) == ("a", "", "", "")


def test_several_models_share_one_decode_and_get_the_crops_they_would_get_alone(tmp_path):
    both = reader("exact", SMALL, LARGE)
    samples = {"a": {"jpg": noise(1, (300, 200))}, "b": {"png": picture()}}
    read(samples, tmp_path, both)
    for crops, preprocess in zip(both.slots.crops(1), (SMALL, LARGE), strict=True):
        for row, members in enumerate(samples.values()):
            assert np.array_equal(crops[row], crop_exact(*members.values(), preprocess))


def test_fast_crops_do_not_depend_on_the_other_models(tmp_path):
    data = noise(2, (640, 480))
    both = reader("fast", SMALL, LARGE)
    read({"a": {"jpg": data}}, tmp_path, both)
    for crops, preprocess in zip(both.slots.crops(1), (SMALL, LARGE), strict=True):
        assert np.array_equal(crops[0], crop_fast(data, preprocess))


def test_the_size_is_the_stored_one_whatever_is_decoded(tmp_path):
    (row,) = read({"a": {"jpg": noise(2, (640, 480))}}, tmp_path, reader("fast")).rows.to_pylist()
    assert (row["width"], row["height"]) == (640, 480)


def test_an_exif_orientation_is_not_applied(tmp_path):
    file, exif = io.BytesIO(), Image.Exif()
    exif[0x0112] = 6
    Image.open(io.BytesIO(noise(3, (64, 32)))).save(file, "JPEG", exif=exif)
    (row,) = read({"a": {"jpg": file.getvalue()}}, tmp_path).rows.to_pylist()
    assert (row["width"], row["height"]) == (64, 32)


@pytest.mark.parametrize(
    ("text", "record", "expected"),
    [
        (None, "", ("", "")),
        ("a cat", '{"caption": "a dog", "url": "u"}', ("a cat", "u")),
        (None, '{"caption": "a dog"}', ("a dog", "")),
        (None, '{"captions": [{"text": "a mug"}, {"text": "x"}]}', ("a mug", "")),
        (None, '{"source": {"url": "u"}, "caption": null}', ("", "u")),
        (None, "[1, 2", ("", "")),
        (None, '["caption"]', ("", "")),
        (None, '{"caption": "\\ud800!"}', ("?!", "")),
    ],
)
def test_captions_and_addresses_are_found_where_they_are(text, record, expected):
    assert caption_and_url(text, record) == expected


def test_a_shard_of_the_web_and_one_of_ours_have_the_same_columns(tmp_path):
    block = read(numbered(3), tmp_path)
    assert block.rows["caption"].to_pylist() == [f"picture {n}" for n in range(3)]
    assert block.rows["url"].to_pylist() == [f"http://a.example/{n}" for n in range(3)]
