"""Audits of several models, or of several datasets, in one table, with their differences.

A difference is taken sample by sample where both were asked the very same, and else from the two
intervals as if the samples were independent; which of the two is said with each. What the outcomes
of an audit amount to is checked against its numbers first, so that no pair is made of samples that
a number does not rest on.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from benchwright.cards.audits.compare_readers import samples_behind
from benchwright.cards.audits.compare_trials import Trials, combined, paired_difference
from benchwright.cards.audits.result import Result
from benchwright.cards.audits.stored import Stored, stored_audits
from benchwright.dataset import Dataset
from benchwright.errors import DatasetError, did_you_mean

How = Literal["paired", "independent", "no interval", "too few"]

CLOSE = 1e-5
"""By how much outcomes, stored as float32, may miss the number that was made of them."""


@dataclass(frozen=True, slots=True)
class Difference:
    """A number less the baseline's.

    Attributes:
        estimate, low, high: the difference and its 95 % interval; all three alike without one.
        how: ``paired`` by sample; ``independent``, from the intervals of both; ``no interval``,
            where one of them claims none; ``too few``, where one rests on too few samples.
    """

    estimate: float
    low: float
    high: float
    how: How


@dataclass(frozen=True, slots=True)
class Row:
    """A number of one model on one dataset.

    Attributes:
        audit: its name.
        column: what the table calls the model, the dataset, or both.
        result: the number.
        difference: from the baseline's; None of the baseline itself, and where that has no such
            number.
    """

    audit: str
    column: str
    result: Result
    difference: Difference | None


@dataclass(frozen=True, slots=True)
class Comparison:
    """Audits side by side.

    Attributes:
        baseline: the column that differences are taken from; of an audit that it has not, they are
            from the first column that has.
        columns: in order, the baseline first.
        rows: by audit, measure and group, and then by column.
        notes: what a reader must know, one sentence each.
    """

    baseline: str
    columns: tuple[str, ...]
    rows: tuple[Row, ...]
    notes: tuple[str, ...]


@dataclass(slots=True, eq=False)
class _Column:
    """A model on a dataset: its audits by name, and the samples behind them, once read."""

    folder: Path
    model: str
    audits: dict[str, Stored] = field(default_factory=dict)
    read: dict[str, dict[tuple[str, str], Trials]] = field(default_factory=dict)

    def trials(self, audit: str, result: Result) -> Trials | None:
        """The samples behind a number; None where the outcomes do not amount to it."""
        if audit not in self.read:
            self.read[audit] = samples_behind(self.folder, self.audits[audit])
        found = self.read[audit].get((result.measure, result.group))
        if found is None or len(found.keys) != result.n:
            return None
        return found if abs(found.estimate - result.estimate) <= CLOSE else None


def compare(folders: Sequence[Path], only: Sequence[str] = (), baseline: str = "") -> Comparison:
    """Put the audits of datasets in one table.

    Args:
        folders: of datasets; one with audits of several models, or several.
        only: names of audits; all by default.
        baseline: a model; differences are from its first audits. The first model by default.

    Raises:
        DatasetError: no dataset, no audit of that name, no such model, or only one to compare.
    """
    columns = [column for folder in dict.fromkeys(folders) for column in _columns(folder, only)]
    names = _names(columns)
    at = _baseline(columns, baseline)
    order = [at, *(number for number in range(len(columns)) if number != at)]
    columns, names = [columns[i] for i in order], [names[i] for i in order]
    if len(columns) < 2:
        raise DatasetError(
            f"{folders[0]}: holds audits of {columns[0].model} alone; audit another model, or "
            "name another dataset"
        )
    audits = list(dict.fromkeys(audit for column in columns for audit in column.audits))
    rows = [row for audit in audits for row in _rows(audit, columns, names)]
    return Comparison(names[0], tuple(names), tuple(rows), tuple(_notes(audits, columns, names)))


def _columns(folder: Path, only: Sequence[str]) -> list[_Column]:
    Dataset.open(folder)
    stored = stored_audits(folder)
    there = list(dict.fromkeys(each.file.audit for each in stored))
    if not there:
        raise DatasetError(f"{folder}: holds no audits; benchwright audit measures models on it")
    if missing := [name for name in only if name not in there]:
        hint = did_you_mean(missing[0], there) or f"; there are {', '.join(there)}"
        raise DatasetError(f'{folder}: holds no audit called "{missing[0]}"{hint}')
    found: dict[str, _Column] = {}
    for each in stored:
        if not only or each.file.audit in only:
            column = found.setdefault(each.file.model, _Column(folder, each.file.model))
            column.audits[each.file.audit] = each
    return list(found.values())


def _names(columns: Sequence[_Column]) -> list[str]:
    """What tells columns apart: the model, the dataset, or both."""
    models, folders = {c.model for c in columns}, {c.folder for c in columns}
    if len(folders) == 1:
        return [column.model for column in columns]
    if len(models) == 1:
        return [str(column.folder) for column in columns]
    return [f"{column.model} on {column.folder}" for column in columns]


def _baseline(columns: Sequence[_Column], model: str) -> int:
    models = [column.model for column in columns]
    if not model:
        return 0
    if model not in models:
        hint = did_you_mean(model, models) or f"; there are {', '.join(dict.fromkeys(models))}"
        raise DatasetError(f'--baseline: no audit here is of "{model}"{hint}')
    return models.index(model)


def _rows(audit: str, columns: Sequence[_Column], names: Sequence[str]) -> Iterator[Row]:
    by_column = [
        {(r.measure, r.group): r for r in column.audits[audit].file.results}
        if audit in column.audits else {}
        for column in columns
    ]  # fmt: skip
    first = _first(audit, columns)
    base_of = by_column[columns.index(first)]
    for place in dict.fromkeys(place for results in by_column for place in results):
        base = base_of.get(place)
        for column, name, results in zip(columns, names, by_column, strict=True):
            if (result := results.get(place)) is None:
                continue
            apart = None
            if column is not first and base is not None:
                apart = _difference(audit, (column, result), (first, base))
            yield Row(audit, name, result, apart)


def _first(audit: str, columns: Sequence[_Column]) -> _Column:
    """The column that an audit's differences are from: the baseline, if it has the audit."""
    return next(column for column in columns if audit in column.audits)


def _difference(
    audit: str, one: tuple[_Column, Result], base: tuple[_Column, Result]
) -> Difference:
    (column, result), (first, other) = one, base
    estimate = result.estimate - other.estimate
    if result.is_thin or other.is_thin:
        return Difference(estimate, estimate, estimate, "too few")
    if not (_claims(result) and _claims(other)):
        return Difference(estimate, estimate, estimate, "no interval")
    mine, theirs = column.trials(audit, result), first.trials(audit, other)
    if mine is not None and theirs is not None and mine.are_those_of(theirs):
        seed = (audit, result.measure, result.group)
        return _ordered(estimate, paired_difference(mine, theirs, seed), "paired")
    bounds = [(r.estimate, r.low, r.high) for r in (result, other)]
    return _ordered(estimate, combined((1, -1), bounds), "independent")


def _claims(result: Result) -> bool:
    return result.low < result.high


def _ordered(estimate: float, bounds: tuple[float, float, float], how: How) -> Difference:
    """Rounding, and a percentile's discreteness, may put a bound past the estimate."""
    _, low, high = bounds
    return Difference(estimate, min(low, estimate), max(high, estimate), how)


def _notes(
    audits: Sequence[str], columns: Sequence[_Column], names: Sequence[str]
) -> Iterator[str]:
    digests = {folder: Dataset.open(folder).digest for folder in {c.folder for c in columns}}
    for column, name in zip(columns, names, strict=True):
        if missing := [audit for audit in audits if audit not in column.audits]:
            yield f"Not audited: {name} by {', '.join(missing)}."
        for audit, stored in column.audits.items():
            base = _first(audit, columns)
            if not stored.is_of(digests[column.folder]):
                yield f"{audit} of {name} was measured on another version of its dataset."
            if apart := _apart(stored, base.audits[audit]):
                of = names[columns.index(base)]
                yield f"{audit}: {name} and {of} differ in settings: {', '.join(apart)}."
    for audit in audits:
        if (base := _first(audit, columns)) is not columns[0]:
            yield f"{audit}: differences are from {names[columns.index(base)]}."


def _apart(one: Stored, other: Stored) -> list[str]:
    names = {**one.settings, **other.settings}
    return [name for name in names if one.settings.get(name) != other.settings.get(name)]
