"""What moves when a threshold moves."""

from __future__ import annotations

from collections.abc import Iterator

from benchwright.cards.facts import Facts
from benchwright.cards.sections.markdown import code, joined, table
from benchwright.cards.sections.section import FOUND, Section
from benchwright.dataset import SENSITIVITY
from benchwright.errors import DatasetError
from benchwright.sensitivity import read
from benchwright.verification import Problem

COLUMNS = ("setting", "value", "images", "classes", "pairs confirmed", "mean drop, points")


def text(facts: Facts) -> str:
    """A row a trial; the chosen values are marked."""
    rows = [
        (code(trial.setting), f"**{code(trial.value)}**" if trial.chosen else code(trial.value),
         f"{trial.samples:,}", f"{trial.classes:,}",
         "-" if trial.confirmed is None else f"{trial.confirmed:,}",
         "-" if trial.drop is None else f"{100 * trial.drop:.1f}")
        for trial in read(facts.folder)
    ]  # fmt: skip
    about = (
        "Each threshold was set otherwise with all else as it is; the values of this set are bold. "
        "The drop is the mean over the classes tested, on the confirmation half; a dash stands "
        "where groups were not formed anew."
    )
    return joined(about, table(COLUMNS, rows))


def faults(facts: Facts) -> Iterator[Problem]:
    """A file that cannot be read."""
    try:
        read(facts.folder)
    except DatasetError as error:
        yield Problem(SENSITIVITY, str(error))


SECTION = Section("### Thresholds", text, needs=(SENSITIVITY,), faults=faults, kinds=FOUND)
