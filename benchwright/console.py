"""All output: messages, tables and progress on stderr, data on stdout."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.table import Table

PLAIN_EVERY = 10.0
"""Seconds between progress lines where there is no terminal."""

Progress = Callable[[int, int], None]
Shown = AbstractContextManager[Progress]

stderr = Console(stderr=True, highlight=False)


def say(message: str) -> None:
    """A message for the person, verbatim: brackets are not markup."""
    stderr.print(escape(message), soft_wrap=True)


def fail(message: str) -> None:
    """A user's mistake or a broken input: one line."""
    stderr.print(f"[red]error:[/] {escape(message)}", soft_wrap=True)


def next_step(*commands: str) -> None:
    """What one would do now."""
    stderr.print("[bold]next:[/]  " + escape("\n       ".join(commands)), soft_wrap=True)


def data(text: str) -> None:
    """A result that another program may read, on stdout."""
    sys.stdout.write(text if text.endswith("\n") else text + "\n")


def data_json(value: Any) -> None:
    """A result as JSON on stdout."""
    data(json.dumps(value, indent=2, ensure_ascii=False))


def table(title: str, columns: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """A table on stderr; columns after the first are right-aligned when they hold numbers."""
    drawn = Table(title=title, title_justify="left", title_style="bold", header_style="dim")
    lines = [[str(cell) for cell in row] for row in rows]
    for index, column in enumerate(columns):
        numeric = all(line[index].replace(",", "").replace(".", "").isdigit() for line in lines)
        drawn.add_column(column, justify="right" if numeric and lines else "left")
    for line in lines:
        drawn.add_row(*(escape(cell) for cell in line))
    stderr.print(drawn)


@contextmanager
def progress(what: str, unit: str) -> Iterator[Progress]:
    """A bar with rate and time left on a terminal; elsewhere a plain line now and then."""
    try:
        if stderr.is_terminal:
            with _bar(what, unit) as report:
                yield report
        else:
            yield _plain(what, unit)
    except KeyboardInterrupt:
        say("interrupted; what was finished is kept: run the same command to go on")
        raise


@contextmanager
def _bar(what: str, unit: str) -> Iterator[Progress]:
    from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeRemainingColumn
    from rich.progress import Progress as Bars

    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn(unit + "  {task.fields[rate]}"),
        TimeRemainingColumn(),
    )
    start = time.monotonic()
    with Bars(*columns, console=stderr, transient=True) as bars:
        bar = bars.add_task(what, total=None, rate="")

        def report(done: int, total: int) -> None:
            rate = done / max(time.monotonic() - start, 1e-9)
            bars.update(bar, completed=done, total=total, rate=f"{rate:,.0f}/s")

        yield report


def _plain(what: str, unit: str) -> Progress:
    start = last = time.monotonic()

    def report(done: int, total: int) -> None:
        nonlocal last
        now = time.monotonic()
        if now - last >= PLAIN_EVERY:
            last = now
            left = (total - done) * (now - start) / max(done, 1)
            say(f"{what}: {done:,} of {total:,} {unit}, about {left:,.0f} s left")

    return report
