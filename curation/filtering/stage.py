"""The filter step over one part: every sample gets one row, kept or with its reason."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from benchwright.curation.filtering.columns import Columns
from benchwright.curation.filtering.filters import FILTERS, Measured, Thresholds, first_reject
from benchwright.curation.filtering.filters import measure as measure_all
from benchwright.rejection import Reason
from benchwright.shards import replacing

FILTERED: pa.Schema = pa.schema(
    [
        pa.field("key", pa.string(), nullable=False),
        pa.field("shard", pa.string(), nullable=False),
        pa.field("reason", pa.string(), nullable=False),  # a Reason; "" = kept
        pa.field("detail", pa.string(), nullable=False),
        *(pa.field(of.name, pa.float32(), nullable=False) for of in FILTERS),  # as measured
    ]
)
"""Columns of the filter step; none holds nulls."""


PLAIN = frozenset({Reason.NO_CLASS, Reason.NOT_FINITE, Reason.REVIEWED_OUT, Reason.LEAK})
"""Reasons that say all there is to say: there is no number behind them."""


def filter_part(columns: Columns, limits: Thresholds, path: Path) -> Counter[str]:
    """Filter the samples of one part.

    Args:
        columns: what is known of them.
        limits: filter's name to its threshold.
        path: the Parquet file to write, columns as ``FILTERED``.

    Returns:
        How many samples have each reason; "" for those kept.
    """
    measured = measure_all(columns)
    first = first_reject(measured, limits)
    table = pa.table(
        {
            "key": columns.metadata.column("key"),
            "shard": columns.metadata.column("shard"),
            "reason": [reason_of(index) for index in first],
            "detail": [_detail(row, int(at), measured, limits) for row, at in enumerate(first)],
            **measured,
        },
        FILTERED,
    )
    with replacing(path) as file:
        pq.write_table(table, file, compression="zstd")
    return Counter(table.column("reason").to_pylist())


def reason_of(index: int) -> str:
    """The reason of a filter by its index; "" for -1."""
    return "" if index < 0 else FILTERS[index].reason.value


def restore(table: pa.Table) -> dict[str, Measured]:
    """What a filter step measured, from its file."""
    return {of.name: table.column(of.name).to_numpy().astype(np.float32) for of in FILTERS}


def _detail(row: int, index: int, measured: Mapping[str, Measured], limits: Thresholds) -> str:
    if index < 0:
        return ""
    of = FILTERS[index]
    if of.reason in PLAIN:
        return ""
    return of.detail(float(measured[of.name][row]), limits[of.name])
