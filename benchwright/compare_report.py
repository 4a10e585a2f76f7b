"""What the command line says about audits side by side, and the files it writes of them."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchwright import console
from benchwright.dataset import write_text
from benchwright.errors import BenchwrightError
from benchwright.shards import replacing

if TYPE_CHECKING:
    from benchwright.cards.audits.compare import Comparison, Difference, Row

MOST_NUMBERS = 12
"""Numbers printed of an audit, each of all models; a file has all."""

HEADER = ("audit", "number", "model", "n", "estimate (95 %)", "less baseline (95 %)", "how")

CSV_HEADER = ("audit", "measure", "group", "model", "n", "estimate", "low", "high", "difference",
              "difference_low", "difference_high", "how")  # fmt: skip

ENDINGS = (".md", ".csv")


def comparison_summary(found: Comparison) -> dict[str, Any]:
    """The comparison as plain values."""
    return {
        "baseline": found.baseline,
        "columns": list(found.columns),
        "notes": list(found.notes),
        "rows": [
            {
                "audit": row.audit,
                "model": row.column,
                **row.result.model_dump(mode="json"),
                "difference": asdict(row.difference) if row.difference else None,
            }
            for row in found.rows
        ],
    }


def show_comparison(found: Comparison) -> None:
    """Print a table an audit, and what must be known of them."""
    for audit, of_audit in groupby(found.rows, key=lambda row: row.audit):
        rows = list(of_audit)
        shown = _first_numbers(rows)
        title = f"{audit}; differences from {rows[0].column}"
        console.table(title, ("number, model", *HEADER[3:]), _stacked(shown))
        if left := len(_places(rows)) - len(_places(shown)):
            console.say(f"and {left} more numbers: --out FILE.md or FILE.csv has all")
    for note in found.notes:
        console.say(note)


def check_ending(path: Path) -> None:
    """Refuse a file of a kind that is not written.

    Raises:
        BenchwrightError: neither .md nor .csv.
    """
    if path.suffix not in ENDINGS:
        raise BenchwrightError(f"--out {path}: name a file that ends in {' or '.join(ENDINGS)}")


def write_comparison(path: Path, found: Comparison, plot: bytes | None) -> list[Path]:
    """Write all numbers, as Markdown or as CSV by the file's name, and the plot beside them.

    Args:
        path: ends in ``.md`` or ``.csv``.
        found: what is written.
        plot: PNG of the models' effective robustness, if there is one.

    Returns:
        What was written.

    Raises:
        DatasetError: it cannot be written there.
    """
    beside = path.with_name(f"{path.stem}-robustness.png")
    drawn = beside.name if plot else None
    text = _as_csv(found) if path.suffix == ".csv" else _as_markdown(found, drawn)
    path.parent.mkdir(parents=True, exist_ok=True)
    write_text(path, text)
    if plot is None:
        return [path]
    with replacing(beside) as file:
        file.write(plot)
    return [path, beside]


def _places(rows: Iterable[Row]) -> list[tuple[str, str]]:
    return list(dict.fromkeys((row.result.measure, row.result.group) for row in rows))


def _first_numbers(rows: Sequence[Row]) -> list[Row]:
    kept = set(_places(rows)[:MOST_NUMBERS])
    return [row for row in rows if (row.result.measure, row.result.group) in kept]


def _lines(rows: Iterable[Row]) -> Iterator[tuple[str, ...]]:
    """A line a number and model; what the line above says too is left blank."""
    above: tuple[str, ...] = ()
    for row in rows:
        result = row.result
        place = (row.audit, ": ".join(filter(None, (result.measure, result.group))))
        said = ("", "") if place == above else place
        estimate = f"{result.estimate:.3f} ({result.interval})"
        yield (*said, row.column, f"{result.n:,}", estimate, *_apart(row.difference))
        above = place


def _stacked(rows: Iterable[Row]) -> list[tuple[str, ...]]:
    """The same for a terminal, where models stand below the number: names stay whole."""
    lines: list[tuple[str, ...]] = []
    for _, number, model, *cells in _lines(rows):
        if number:
            lines.append((number, *[""] * len(cells)))
        lines.append((f"  {model}", *cells))
    return lines


def _apart(difference: Difference | None) -> tuple[str, str]:
    if difference is None:
        return "", ""
    claimed = difference.how in ("paired", "independent")
    bounds = f" ({difference.low:+.3f} to {difference.high:+.3f})" if claimed else ""
    return f"{difference.estimate:+.3f}{bounds}", difference.how


def _as_markdown(found: Comparison, plot: str | None) -> str:
    from benchwright.cards.sections.markdown import escape, table

    parts = [f"# Audits, compared with {escape(found.baseline)}"]
    if plot:
        parts.append(f"![accuracy on counter against accuracy on common, by model]({plot})")
    for audit, rows in groupby(found.rows, key=lambda row: row.audit):
        lines = [(*map(escape, cells[1:3]), *cells[3:]) for cells in _lines(rows)]
        parts += [f"## {escape(audit)}", table(HEADER[1:], lines)]
    parts.append(
        "Paired: over the same samples. Independent: from both intervals, which is too wide where "
        "samples are shared."
    )
    parts += [f"- {escape(note)}" for note in found.notes]
    return "\n\n".join(parts) + "\n"


def _as_csv(found: Comparison) -> str:
    file = io.StringIO()
    writer = csv.writer(file, lineterminator="\n")
    writer.writerow(CSV_HEADER)
    for row in found.rows:
        r, d = row.result, row.difference
        apart = (d.estimate, d.low, d.high, d.how) if d else ("", "", "", "")
        numbers = (r.n, r.estimate, r.low, r.high)
        writer.writerow((row.audit, r.measure, r.group, row.column, *numbers, *apart))
    return file.getvalue()
