"""Subjects for tests of audits: an oracle whose vectors are chosen, and small built sets."""

import hashlib
import re
from dataclasses import dataclass, field
from itertools import permutations
from pathlib import Path

import numpy as np

from benchwright.builders.build import build
from benchwright.cards.audits.subject import Batch, Subject
from benchwright.curation.embed.run import embed
from benchwright.curation.models.identity import ModelIdentity
from benchwright.curation.models.registry import load_model
from benchwright.dataset import Dataset
from benchwright.recipe_file import load

NAMES = ("apple", "bed", "clock", "donut", "elephant", "fork", "giraffe", "hat")
WIDTH = 64


@dataclass
class OracleModel:
    """A CLIP whose vector of a text is the sum of its objects' vectors, plus noise.

    Attributes:
        names: objects it knows.
        first: weight of the first mentioned object; the others weigh 1.
        strength: name to a factor of its vector, wherever it is mentioned; 1 if not given.
        noise: length of the noise, which depends on the text alone.
    """

    names: tuple = NAMES
    first: float = 1.0
    strength: dict = field(default_factory=dict)
    noise: float = 0.5
    seed: int = 0
    kind: str = "clip"

    def __post_init__(self):
        made_of = repr((self.names, self.first, self.strength, self.noise, self.seed))
        weights = hashlib.sha256(made_of.encode()).hexdigest()
        self.identity = ModelIdentity(
            "oracle/sum", self.kind, weights, "", WIDTH, 32, "float32", "{}"
        )
        rng = np.random.default_rng(self.seed)
        self.things = unit(rng.normal(size=(len(self.names), WIDTH)))
        self._words = re.compile(r"\b(" + "|".join(self.names) + r")\b")

    def encode_texts(self, texts):
        return np.stack([self._text(text) for text in texts])

    def _text(self, text):
        mentioned = self._words.findall(text)
        total = self.drift(text)
        for place, name in enumerate(mentioned):
            weight = self.strength.get(name, 1.0) * (self.first if place == 0 else 1.0)
            total = total + weight * self.things[self.names.index(name)]
        return unit(total).astype(np.float32)

    def drift(self, text):
        """Noise of its own for every text, the same whenever it is asked for."""
        seed = int.from_bytes(hashlib.sha256(f"{self.seed} {text}".encode()).digest()[:8], "big")
        return self.noise * unit(np.random.default_rng(seed).normal(size=WIDTH))


@dataclass
class OracleSubject:
    """What audits ask of a ``Subject``, over records and vectors that a test made."""

    model: OracleModel
    records: list
    vectors: np.ndarray
    kind: str = "imported"
    dataset: Dataset = field(default_factory=lambda: Dataset(Path("nowhere"), ()))

    @property
    def has_text(self):
        return self.model.identity.kind == "clip"

    def batches(self, config=None, split=None):
        for start in range(0, len(self.records), 50):
            part = slice(start, start + 50)
            records = tuple(self.records[part])
            keys = tuple(record["key"] for record in records)
            yield Batch("all", "all", keys, records, self.vectors[part])


def unit(vectors):
    return vectors / np.linalg.norm(vectors, axis=-1, keepdims=True)


def record(key, names, areas, sizes, slots, captions=()):
    """A record of a picture, with what audits read of it."""
    things = [
        {"name": n, "visible_area": a, "size": s, "slot": slot}
        for n, a, s, slot in zip(names, areas, sizes, slots, strict=True)
    ]
    return {"key": key, "objects": things, "captions": list(captions), "twin_of": ""}


def oracle_subject(objects=3, pictures=400, large=1.0, area=4000, singles=True, seed=0, model=None):
    """Pictures of ordered choices of objects, one of them large, the place of it going round.

    Args:
        large: weight of the large object's vector in the picture's; the others weigh 1.
        area: pixels of the large object; the others have 1000 and one more each.
        singles: also a picture of each object alone.
    """
    model = model or OracleModel(seed=seed)
    rng = np.random.default_rng(seed)
    choices = list(permutations(range(len(model.names)), objects))
    records, vectors = [], []
    if singles:
        for i, name in enumerate(model.names):
            records.append(record(f"one{i}", [name], [3000], ["same"], [0]))
            vectors.append(model.things[i] + 0.1 * unit(rng.normal(size=WIDTH)))
    for number in rng.permutation(len(choices))[:pictures].tolist():
        held, big = choices[number], int(rng.integers(objects))
        sizes = ["large" if at == big else "small" for at in range(objects)]
        areas = [area if at == big else 1000 + at for at in range(objects)]
        slots = rng.permutation(objects).tolist()
        names = [model.names[i] for i in held]
        records.append(record(f"s{number}", names, areas, sizes, slots))
        weights = np.array([large if at == big else 1.0 for at in range(objects)])
        noise = model.noise * unit(rng.normal(size=WIDTH))
        vectors.append(weights @ model.things[list(held)] + noise)
    return OracleSubject(model, records, unit(np.array(vectors)).astype(np.float32))


def built_subjects(recipe, folder, models):
    """A set built from a recipe, or one that is there, as each model that ships sees it."""
    report = build(load(recipe), folder, workers=1)
    seen = embed(str(folder), models, workers=1, out=folder.parent / "vectors")
    images = {found.identity.id: found for found in seen.sets}
    return [Subject(report.dataset, "scenes", load_model(m), images[m]) for m in models]


def result(findings, measure, group=""):
    """The one result of a measure and group."""
    (found,) = [r for r in findings.results if (r.measure, r.group) == (measure, group)]
    return found
