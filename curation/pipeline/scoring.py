"""The score step: labels, filters and clusters side by side, as the rows that groups count."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from benchwright.curation.embeddings import UNKNOWN, Part
from benchwright.curation.filtering.filters import FILTERS
from benchwright.curation.mining import scored
from benchwright.curation.mining.halves import half_of
from benchwright.curation.pipeline.labelling import labels_of
from benchwright.curation.pipeline.mining import Labelled, Mining
from benchwright.curation.pipeline.reviewing import Settled
from benchwright.curation.pipeline.sieving import cluster_file, filter_file
from benchwright.curation.pipeline.work import Step
from benchwright.shards import replacing

SAMPLES, SCORED = "samples", "scored"


def measured(name: str) -> str:
    """The column of what a filter measured."""
    return f"measured_{name}"


EVERY: pa.Schema = pa.schema(
    [
        *scored.SCHEMA,
        pa.field("reason", pa.string(), nullable=False),  # of the filter step; "" = passed
        pa.field("duplicate", pa.bool_(), nullable=False),  # of a sample that stays
        *(pa.field(measured(of.name), pa.float32(), nullable=False) for of in FILTERS),
    ]
)
"""A row a sample, used or not; ``background`` is the judge's first choice, clear or not.

What a threshold decides is kept beside it, so that ``sensitivity`` can decide otherwise.
"""


def sample_file(mining: Mining, part: Part) -> Path:
    """Every sample of a part, used or not."""
    return mining.work.folder / SAMPLES / f"samples_{part.name}.parquet"


def scored_file(mining: Mining, part: Part) -> Path:
    """The scored rows of a part: the samples that are used."""
    return mining.work.folder / SCORED / f"scored_{part.name}.parquet"


def score(mining: Mining, labelled: Labelled, after: Step) -> Step:
    """Write the rows that groups count.

    Args:
        mining: the run.
        labelled: the sets.
        after: the dedup step.
    """
    judge, settled = labelled.sets.judge, Settled.of_recipe(mining)

    def run(inputs: str) -> Step:
        used = 0
        with mining.begin("scoring") as progress:
            for part in judge.parts:
                used += _score(mining, labelled, part, settled)
                progress(used, after.kept)
        return Step("score", inputs, after.kept, used)

    def whole() -> bool:
        files = [f(mining, part) for part in judge.parts for f in (sample_file, scored_file)]
        return all(file.is_file() for file in files)

    return mining.work.step("score", [after.inputs, mining.recipe.seed], run, whole)


def _score(mining: Mining, labelled: Labelled, part: Part, settled: Settled) -> int:
    table = every(mining, labelled, part, settled)
    _write(sample_file(mining, part), table)
    used = pc.and_(pc.equal(table["reason"], ""), pc.invert(table["duplicate"]))
    rows = table.filter(used).select(scored.SCHEMA.names)
    _write(scored_file(mining, part), rows)
    return int(rows.num_rows)


def every(mining: Mining, labelled: Labelled, part: Part, settled: Settled) -> pa.Table:
    """A part's samples as ``EVERY`` declares them.

    A key is unique in a run only with its shard's name before it: shards of two downloads count
    from zero both.
    """
    labels = labels_of(labelled.plan, part, settled)
    filtered, clusters = (pq.read_table(of(mining, part)) for of in (filter_file, cluster_file))
    metadata = labelled.sets.judge.metadata(part, ["key", "shard", "brightness"])
    keys = [f"{s}/{k}" for s, k in zip(
        metadata["shard"].to_pylist(), metadata["key"].to_pylist(), strict=True
    )]  # fmt: skip
    joined = clusters["cluster"].to_pylist()
    names = [cluster or key for cluster, key in zip(joined, keys, strict=True)]
    columns = {
        "key": keys,
        "half": [half_of(mining.recipe.seed, name).value for name in names],
        "cluster": names,
        "background": labels["background_first"],
        "subject_scale": _known(filtered["min_subject"]),
        "brightness": _known(metadata["brightness"]),
        "reason": filtered["reason"],
        "duplicate": [bool(of) for of in clusters["duplicate_of"].to_pylist()],
        **{measured(of.name): filtered[of.name] for of in FILTERS},
    }
    for name in ("cls", "correct", "prediction", "score", "background_probability",
                 "background_margin"):  # fmt: skip
        columns[name] = labels[name]
    return pa.table({field.name: columns[field.name] for field in EVERY}, EVERY)


def _known(column: pa.ChunkedArray) -> pa.Array:
    """NaN where a number is not known: groups then leave it out of their means."""
    values = column.to_numpy().astype(np.float32)
    return pa.array(np.where(values == np.float32(UNKNOWN), np.nan, values), pa.float32())


def _write(path: Path, table: pa.Table) -> None:
    with replacing(path) as file:
        pq.write_table(table, file, compression="zstd")
