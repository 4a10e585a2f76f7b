"""Embedding sets with known vectors and metadata, written through the real layout."""

import hashlib

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from benchwright.curation.embeddings import (
    METADATA,
    REJECTS,
    EmbeddingSet,
    Part,
    write_model,
    write_parts,
)
from benchwright.curation.models.identity import ModelIdentity

IDENTITY = ModelIdentity("test", "clip", "0" * 64, "gelu", 4, 64, "float32", "{}")
UNLABELLED = {
    "cls": "dog", "class_source": "caption", "classes": ["dog"], "judge_class": "dog",
    "judge_probability": 0.9, "vouched": True, "background": "grass",
    "background_probability": 0.9, "background_margin": 0.8, "crowd": 0.05,
    "prediction": "dog",
}  # fmt: skip


def row(key, **fields):
    """A sample's metadata; whatever is not said is sound and unlike any other sample's."""
    digest = hashlib.sha256(key.encode()).hexdigest()
    phash = int(digest[:16], 16)
    return {
        "key": key, "shard": "s", "caption": "a dog", "url": f"http://h/{key}", "width": 100,
        "height": 100, "sha256": digest, "phash": phash, "brightness": 0.5, "saliency": 0.3,
        "json": "", **fields,
    }  # fmt: skip


def metadata(rows):
    """The table of some rows."""
    return pa.Table.from_pylist(rows, METADATA)


def labels(rows, **fields):
    """The label step's table of the same samples, all sound but for the given fields."""
    return pa.Table.from_pylist(
        [{"key": r["key"], "shard": r["shard"], **UNLABELLED, **fields} for r in rows]
    )


def write_set(folder, parts, vectors=None, identity=IDENTITY):
    """An embedding set; ``parts`` are lists of rows, ``vectors`` arrays (default: random)."""
    rng = np.random.default_rng(0)
    listed = []
    for number, rows in enumerate(parts):
        part = Part(number, f"{number:05d}.tar", f"{number:064d}", len(rows))
        found = vectors[number] if vectors else rng.normal(size=(len(rows), identity.width))
        for path in (part.vectors_file(folder), part.metadata_file(folder)):
            path.parent.mkdir(parents=True, exist_ok=True)
        np.save(part.vectors_file(folder), np.asarray(found, np.float16))
        pq.write_table(metadata(rows), part.metadata_file(folder))
        part.rejects_file(folder).parent.mkdir(exist_ok=True)
        pq.write_table(REJECTS.empty_table(), part.rejects_file(folder))
        listed.append(part)
    write_model(folder, identity, "exact", {})
    write_parts(folder, listed)
    return EmbeddingSet.open(folder)
