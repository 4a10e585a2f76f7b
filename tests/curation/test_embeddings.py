"""Embedding sets are read with their counts and columns checked; LAION's files are one, too."""

import json

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from benchwright.curation.embeddings import (
    METADATA,
    REJECTS,
    UNKNOWN,
    EmbeddingSet,
    Part,
    write_model,
    write_parts,
)
from benchwright.curation.models.identity import ModelIdentity
from benchwright.curation.models.preprocess import Preprocess
from benchwright.errors import DatasetError

MODEL = ModelIdentity("a/b", "clip", "ab" * 32, "gelu", 4, 32, "float32", Preprocess(32).to_json())


def row(key):
    return {"key": key, "shard": "a.tar", "caption": "", "url": "", "width": 3, "height": 2,
            "sha256": "", "phash": 2**63, "brightness": 0.5, "saliency": 0.1,
            "json": ""}  # fmt: skip


@pytest.fixture
def folder(tmp_path):
    parts = [Part(1, "b.tar", "cd" * 32, 2), Part(0, "a.tar", "ab" * 32, 3, 1)]
    for part in parts:
        for path in (part.vectors_file(tmp_path), part.metadata_file(tmp_path),
                     part.rejects_file(tmp_path)):  # fmt: skip
            path.parent.mkdir(exist_ok=True)
        vectors = np.full((part.samples, 4), part.number, np.float16)
        np.save(part.vectors_file(tmp_path), vectors)
        rows = pa.Table.from_pylist([row(str(n)) for n in range(part.samples)], METADATA)
        pq.write_table(rows, part.metadata_file(tmp_path))
        bad = [dict.fromkeys(REJECTS.names, "x")] * part.rejects
        pq.write_table(pa.Table.from_pylist(bad, REJECTS), part.rejects_file(tmp_path))
    write_model(tmp_path, MODEL, "exact", {"torch": "2"})
    write_parts(tmp_path, parts)
    return tmp_path


def test_a_set_opens_with_its_model_and_parts_in_order(folder):
    found = EmbeddingSet.open(folder)
    assert (found.identity, found.mode, found.samples) == (MODEL, "exact", 5)
    assert [part.number for part in found.parts] == [0, 1]
    first = found.parts[0]
    assert found.vectors(first).shape == (3, 4) and isinstance(found.vectors(first), np.memmap)
    assert found.metadata(first).schema.equals(METADATA)
    assert found.metadata(first, ["phash", "key"]).column_names == ["phash", "key"]
    assert found.rejects(first).num_rows == 1


def test_a_folder_without_a_set_is_one_line(tmp_path):
    with pytest.raises(DatasetError, match="no embedding set here"):
        EmbeddingSet.open(tmp_path)


@pytest.mark.parametrize("broken", [[], {"parts": 3}, {"parts": [{"number": 1}]}])
def test_a_list_of_parts_that_is_none_is_one_line(folder, broken):
    (folder / "parts.json").write_text(json.dumps(broken))
    with pytest.raises(DatasetError, match="embed again"):
        EmbeddingSet.open(folder)


def test_files_that_are_not_as_declared_are_refused(folder):
    found = EmbeddingSet.open(folder)
    first, second = found.parts
    np.save(first.vectors_file(folder), np.zeros((3, 5), np.float16))
    np.save(second.vectors_file(folder), np.array([object()]), allow_pickle=True)
    second.metadata_file(folder).write_bytes(b"PAR1")
    for reading in (found.vectors, lambda part: found.metadata(second)):
        with pytest.raises(DatasetError, match="embed again"):
            reading(first)
    with pytest.raises(DatasetError, match="no readable array"):
        found.vectors(second)
    others = pa.table({name: [b"x"] for name in REJECTS.names})
    pq.write_table(others, first.rejects_file(folder))
    with pytest.raises(DatasetError, match="columns"):
        found.rejects(first)


def publish(folder, number, rows, dtype=np.float16, width=4):
    """A part as LAION has it, of columns that are given."""
    for name in ("img_emb", "metadata"):
        (folder / name).mkdir(exist_ok=True)
    count = len(next(iter(rows.values())))
    np.save(folder / "img_emb" / f"img_emb_{number}.npy", np.ones((count, width), dtype))
    pq.write_table(pa.table(rows), folder / "metadata" / f"metadata_{number}.parquet")


LAION = {
    "image_path": ["000000000", "000000001"],
    "caption": ["a dog", None],
    "NSFW": ["UNLIKELY", None],
    "similarity": [0.31, float("nan")],
    "LICENSE": ["?", "?"],
    "url": ["http://a/1", "http://a/2"],
    "key": ["000000000", "000000001"],
    "width": [256.0, float("nan")],
    "height": [192, None],
    "original_width": [512, 400],
}


def test_laions_files_are_read_with_what_they_lack_declared_unknown(tmp_path):
    publish(tmp_path, "0010", LAION)
    publish(tmp_path, "0002", {"image_path": ["x"]}, np.float32)
    found = EmbeddingSet.open_published(tmp_path, MODEL)
    assert [(part.number, part.samples) for part in found.parts] == [(2, 1), (10, 2)]
    bare, full = found.parts
    assert found.vectors(bare).dtype == np.float16
    table = found.metadata(full)
    assert table.schema.equals(METADATA)
    assert sum(column.null_count for column in table.columns) == 0
    first, second = table.to_pylist()
    assert (first["key"], first["caption"], first["width"]) == ("000000000", "a dog", 256)
    assert (second["caption"], second["width"], second["height"]) == ("", 0, 0)
    assert (first["sha256"], first["phash"], first["saliency"]) == ("", 0, UNKNOWN)
    assert json.loads(first["json"])["NSFW"] == "UNLIKELY"
    assert found.metadata(bare, ["key", "json"]).to_pylist() == [{"key": "x", "json": ""}]
    assert found.rejects(full).num_rows == 0


def test_parts_that_do_not_fit_together_are_refused(tmp_path):
    publish(tmp_path, "0000", LAION, width=5)
    with pytest.raises(DatasetError, match="a model of 4"):
        EmbeddingSet.open_published(tmp_path, MODEL)
    (tmp_path / "metadata" / "metadata_0000.parquet").unlink()
    with pytest.raises(DatasetError, match="metadata_0000"):
        EmbeddingSet.open_published(tmp_path, MODEL)
    with pytest.raises(DatasetError, match="no embeddings here"):
        EmbeddingSet.open_published(tmp_path / "img_emb", MODEL)
