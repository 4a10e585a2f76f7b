"""What was found out beside the groups, for the sections that tell of it."""

from __future__ import annotations

from collections.abc import Iterator

from benchwright import dataset as files
from benchwright.cards.facts import Facts
from benchwright.errors import DatasetError
from benchwright.mined_findings import Findings
from benchwright.verification import Problem


def findings(facts: Facts) -> Findings:
    """Those of the folder; none where they cannot be read, which lint names.

    Args:
        facts: of a set of found images.
    """
    try:
        return Findings.of(facts.build)
    except DatasetError:
        return Findings()


def faults(facts: Facts) -> Iterator[Problem]:
    """Findings that cannot be read."""
    try:
        Findings.of(facts.build)
    except DatasetError as error:
        yield Problem(files.BUILD, str(error))


def points(value: float) -> str:
    """A share as points: 0.3 is ``30.0``."""
    return f"{100 * value:.1f}"


def interval(value: float, low: float, high: float) -> str:
    """A share and its interval in points: ``30.0 (19.0 to 41.0)``."""
    return f"{points(value)} ({points(low)} to {points(high)})"
