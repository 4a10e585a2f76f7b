"""Progressions: an audit's numbers over the checkpoints of one training, as curves.

"CLIP Under the Microscope" (Abbasi et al., CVPR 2025) follows the share of the first mentioned
object over LAION checkpoints of 2 to 10 billion samples seen; here any audit's numbers are.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
from pydantic import ValidationError

from benchwright.cards.audits.result import AuditFile, Result
from benchwright.cards.audits.running import FOLDER, slug
from benchwright.cards.figures.audit_plots import Step, progression_plot
from benchwright.dataset import read_table
from benchwright.errors import DatasetError
from benchwright.shards import replacing

ENDING = "-progression.parquet"
FILES = f"{FOLDER}/*/*{ENDING}"

UNKNOWN = -1
"""Samples seen where the list does not say."""

FEWEST_STEPS = 2
"""Of a curve."""

MOST_PLOTTED = 12
"""Measures of an audit with a plot of their own, the first ones; the table has all."""

MOST_GROUPS = 7
"""Curves in a plot: as many as there are colours that can be told apart."""

SCHEMA = pa.schema(
    [
        pa.field("place", pa.int32(), nullable=False),  # in the list of checkpoints, 0 the first
        pa.field("model", pa.string(), nullable=False),
        pa.field("samples_seen", pa.int64(), nullable=False),  # UNKNOWN if the list has none
        pa.field("measure", pa.string(), nullable=False),
        pa.field("group", pa.string(), nullable=False),  # "" of the whole
        pa.field("n", pa.int64(), nullable=False),
        *(pa.field(name, pa.float64(), nullable=False) for name in ("estimate", "low", "high")),
    ]
)
"""Columns of a progression's table: a row a number and checkpoint, checkpoints in order."""


@dataclass(frozen=True, slots=True)
class Audited:
    """A checkpoint's audit.

    Attributes:
        file: what the audit found.
        samples_seen: image-text pairs the checkpoint was trained on; ``UNKNOWN`` if nobody said.
    """

    file: AuditFile
    samples_seen: int = UNKNOWN


@dataclass(frozen=True, slots=True)
class Progression:
    """One audit over a list of checkpoints, in its order.

    Attributes:
        audit: its name.
        name: of the list.
        steps: the checkpoints.
    """

    audit: str
    name: str
    steps: tuple[Audited, ...]

    @property
    def measures(self) -> list[str]:
        """What was measured, in the audit's order."""
        return list(dict.fromkeys(r.measure for step in self.steps for r in step.file.results))

    def plot(self, measure: str) -> bytes:
        """The curve of each group of a measure, with intervals. PNG."""
        groups = list(dict.fromkeys(
            r.group for step in self.steps for r in step.file.results if r.measure == measure
        ))  # fmt: skip
        curves = {group or "all": list(self._curve(measure, group))
                  for group in groups[:MOST_GROUPS]}  # fmt: skip
        cut = f": the first {MOST_GROUPS} of {len(groups)} groups"
        title = f"{self.audit}, {self.name}{cut if len(groups) > MOST_GROUPS else ''}"
        known = all(step.samples_seen != UNKNOWN for step in self.steps)
        names = () if known else tuple(step.file.model for step in self.steps)
        return progression_plot(title, measure, curves, names)

    def _curve(self, measure: str, group: str) -> Iterator[Step]:
        known = all(step.samples_seen != UNKNOWN for step in self.steps)
        for place, step in enumerate(self.steps):
            for r in step.file.results:
                if (r.measure, r.group) == (measure, group):
                    at = step.samples_seen if known else place
                    yield Step(float(at), r.estimate, r.low, r.high)

    def table(self) -> pa.Table:
        """All numbers, as ``SCHEMA`` has them."""
        rows = [
            {"place": place, "model": step.file.model, "samples_seen": step.samples_seen,
             **result.model_dump()}
            for place, step in enumerate(self.steps)
            for result in step.file.results
        ]  # fmt: skip
        return pa.Table.from_pylist(rows, SCHEMA)


def write(folder: Path, found: Progression) -> list[Path]:
    """Write a progression beside the audits: its table, and a plot a measure.

    Args:
        folder: the dataset.
        found: of ``FEWEST_STEPS`` checkpoints or more.

    Returns:
        What was written, the table first.

    Raises:
        DatasetError: it cannot be written.
    """
    home, stem = folder / FOLDER / found.audit, slug(found.name)
    table = home / f"{stem}{ENDING}"
    with replacing(table) as file:
        pq.write_table(found.table(), file, compression="zstd")
    written = [table]
    for measure in found.measures[:MOST_PLOTTED]:
        written.append(home / f"{stem}-progression-{slug(measure)}.png")
        with replacing(written[-1]) as file:
            file.write(found.plot(measure))
    return written


def tables(folder: Path, name: str) -> list[Path]:
    """The tables of a list's progressions, an audit each."""
    return sorted(folder.glob(f"{FOLDER}/*/{slug(name)}{ENDING}"))


def stored_progressions(folder: Path) -> list[Progression]:
    """The progressions that lie beside a dataset's audits; a file that is none is left out."""
    return [_read(path) for path in sorted(folder.glob(FILES)) if fault(path) is None]


def fault(path: Path) -> str | None:
    """Why a file is no progression; None if it is one."""
    try:
        _read(path)
    except (DatasetError, ValidationError) as error:
        return " ".join(str(error).split())[:200]
    return None


def _read(path: Path) -> Progression:
    audit, steps = path.parent.name, list[Audited]()
    rows = read_table(path, SCHEMA).to_pylist()
    for place in sorted({row["place"] for row in rows}):
        mine = [row for row in rows if row["place"] == place]
        results = [Result(**{name: row[name] for name in Result.model_fields}) for row in mine]
        first = mine[0]
        file = AuditFile(audit=audit, model=first["model"], settings={}, results=results)
        steps.append(Audited(file, first["samples_seen"]))
    return Progression(audit, path.name.removesuffix(ENDING), tuple(steps))


def progressions(
    name: str, models: Sequence[str], samples_seen: Sequence[int | None], files: Sequence[AuditFile]
) -> list[Progression]:
    """Audits over a list of checkpoints; of an audit that fewer than two of them have, nothing.

    Args:
        name: of the list.
        models: as the audits' files call the checkpoints, in the list's order.
        samples_seen: of each; None where the list does not say.
        files: audits of these models, and of others.
    """
    found = []
    for audit in dict.fromkeys(file.audit for file in files):
        by_model = {file.model: file for file in files if file.audit == audit}
        steps = tuple(
            Audited(by_model[model], UNKNOWN if seen is None else seen)
            for model, seen in zip(models, samples_seen, strict=True)
            if model in by_model
        )
        if len(steps) >= FEWEST_STEPS:
            found.append(Progression(audit, name, steps))
    return found
