"""Rows of labels: the declared columns of ``labels_0000.parquet``, and what they add up to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, astuple, dataclass

import pyarrow as pa
import pyarrow.compute as pc

from benchwright.curation.labelling.verdicts import Indices

LABELS: pa.Schema = pa.schema(
    [
        pa.field(name, kind, nullable=False)
        for name, kind in {
            "key": pa.string(),
            "shard": pa.string(),
            "cls": pa.string(),  # "" where no class is claimed
            "class_source": pa.string(),  # caption, folder, metadata; "" without a class
            "classes": pa.list_(pa.field("element", pa.string(), nullable=False)),  # all claimed
            "judge_class": pa.string(),  # the judge's first choice of all labels
            "judge_probability": pa.float32(),  # of cls
            "vouched": pa.bool_(),
            "crowd": pa.float32(),  # verdicts.ClassVerdict
            "background": pa.string(),  # "" where the judge abstained
            "background_first": pa.string(),  # the most probable one, whether it is clear or not
            "background_probability": pa.float32(),  # of the most probable one
            "background_margin": pa.float32(),  # its lead over the second
            "background_parent": pa.string(),  # "" where that is unclear too
            "prediction": pa.string(),  # the probe's first choice of all labels; "" if it has none
            "score": pa.float32(),  # the probe's probability of cls
            "correct": pa.bool_(),
        }.items()
    ]
)
"""One row a sample of the judge's embedding set, in its order; no nulls."""

ANSWERS: pa.Schema = pa.schema(
    [LABELS.field(name) for name in ("key", "cls", "prediction", "score", "correct")]
)
"""One row a sample: what one more probe, prompt or label set says."""


@dataclass(frozen=True, slots=True)
class Counts:
    """What became of samples.

    Attributes:
        samples: all of them: ``classless + doubted + unclear + labelled``.
        classless: without a claimed class.
        doubted: with one that the judge does not vouch for.
        unclear: vouched for, on a background that the judge will not name.
        labelled: with class and background.
        correct: of the labelled, those the probe got right.
    """

    samples: int = 0
    classless: int = 0
    doubted: int = 0
    unclear: int = 0
    labelled: int = 0
    correct: int = 0

    def __add__(self, other: Counts) -> Counts:
        """Those of both."""
        return Counts(*(a + b for a, b in zip(astuple(self), astuple(other), strict=True)))

    @classmethod
    def of(cls, table: pa.Table) -> Counts:
        """Count rows of ``LABELS``."""
        claimed = pc.not_equal(table["cls"], "")
        vouched = pc.and_(claimed, table["vouched"])
        placed = pc.and_(vouched, pc.not_equal(table["background"], ""))
        right = pc.and_(placed, table["correct"])
        counts = [pc.sum(mask).as_py() or 0 for mask in (claimed, vouched, placed, right)]
        total, (has_class, sure, labelled, correct) = table.num_rows, counts
        return cls(total, total - has_class, has_class - sure, sure - labelled, labelled, correct)

    def to_dict(self) -> dict[str, int]:
        """The fields, for JSON."""
        return asdict(self)


def named(names: Sequence[str], indices: Indices) -> pa.Array:
    """The name of each index; an empty one for -1."""
    return pa.array([*names, ""], pa.string()).take(pa.array(indices % (len(names) + 1)))


def table_of(schema: pa.Schema, **columns: object) -> pa.Table:
    """A table of just the declared columns, in the declared types."""
    arrays = [
        column.cast(field.type)
        if isinstance(column := columns.pop(field.name), (pa.Array, pa.ChunkedArray))
        else pa.array(column, field.type)
        for field in schema
    ]
    assert not columns, columns
    return pa.table(arrays, schema=schema)
