"""The one table: every subject measured in turn, then shown with what it was measured on."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

from benchwright import console
from benchwright.bench import embedding, groups, publishing, scenes, starting
from benchwright.bench.machine import Machine
from benchwright.bench.rows import Row, Sizes
from benchwright.errors import BenchwrightError, did_you_mean

Subject = Callable[[Sizes], Iterator[Row]]

SUBJECTS: dict[str, Subject] = {
    "start": starting.rows,
    "scenes": scenes.rows,
    "publish": publishing.rows,
    "embed": embedding.rows,
    "groups": groups.rows,
}
"""Short ones first."""


def chosen(only: str) -> tuple[str, ...]:
    """The subjects that ``--only`` names between commas; all if it names none.

    Raises:
        BenchwrightError: there is no such subject.
    """
    names = tuple(name.strip() for name in only.split(",") if name.strip())
    for name in names:
        if name not in SUBJECTS:
            raise BenchwrightError(
                f'--only: nothing called "{name[:40]}" is measured'
                f"{did_you_mean(name, SUBJECTS)}; there is {', '.join(SUBJECTS)}"
            )
    return names or tuple(SUBJECTS)


def measure(subjects: Sequence[str], sizes: Sizes) -> Iterator[Row]:
    """The rows of the subjects, each as soon as it is known, its name led by the subject's.

    A subject that fails is a row that says so: what others took an hour to find is not lost.
    """
    for subject in subjects:
        try:
            for row in SUBJECTS[subject](sizes):
                yield replace(row, name=f"{subject}: {row.name}")
        except BenchwrightError as error:
            yield Row(f"{subject}: the rest", None, note=str(error))


def show(machine: Machine, rows: Sequence[Row]) -> None:
    """Print the table, what each row was made of, and with which versions."""
    cells = [(row.name, row.measured, str(row.aim) if row.aim else "", row.verdict) for row in rows]
    console.table(str(machine), ("what", "measured", "aim", "met"), cells)
    for row in rows:
        if row.note:
            console.say(f"{row.name}: {row.note}")
    versions = ", ".join(f"{name} {version}" for name, version in machine.versions.items())
    console.say(f"Python {machine.python}, {versions}; load at the start {machine.load:.1f}")
    aimed = [row for row in rows if row.met is not None]
    met = sum(row.met is True for row in aimed)
    missing = sum(row.value is None for row in rows)
    console.say(f"{met} of {len(aimed)} aims met, {missing} of {len(rows)} rows not measured")
