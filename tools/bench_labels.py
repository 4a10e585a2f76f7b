"""How long labelling takes on stored embeddings, and a class and a background more.

    python tools/bench_labels.py --samples 100000 --judge ViT-B-32/random --probe ViT-B-16/random

Vectors are drawn at random: nothing about accuracy is measured here, only time and memory. The
models are real ones, with random weights so that nothing is fetched; of them only texts are asked.
"""

from __future__ import annotations

import argparse
import resource
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from benchwright.curation.embeddings import METADATA, EmbeddingSet, Part, write_model, write_parts
from benchwright.curation.labelling.backgrounds import backgrounds
from benchwright.curation.labelling.classes import classes
from benchwright.curation.labelling.label_rows import Counts
from benchwright.curation.labelling.label_sets import IMAGENET, label_set
from benchwright.curation.labelling.labels import label_part
from benchwright.curation.labelling.plan import LabelPlan, plan
from benchwright.curation.models.identity import Model, ModelIdentity
from benchwright.curation.models.registry import load_model
from benchwright.label_settings import BackgroundEntry, ClassEntry, Label

PART = 10_000
"""Samples a part, as img2dataset's shards have by default."""

LYNX = ClassEntry(name="lynx", synonyms=["bobcat"], index=287)
LAVA = BackgroundEntry(name="lava", parent="land", phrases=["on the lava"])

Result = TypeVar("Result")


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--samples", type=int, default=100_000)
    parser.add_argument("--judge", default="ViT-B-32/random")
    parser.add_argument("--probe", default="ViT-B-16/random")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="benchwright-labels-") as folder:
        measure(Path(folder), options.samples, options.judge, options.probe)


def measure(folder: Path, samples: int, judge_id: str, probe_id: str) -> None:
    """Label, extend, and label again, each timed."""
    loaded: list[str] = []

    def load(model_id: str) -> Model:
        loaded.append(model_id)
        return load_model(model_id)

    judge, probe = (
        written(folder / name, load_model(model_id).identity, samples)
        for name, model_id in (("judge", judge_id), ("probe", probe_id))
    )
    chosen, behind = ["counteranimal"], ["counteranimal"]
    labels = timed("ImageNet's labels", lambda: label_set(IMAGENET))

    def planned(extra_class: list[ClassEntry], extra: list[BackgroundEntry]) -> LabelPlan:
        of = classes([*chosen, *extra_class]), labels, backgrounds([*behind, *extra])
        return plan(judge, probe, *of, Label(class_from="folder"), folder / "work", load)

    first = timed("prompts of 45 classes, 14 backgrounds", lambda: planned([], []))
    timed(f"labels of {samples:,} samples", lambda: labelled(first))
    print(f"  peak memory {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**10:,.0f} MB")
    again = timed("prompts again, nothing new", lambda: planned([], []))
    timed("labels again, nothing new", lambda: labelled(again))
    loaded.clear()
    more = timed("prompts with a class and a background more", lambda: planned([LYNX], [LAVA]))
    print(f"  models loaded for their texts: {', '.join(loaded)}; images looked at: none")
    timed(f"labels of {samples:,} samples", lambda: labelled(more))


def timed(what: str, work: Callable[[], Result]) -> Result:
    """Do it and say how long it took."""
    start, busy = time.perf_counter(), time.process_time()
    result = work()
    wall, cpu = time.perf_counter() - start, time.process_time() - busy
    print(f"{wall:8.2f} s, {cpu:8.2f} s of CPU  {what}", flush=True)
    return result


def labelled(chosen: LabelPlan) -> Counts:
    """Label all parts, one after the other."""
    return sum((label_part(task) for task in chosen.tasks()), Counts())


def written(folder: Path, identity: ModelIdentity, samples: int) -> EmbeddingSet:
    """A set of random vectors, whose shards lie in folders named by class."""
    names, drawn = classes("counteranimal").names, np.random.default_rng(0)
    parts = []
    for number in range(-(-samples // PART)):
        count = min(PART, samples - number * PART)
        shard = f"{names[number % len(names)]}/{number:05d}.tar"
        part = Part(number, shard, f"{number:064x}", count)
        vectors = drawn.normal(size=(count, identity.width)).astype(np.float16)
        values = {
            "key": [f"{number:05d}-{row:05d}" for row in range(count)],
            "shard": [shard] * count,
        }
        columns = [
            pa.array(values.get(field.name, _blank(field.type, count)), field.type)
            for field in METADATA
        ]
        for file in (part.vectors_file(folder), part.metadata_file(folder)):
            file.parent.mkdir(parents=True, exist_ok=True)
        np.save(part.vectors_file(folder), vectors)
        pq.write_table(pa.table(columns, schema=METADATA), part.metadata_file(folder))
        parts.append(part)
    write_model(folder, identity, "exact", {})
    write_parts(folder, parts)
    return EmbeddingSet.open(folder)


def _blank(kind: pa.DataType, count: int) -> list[object]:
    return ["" if pa.types.is_string(kind) else 0] * count


if __name__ == "__main__":
    main()
