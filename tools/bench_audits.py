"""Time and peak memory of the class audits at the size of ImageNet, on random vectors.

    python tools/bench_audits.py [--images 50000] [--classes 1000] [--width 512]

The audits run as they do on a set: vectors and records are read from disk, figures are drawn. Each
has a process of its own. Openness: 50 vocabularies, 3 permutations. Worst classes: 80 prompts. The
text tower is made up, and its texts are encoded before: a real one costs what it costs, once for a
model. Most of the memory is that of the libraries, which is said beside the peak.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import os
import re
import resource
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from benchwright.cards.audits.openness import AUDIT as OPENNESS
from benchwright.cards.audits.openness import OpennessSettings
from benchwright.cards.audits.subject import Subject
from benchwright.cards.audits.text_vectors import prompt_vectors, unit
from benchwright.cards.audits.worst_classes import AUDIT as WORST_CLASSES
from benchwright.cards.audits.worst_classes import WorstClassesSettings
from benchwright.curation.embeddings import METADATA, EmbeddingSet, Part, write_model, write_parts
from benchwright.curation.models.identity import ModelIdentity
from benchwright.curation.models.preprocess import Preprocess
from benchwright.curation.models.prompts import openai_templates
from benchwright.dataset import Dataset, Shard
from benchwright.seeding import digest

A_SHARD = 5000
"""Images of a shard: some 1 GB of photographs."""

VOCABULARIES = 50

NOISE = 7
"""Length of noise in an image, its class having 1: of 1,000 classes half the images are right."""

PROMPT_NOISE = 0.3
"""Of a text, so that prompts differ."""


@dataclass(frozen=True)
class MadeUp:
    """A text tower that knows classes by their number: a random vector each, and some noise."""

    width: int
    logit_scale: float = 100.0

    @property
    def identity(self) -> ModelIdentity:
        """Of a CLIP."""
        return ModelIdentity(
            "made/up", "clip", "0" * 64, "", self.width, 32, "float32", Preprocess(32).to_json()
        )

    def encode_texts(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Vectors [n, width] of unit length."""
        return np.stack([self._encode(text) for text in texts])

    def _encode(self, text: str) -> NDArray[np.float32]:
        named = re.search(r"class \d+", text)
        noise = PROMPT_NOISE * random_direction(text, self.width)
        return unit(random_direction(named[0] if named else text, self.width) + noise)


def random_direction(name: str, width: int) -> NDArray[np.float32]:
    """The same unit vector whenever it is asked for."""
    return unit(np.random.default_rng(digest(name)).standard_normal(width, np.float32))


def main() -> None:
    """Make a set, run both audits on it, and print a line each."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    for name, default in (("images", 50_000), ("classes", 1000), ("width", 512)):
        parser.add_argument(f"--{name}", type=int, default=default)
    sizes = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        os.environ["BENCHWRIGHT_CACHE"] = f"{folder}/cache"
        model = MadeUp(sizes.width)
        shards = write_set(Path(folder), sizes.images, sizes.classes, model)
        prompt_vectors(model, class_names(sizes.classes), "openai")  # type: ignore[arg-type]
        for audit in ("openness", "worst_classes"):
            arguments = (audit, Path(folder), shards, sizes.classes, sizes.width)
            process = multiprocessing.get_context("spawn").Process(target=measure, args=arguments)
            process.start()
            process.join()
            if process.exitcode:
                raise SystemExit(process.exitcode)


def class_names(classes: int) -> list[str]:
    """Of so many, in order of their names, as audits have them."""
    return sorted(f"class {at}" for at in range(classes))


def write_set(folder: Path, images: int, classes: int, model: MadeUp) -> list[Shard]:
    """Embeddings of scenes of one object each, as ``embed`` writes them."""
    names = class_names(classes)
    centres = np.stack([random_direction(name, model.width) for name in names])
    shards, parts = [], []
    for number, start in enumerate(range(0, images, A_SHARD)):
        rng = np.random.default_rng(number)
        shown = rng.integers(0, classes, min(A_SHARD, images - start))
        noise = rng.standard_normal((len(shown), model.width), np.float32) / model.width**0.5
        part = Part(number, f"one/test-{number:05d}.tar", "0" * 64, len(shown))
        for path in (part.vectors_file(folder), part.metadata_file(folder)):
            path.parent.mkdir(parents=True, exist_ok=True)
        vectors = unit(centres[shown] + NOISE * noise)
        np.save(part.vectors_file(folder), vectors.astype(np.float16))
        rows = [_row(f"{start + at:016x}", part.shard, names[cls]) for at, cls in enumerate(shown)]
        pq.write_table(pa.Table.from_pylist(rows, METADATA), part.metadata_file(folder))
        shards.append(Shard(part.shard, "one", "test", len(shown), 0, part.sha256, ""))
        parts.append(part)
    write_model(folder, model.identity, "exact", {})
    write_parts(folder, parts)
    return shards


def _row(key: str, shard: str, name: str) -> dict[str, Any]:
    return {
        "key": key, "shard": shard, "caption": "", "url": "", "width": 512, "height": 512,
        "sha256": "", "phash": 0, "brightness": 0.5, "saliency": 0.1,
        "json": json.dumps({"key": key, "twin_of": "", "objects": [{"name": name}]}),
    }  # fmt: skip


def measure(audit: str, folder: Path, shards: list[Shard], classes: int, width: int) -> None:
    """Run one audit, texts and all, and say what it took."""
    dataset = Dataset(folder, tuple(shards))
    subject = Subject(dataset, "scenes", MadeUp(width), EmbeddingSet.open(folder))  # type: ignore[arg-type]
    openai_templates()  # imports open_clip, which an audit has done when it loaded its model
    before, start, cpu = peak(), time.perf_counter(), time.process_time()
    if audit == "openness":
        names = class_names(classes)
        groups = {f"group {at}": names[at::VOCABULARIES] for at in range(VOCABULARIES)}
        findings = OPENNESS.run(subject, OpennessSettings(vocabularies=groups, trials=3))
    else:
        findings = WORST_CLASSES.run(subject, WorstClassesSettings(enriched=0))
    seconds = time.perf_counter() - start
    cpu = time.process_time() - cpu
    said = ", ".join(f"{r.measure} {r.estimate:.3f}" for r in findings.results[:4])
    print(
        f"{audit}: {seconds:.1f} s ({cpu:.1f} of CPU), peak {peak():,} MB, "
        f"{before:,} of them before it began ({said})"
    )


def peak() -> int:
    """The most memory that this process has held, in MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024


if __name__ == "__main__":
    main()
