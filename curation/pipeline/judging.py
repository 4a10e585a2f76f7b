"""How far the judge is to be believed, on those of the images whose truth is known."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from benchwright.curation.embeddings import Part
from benchwright.curation.labelling.labels import read_labels
from benchwright.curation.labelling.plan import LabelPlan
from benchwright.curation.labelling.reliability import Cell, Reliability, Truth, reliability
from benchwright.curation.pipeline.mining import Labelled, Mining
from benchwright.errors import DatasetError
from benchwright.mined_findings import Judge, JudgeCell

ROW, KEY = "row", "key"
"""What a table of truth names its images by: the row of the table of addresses, or the sample."""

SHOWN = ("cls", "background")


def believed(mining: Mining, labelled: Labelled) -> Judge | None:
    """Hold the judge's labels against the truth; None where none is known.

    Raises:
        DatasetError: a table of truth that cannot be used, or that is of other images.
    """
    if mining.truth is None:
        return None
    known = _Truth.read(mining.truth)
    parts, truth = [], dict[str, tuple[str, str]]()
    for part in labelled.plan.judge.parts:
        rows, of_part = _known(labelled.plan, part, known)
        parts.append(rows)
        truth |= of_part
    if not truth:
        raise DatasetError(f"{mining.truth}: none of the images is in it; give that of these")
    return _judge(reliability(pa.concat_tables(parts), truth))


@dataclass(frozen=True, slots=True)
class _Truth:
    """A table of truth.

    Attributes:
        by: ``KEY`` or ``ROW``.
        shown: key or row to true class and background; "" where it shows none.
    """

    by: str
    shown: Mapping[Any, tuple[str, str]]

    @classmethod
    def read(cls, path: Path) -> _Truth:
        """A Parquet file with ``cls``, ``background`` and either ``key`` or ``row``.

        Where a column ``classes`` lists all that an image shows, those of several are left out:
        which of them a caption means is no question of truth.

        Raises:
            DatasetError: it is no such file.
        """
        try:
            names = pq.read_schema(path).names
            by = KEY if KEY in names else ROW
            wanted = [name for name in (by, *SHOWN, "classes") if name in names]
            lines = pq.read_table(path, columns=wanted).to_pylist()
        except (OSError, pa.ArrowException) as error:
            raise DatasetError(f"{path}: not a readable Parquet file of truth") from error
        if missing := [name for name in (by, *SHOWN) if name not in names]:
            raise DatasetError(
                f"{path}: has no column {' and '.join(missing)}; truth needs {KEY} or {ROW}, "
                f"{' and '.join(SHOWN)}"
            )
        return cls(by, {
            line[by]: (line["cls"] or "", line["background"] or "")
            for line in lines if len(line.get("classes") or ()) < 2
        })  # fmt: skip

    def of(self, key: str, facts: str) -> tuple[str, str] | None:
        """What a sample shows, if that is known."""
        if self.by == KEY:
            return self.shown.get(key)
        try:
            stated = json.loads(facts) if facts else None
        except (ValueError, RecursionError):
            return None
        row = stated.get(ROW) if isinstance(stated, dict) else None
        return self.shown.get(row) if isinstance(row, int) else None


def _known(plan: LabelPlan, part: Part, known: _Truth) -> tuple[pa.Table, Truth]:
    """The labels of a part's samples whose truth is known, keys with their shard's name before."""
    metadata = plan.judge.metadata(part, ["key", "shard", "json"]).to_pylist()
    wider = dict(zip(plan.backgrounds.names, plan.backgrounds.parent_of, strict=True))
    truth: dict[str, tuple[str, str]] = {}
    keys, at = list[str](), list[int]()
    for row, line in enumerate(metadata):
        shown = known.of(line["key"], line["json"])
        if shown is None:
            continue
        cls, background = shown
        if plan.settings.level == "coarse" and background in wider:
            background = plan.backgrounds.parents[wider[background]]
        keys.append(f"{line['shard']}/{line['key']}")
        at.append(row)
        truth[keys[-1]] = (cls, background)
    table = read_labels(plan.file(part)).take(pa.array(at, pa.int64()))
    column = table.schema.get_field_index("key")
    named = table.set_column(column, table.schema.field(column), pa.array(keys, pa.string()))
    return named, truth


def _judge(found: Reliability) -> Judge:
    error = found.background_error
    return Judge(
        tuple(_cell(cell) for cell in found.cells),
        found.wrong_claims.n,
        found.wrong_claims.k,
        None if math.isnan(error) else error,  # NaN: nothing was named
    )


def _cell(cell: Cell) -> JudgeCell:
    return JudgeCell(
        cell.cls, cell.background, cell.vouched.n, cell.vouched.k, cell.kept.k, cell.right.k
    )
