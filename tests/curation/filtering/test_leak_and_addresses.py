"""Leaks into another set, placeholders, and what moves with a threshold."""

import json
from dataclasses import replace

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from pictures import IDENTITY, row, write_set

from benchwright.curation.filtering.addresses import addresses, digest_of
from benchwright.curation.filtering.leak import Known
from benchwright.errors import DatasetError


def test_addresses_count_distinct_urls_of_the_same_bytes(tmp_path):
    same = [row(key, sha256="f" * 64) for key in "abc"] + [row("d", sha256="f" * 64, url="")]
    again = row("e", sha256="f" * 64, url=same[0]["url"])
    images = write_set(tmp_path, [same, [again, row("f")]])
    assert addresses(images) == {"f" * 64: 3}


def test_a_file_is_known_by_its_bytes_as_fetched_where_they_are_told(tmp_path):
    fetched = json.dumps({"sha256": "a" * 64})
    rows = [row(key, json=fetched) for key in "ab"] + [row("c", json='{"sha256": 7}')]
    images = write_set(tmp_path, [rows])
    assert len({one["sha256"] for one in rows}) == 3  # as stored, by encoders that differ
    assert addresses(images) == {"a" * 64: 2}
    assert digest_of(json.loads(fetched), "b" * 64) == "a" * 64
    assert digest_of({"sha256": "no digest"}, "b" * 64) == "b" * 64
    assert digest_of({}, "b" * 64) == "b" * 64


def test_a_leak_is_met_by_digest_hash_or_embedding(tmp_path):
    rows = [row("a"), row("b"), row("c"), row("d")]
    eye = np.eye(4, dtype=np.float16)
    images = write_set(tmp_path / "mine", [rows], [eye])
    theirs = write_set(tmp_path / "theirs", [[row("x")]], [eye[2:3]])
    pq.write_table(pa.table({"sha256": [rows[0]["sha256"].upper()]}), tmp_path / "digests.parquet")
    pq.write_table(
        pa.table({"phash": pa.array([rows[1]["phash"]], pa.uint64())}), tmp_path / "p.parquet"
    )
    (part,) = images.parts
    known = [
        Known.read(path)
        for path in (tmp_path / "digests.parquet", tmp_path / "p.parquet", theirs.folder)
    ]
    found = [of.holds(images, part, 0.99).tolist() for of in known]
    assert found == [
        [True, False, False, False], [False, True, False, False], [False, False, True, False],
    ]  # fmt: skip


def test_a_set_to_compare_with_must_say_something_comparable(tmp_path):
    pq.write_table(pa.table({"url": ["x"]}), tmp_path / "t.parquet")
    with pytest.raises(DatasetError, match="no column sha256 or phash"):
        Known.read(tmp_path / "t.parquet")
    (tmp_path / "t.parquet").write_text("no")
    with pytest.raises(DatasetError, match="neither an embedding set nor"):
        Known.read(tmp_path / "t.parquet")


def test_embeddings_of_another_model_are_no_comparison(tmp_path):
    images = write_set(tmp_path / "a", [[row("a")]])
    other = write_set(tmp_path / "b", [[row("b")]], identity=replace(IDENTITY, sha256="1" * 64))
    with pytest.raises(DatasetError, match="another model"):
        Known.read(other.folder).holds(images, images.parts[0], 0.9)
