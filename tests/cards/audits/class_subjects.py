"""Sets of classed images whose vectors are chosen by hand, and a model that knows their words."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from benchwright.cards.audits.subject import Subject
from benchwright.curation.embeddings import METADATA, EmbeddingSet, Part, write_model, write_parts
from benchwright.curation.models.identity import ModelIdentity
from benchwright.curation.models.preprocess import Preprocess
from benchwright.dataset import Dataset, Shard, write_json
from benchwright.errors import ModelError
from benchwright.mined_record import MinedRecord, Probe

WIDTH = 32


def unit(vectors):
    return (vectors / np.linalg.norm(vectors, axis=-1, keepdims=True)).astype(np.float32)


def directions(names, width=WIDTH):
    """A unit vector a name, the same wherever it is asked for."""
    return {
        name: unit(np.random.default_rng(list(name.encode())).normal(size=width)) for name in names
    }


@dataclass
class Oracle:
    """Encodes a text as the sum of the words it knows in it, and a little of the text's own."""

    words: dict
    own: float = 0.05
    kind: str = "clip"
    width: int = WIDTH
    logit_scale: float = 100.0

    @property
    def identity(self):
        made_of = (type(self).__name__, self.own, [(w, v.tobytes()) for w, v in self.words.items()])
        sha = hashlib.sha256(repr(made_of).encode()).hexdigest()
        preprocess = Preprocess(32).to_json()
        return ModelIdentity(
            "oracle/test", self.kind, sha, "", self.width, 32, "float32", preprocess
        )

    def encode_texts(self, texts):
        if self.kind != "clip":
            raise ModelError("a classifier knows no text")
        return np.stack([self._encode(text) for text in texts])

    def _encode(self, text):
        noise = np.random.default_rng(list(text.encode())).normal(size=self.width)
        total, left = self.own * unit(noise), f" {text.lower()} "
        for word in sorted(self.words, key=len, reverse=True):
            if word.lower() in left:
                total = total + self.words[word]
                left = left.replace(word.lower(), " ")
        return unit(total)


def embedded(folder, kind, records, vectors, model, *, places, **build):
    """A subject of records with vectors, a shard a place (config, split)."""
    folder.mkdir(parents=True, exist_ok=True)
    write_json(folder / "build.json", {"kind": kind, "picture": "jpg", **build})
    store, shards, parts = folder / "vectors", [], []
    for number, place in enumerate(dict.fromkeys(places)):
        rows = [row for row, at in enumerate(places) if at == place]
        name = f"{place[0]}/{place[1]}-{number:05d}.tar"
        part = Part(number, name, "ab" * 32, len(rows))
        table = [_metadata(records[row], name) for row in rows]
        for path in (part.vectors_file(store), part.metadata_file(store)):
            path.parent.mkdir(parents=True, exist_ok=True)
        np.save(part.vectors_file(store), vectors[rows].astype(np.float16))
        pq.write_table(pa.Table.from_pylist(table, METADATA), part.metadata_file(store))
        shards.append(Shard(name, *place, len(rows), 0, "ab" * 32, ""))
        parts.append(part)
    write_model(store, model.identity, "exact", {})
    write_parts(store, parts)
    return Subject(Dataset(folder, tuple(shards)), kind, model, EmbeddingSet.open(store))


def _metadata(record, shard):
    return {"key": record["key"], "shard": shard, "caption": "", "url": "", "width": 3,
            "height": 2, "sha256": "", "phash": 0, "brightness": 0.5, "saliency": 0.1,
            "json": json.dumps(record)}  # fmt: skip


def mined(folder, names, rows, vectors, model=None, ids=None):
    """A mined set. Each row: class, group, half, cluster."""
    records = [
        MinedRecord(f"{at:016x}", cls, "caption", list(names).index(cls), 3, 2, "", group=group,
                    half=half, cluster=cluster, probe=Probe("ViT-B-32/selecting")).to_dict()
        for at, (cls, group, half, cluster) in enumerate(rows)
    ]  # fmt: skip
    classes = [
        {"name": name, "id": id_} for name, id_ in zip(names, ids or [""] * len(names), strict=True)
    ]
    return embedded(
        folder, "mined", records, vectors, model or Oracle(directions(names)),
        places=[("images", row[1] or "test") for row in rows], classes=classes,
    )  # fmt: skip


def scenes(folder, objects, vectors, model, twins=None, backgrounds=None):
    """A set of scenes, each of some objects; ``twins``: row to the row it is the ground twin of."""
    twins = twins or {}
    records = [
        {"key": f"{at:016x}", "background": (backgrounds or ["#cdcdcd"] * len(objects))[at],
         "twin_of": f"{twins[at]:016x}" if at in twins else "",
         "factor": "ground" if at in twins else "",
         "objects": [{"name": name} for name in shown]}
        for at, shown in enumerate(objects)
    ]  # fmt: skip
    places = [("twins", "ground") if at in twins else ("one", "test") for at in range(len(objects))]
    return embedded(folder, "scenes", records, vectors, model, places=places)


def looks(names, wanted, wrong, width=WIDTH):
    """Unit vectors of images: like their own class, or like another where wrong (its index)."""
    known = directions(names, width)
    shown = [names[w] if w >= 0 else name for name, w in zip(wanted, wrong, strict=True)]
    noise = np.random.default_rng(0).normal(size=(len(shown), width)) * 0.01
    return unit(np.stack([known[name] for name in shown]) + noise)
