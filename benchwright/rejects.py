"""``rejects.parquet``: what was looked at and not used, a row each, with the reason."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from benchwright.dataset import REJECTS, read_table
from benchwright.rejection import Reason
from benchwright.shards import replacing

SCHEMA = pa.schema([(name, pa.string()) for name in ("key", "shard", "reason", "detail")])
"""``reason`` is a ``Reason``; ``shard`` is where the thing was found, ``key`` its name there."""


@dataclass(frozen=True, slots=True)
class Reject:
    """Something that is not in the set.

    Attributes:
        key: its name where it was found.
        shard: the shard or folder it was found in; "" where there is none.
        reason: why it is left out.
        detail: what a person needs to see the reason: a measured value, the other of a pair.
    """

    key: str
    shard: str
    reason: Reason
    detail: str = ""


def table(rejects: Iterable[Reject]) -> pa.Table:
    """Rejects as a table of ``SCHEMA``, in a fixed order."""
    rows = [asdict(reject) for reject in rejects]
    return ordered(pa.Table.from_pylist(rows, SCHEMA))


def ordered(rejects: pa.Table) -> pa.Table:
    """The rows sorted, so that the same rejects give the same bytes."""
    return rejects.sort_by([(name, "ascending") for name in SCHEMA.names]).combine_chunks()


def write(folder: Path, rejects: pa.Table) -> None:
    """Write the table of a dataset folder."""
    with replacing(folder / REJECTS) as file:
        pq.write_table(ordered(rejects), file, compression="zstd")


def read(folder: Path) -> pa.Table:
    """The table of a dataset folder.

    Raises:
        DatasetError: it is missing, or not a table of rejects.
    """
    return read_table(folder / REJECTS, SCHEMA)


def by_reason(rejects: pa.Table) -> Counter[str]:
    """Reason to number of rows."""
    counted = pc.value_counts(rejects["reason"].combine_chunks()).to_pylist()
    return Counter({row["values"]: row["counts"] for row in counted})
