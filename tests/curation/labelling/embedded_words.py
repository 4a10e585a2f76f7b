"""Embedding sets of a model whose vectors are words: what an image shows is known exactly."""

from __future__ import annotations

import hashlib
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from benchwright.curation.embeddings import METADATA, EmbeddingSet, Part, write_model, write_parts
from benchwright.curation.models.identity import ModelIdentity
from benchwright.curation.models.preprocess import Preprocess

WIDTH = 64
UNHEARD = {"a", "an", "the", "of", "in", "on", "photo", "picture"}


class WordsModel:
    """A model of texts alone: the vector of a text is the sum of its words' vectors."""

    def __init__(self, name="words/judge", seed=0, logit_scale=30.0):
        self.identity = ModelIdentity(
            id=name, kind="clip", sha256=hashlib.sha256(f"{name}{seed}".encode()).hexdigest(),
            activation="gelu", width=WIDTH, image_size=64, dtype="float32",
            preprocess=Preprocess(64).to_json(),
        )  # fmt: skip
        self.preprocess = Preprocess(64)
        self.logit_scale = logit_scale
        self.seed = seed
        self.encoded = []

    def word(self, word):
        digest = hashlib.sha256(f"{self.seed}{word}".encode()).digest()
        drawn = np.random.default_rng(int.from_bytes(digest[:8], "big")).normal(size=WIDTH)
        return drawn / np.linalg.norm(drawn)

    def vector(self, text):
        words = [w.strip(".,") for w in text.lower().split()]
        total = sum(self.word(w) for w in words if w not in UNHEARD)
        return (total / np.linalg.norm(total)).astype(np.float32)

    def encode_texts(self, texts):
        self.encoded += texts
        return np.stack([self.vector(text) for text in texts])


def loader(*models):
    """A way to load these models; loads are counted in its ``loads``."""
    known = {model.identity.id: model for model in models}

    def load(model_id):
        load.loads.append(model_id)
        return known[model_id]

    load.loads = []
    return load


def classifier_identity(name="timm/words", width=1000):
    digest = hashlib.sha256(name.encode()).hexdigest()
    return ModelIdentity(name, "classifier", digest, "", width, 64, "float32", "{}")


def write_set(folder: Path, identity, parts, mode="exact") -> EmbeddingSet:
    """Write a set.

    Args:
        folder: for the set.
        identity: of its model.
        parts: shard name to rows; a row has ``key``, ``vector`` and metadata columns.
    """
    listed = []
    for number, (shard, rows) in enumerate(parts.items()):
        digest = hashlib.sha256(shard.encode()).hexdigest()
        part = Part(number, shard, digest, len(rows))
        vectors = np.array([row["vector"] for row in rows], np.float16)
        columns = {
            field.name: pa.array(
                [row.get(field.name, default(field, shard)) for row in rows], field.type
            )
            for field in METADATA
        }
        for file in (part.vectors_file(folder), part.metadata_file(folder)):
            file.parent.mkdir(parents=True, exist_ok=True)
        np.save(part.vectors_file(folder), vectors.reshape(len(rows), identity.width))
        pq.write_table(pa.table(columns, schema=METADATA), part.metadata_file(folder))
        listed.append(part)
    write_model(folder, identity, mode, {})
    write_parts(folder, listed)
    return EmbeddingSet.open(folder)


def default(field, shard):
    if field.name == "shard":
        return shard
    return "" if pa.types.is_string(field.type) else 0


def seen(model, text, noise=0.0, key=""):
    """What a model sees of an image that a text describes."""
    drawn = np.random.default_rng(int(hashlib.sha256(key.encode()).hexdigest()[:8], 16))
    vector = model.vector(text) + noise * drawn.normal(size=WIDTH) / np.sqrt(WIDTH)
    return vector / np.linalg.norm(vector)
