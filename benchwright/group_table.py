"""``groups.parquet``: a row a class of a mined set, with its pair of backgrounds and both drops.

The pair was chosen on the discovery half and tested on the confirmation half; the drop on the
discovery half is therefore too large on average (the winner's curse), and both are kept.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from benchwright.dataset import GROUPS, read_table
from benchwright.errors import DatasetError
from benchwright.shards import replacing

ACCURACY, FREQUENCY = "accuracy", "frequency"
PAIRINGS = (ACCURACY, FREQUENCY)
"""How a pair was chosen: best against worst background, or most frequent against rarest."""


@dataclass(frozen=True, slots=True)
class GroupRow:
    """A class with its pair. Accuracies, drops and interval ends are shares, -1 to 1.

    Attributes:
        cls: name of the class.
        common, counter: its pair of backgrounds.
        pairing: ``accuracy`` or ``frequency``: what "common" means.
        n_common_discovery, n_counter_discovery: samples of the half that chose the pair.
        n_common, n_counter: samples of the half that tested it.
        accuracy_common_discovery, accuracy_counter_discovery: the probe's, there.
        accuracy_common, accuracy_counter: the probe's, on the confirmation half.
        drop_discovery: common - counter where the pair was chosen, with its nominal 95 % interval.
        drop_confirmation: common - counter where it was tested.
        low, high: its 95 % interval (Newcombe).
        p: one-sided, since discovery fixed the direction.
        p_adjusted: by Benjamini and Hochberg over the classes tested.
        confirmed: whether it is below the rate of false discoveries asked for.
        reason: why not; "" if confirmed.
    """

    cls: str
    common: str
    counter: str
    pairing: str
    n_common_discovery: int
    n_counter_discovery: int
    n_common: int
    n_counter: int
    accuracy_common_discovery: float
    accuracy_counter_discovery: float
    accuracy_common: float
    accuracy_counter: float
    drop_discovery: float
    low_discovery: float
    high_discovery: float
    drop_confirmation: float
    low: float
    high: float
    p: float
    p_adjusted: float
    confirmed: bool
    reason: str


def _column(name: str, kind: str) -> tuple[str, pa.DataType]:
    types = {"str": pa.string(), "int": pa.int32(), "float": pa.float64(), "bool": pa.bool_()}
    return name, types[kind]


SCHEMA = pa.schema([_column(name, kind) for name, kind in GroupRow.__annotations__.items()])
"""Columns are the fields of ``GroupRow``."""


def write(folder: Path, rows: Iterable[GroupRow]) -> None:
    """Write the table of a dataset folder, sorted by class."""
    ordered = sorted(rows, key=lambda row: (row.cls, row.pairing))
    with replacing(folder / GROUPS) as file:
        table = pa.Table.from_pylist([asdict(row) for row in ordered], SCHEMA)
        pq.write_table(table, file, compression="zstd")


def read(folder: Path) -> list[GroupRow]:
    """The table of a dataset folder.

    Raises:
        DatasetError: it is missing, of another schema, or says what cannot be.
    """
    found = [GroupRow(**row) for row in read_table(folder / GROUPS, SCHEMA).to_pylist()]
    for row in found:
        if not row.low <= row.drop_confirmation <= row.high or row.pairing not in PAIRINGS:
            raise DatasetError(
                f"{folder / GROUPS}: {row.cls}: its drop lies outside its interval, or its pairing "
                "is unknown"
            )
    return found
