"""Counts faults tried and survived, by kind and command, and prints one table; a pytest plugin.

A test that is one fault carries ``@pytest.mark.fault(kind, command)``; one that tries several takes
the fixture ``tally``. Both kinds are what ``make faults`` selects by the marker.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

PROPERTY = "fault"

TRIED: Counter[tuple[str, str]] = Counter()
SURVIVED: Counter[tuple[str, str]] = Counter()


class Tally:
    """The faults of one test."""

    def __init__(self) -> None:
        self.tried: Counter[tuple[str, str]] = Counter()
        self.survived: Counter[tuple[str, str]] = Counter()

    @contextmanager
    def trying(self, kind: str, command: str, count: int = 1) -> Iterator[None]:
        """Count faults as tried, and as survived if the block ends well."""
        self.tried[kind, command] += count
        yield
        self.survived[kind, command] += count


@pytest.fixture
def tally(record_property) -> Iterator[Tally]:
    """Where a test counts its faults."""
    counted = Tally()
    yield counted
    for (kind, command), tried in counted.tried.items():
        record_property(PROPERTY, (kind, command, tried, counted.survived[kind, command]))


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Note the faults that tests are by their marker."""
    for item in items:
        for marker in item.iter_markers("fault"):
            if marker.args:
                item.user_properties.append((PROPERTY, marker.args))


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    """Add what a test has tried."""
    for name, value in report.user_properties:
        if name != PROPERTY:
            continue
        if len(value) == 2 and report.when == "call" and not report.skipped:
            TRIED[tuple(value)] += 1
            SURVIVED[tuple(value)] += report.passed
        elif len(value) == 4 and report.when == "teardown":
            kind, command, tried, survived = value
            TRIED[kind, command] += tried
            SURVIVED[kind, command] += survived


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print the table: a row a kind, a column a command."""
    if not TRIED:
        return
    commands = sorted({command for _, command in TRIED})
    rows = [["fault", *commands, "all"]]
    for kind in dict.fromkeys(kind for kind, _ in sorted(TRIED)):
        of_kind = [(kind, command) for command in commands]
        rows.append([kind, *(_shown([at]) for at in of_kind), _shown(of_kind)])
    rows.append(["all", *(_shown([at for at in TRIED if at[1] == command]) for command in commands),
                 _shown(list(TRIED))])  # fmt: skip
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    terminalreporter.section("faults survived of those tried")
    for row in rows:
        cells = [cell.rjust(width) for cell, width in zip(row, widths, strict=True)]
        terminalreporter.write_line("  ".join([row[0].ljust(widths[0]), *cells[1:]]))


def _shown(faults: list[tuple[str, str]]) -> str:
    """``20`` where all were survived, ``19 of 20`` where one was not, nothing for none."""
    tried, survived = sum(TRIED[at] for at in faults), sum(SURVIVED[at] for at in faults)
    if not tried:
        return ""
    return str(tried) if survived == tried else f"{survived} of {tried}"
