"""The schema of a text set's samples: one row of a Parquet shard each, which needs no manifest."""

from __future__ import annotations

from typing import Any

import pyarrow as pa

from benchwright.record_schema import feature

VERSION = 1
"""Raised when a column is added, removed or changes meaning: datasets are then rebuilt."""

ORDINALS = ("first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth")
"""Columns of the mention positions: to filter and group by without unpacking ``names``."""

CONTRAST = pa.struct([("text", pa.string()), ("order", pa.string()), ("replaced", pa.string())])
CAPTION = pa.schema(
    [
        ("key", pa.string()),
        ("text", pa.string()),
        ("template", pa.string()),
        ("objects", pa.int32()),
        ("names", pa.list_(pa.string())),
        ("sizes", pa.list_(pa.string())),
        *((ordinal, pa.string()) for ordinal in ORDINALS),
        ("absent", pa.string()),
        ("contrasts", pa.list_(CONTRAST)),
    ]
)
"""One row a caption, the same columns in every config, so that configs can be concatenated."""


def features() -> list[dict[str, Any]]:
    """The columns as the dataset card's front matter declares them."""
    return [{"name": field.name, **feature(field.type)} for field in CAPTION]
