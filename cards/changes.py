"""What one version of a set holds that another does not, and why."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from benchwright.cards.reasons import Made, why_added, why_changed, why_removed
from benchwright.errors import DatasetError

KINDS = ADDED, REMOVED, CHANGED = "added", "removed", "changed"

SCHEMA = pa.schema([(name, pa.string()) for name in ("change", "config", "split", "key", "why")])
"""One row a sample that is not as it was; a changed one has its key still, and other bytes."""

NEEDED = {
    "config": pa.string(), "split": pa.string(), "key": pa.string(), "sha256": pa.string(),
    "objects": pa.list_(pa.string()), "twin_of": pa.string(),
}  # fmt: skip
"""Columns of a manifest that are compared, whichever version wrote it."""


@dataclass(frozen=True, slots=True)
class Changes:
    """How two versions differ.

    Attributes:
        table: as ``SCHEMA``, sorted.
        unchanged: samples that both hold, byte for byte.
    """

    table: pa.Table
    unchanged: int

    def of(self, kind: str) -> pa.Table:
        """The rows of samples that were ``added``, ``removed`` or ``changed``."""
        return self.table.filter(pc.equal(self.table["change"], kind))

    def count(self, kind: str) -> int:
        """How many those are."""
        return self.of(kind).num_rows


def read_manifest(path: Path) -> pa.Table:
    """The compared columns of a manifest, which another version, or a stranger, may have written.

    Raises:
        DatasetError: it lacks one of them, or is no table.
    """
    try:
        table = pq.read_table(path, columns=list(NEEDED))
        return table.select(list(NEEDED)).cast(pa.schema(NEEDED.items())).combine_chunks()
    except (OSError, KeyError, pa.ArrowException) as error:
        raise DatasetError(f"{path.name} of the published version is no manifest") from error


def compare(before: Made | None, after: Made) -> Changes:
    """What must be done to ``before`` to get ``after``.

    Args:
        before: the published version; None if there is none yet.
        after: the one to be published.
    """
    new = after.manifest
    if before is None:
        return Changes(_rows(ADDED, new, np.full(len(new), "first version", object)), 0)
    old = before.manifest
    places = pc.index_in(_ids(new), _ids(old))
    is_added, is_removed = pc.is_null(places), pc.invert(pc.is_in(_ids(old), _ids(new)))
    both = new.filter(pc.invert(is_added))
    was = old["sha256"].take(pc.drop_null(places))
    changed = both.filter(pc.not_equal(both["sha256"], was))
    added, removed = new.filter(is_added), old.filter(is_removed)
    parts = (
        _rows(ADDED, added, why_added(added, before, after)),
        _rows(REMOVED, removed, why_removed(removed, before, after)),
        _rows(CHANGED, changed, np.full(len(changed), why_changed(before, after), object)),
    )
    order = [(name, "ascending") for name in ("change", "config", "split", "key")]
    return Changes(pa.concat_tables(parts).sort_by(order), len(both) - len(changed))


def _ids(table: pa.Table) -> pa.ChunkedArray:
    """Config, split and key of each row as one string: what a sample is known by."""
    return pc.binary_join_element_wise(table["config"], table["split"], table["key"], "/")


def _rows(change: str, of: pa.Table, why: Any) -> pa.Table:
    columns = [pa.array([change] * len(of), pa.string()), of["config"], of["split"], of["key"],
               pa.array(why, pa.string())]  # fmt: skip
    return pa.table(columns, schema=SCHEMA)
