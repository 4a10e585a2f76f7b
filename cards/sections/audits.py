"""Audits: what models were measured to do on this set, each number with its n and interval."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import Any, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from benchwright.cards.facts import Facts
from benchwright.cards.sections.markdown import (
    code,
    count,
    escape,
    folded,
    joined,
    table,
    words,
)
from benchwright.cards.sections.section import Drawing, Section
from benchwright.dataset import read_json
from benchwright.verification import Problem

FILES = "audits/*/*.json"
MOST_SHOWN = 30
"""Groups in a plot, rows of a table before it is folded: more cannot be taken in at once."""

MOST_MODELS = 7
"""Models in a plot: as many as there are colours and markers that can be told apart."""

MOST_PLOTS = 4
"""Measures of an audit that are plotted, the first ones; the table has all."""

_NAME = r"^[a-z][a-z0-9_]*$"


class Result(BaseModel):
    """A measured number.

    Attributes:
        measure: what was measured.
        group: of which part of the set; empty of the whole.
        n: samples it rests on.
        estimate, low, high: the number and its 95 % interval.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    measure: str = Field(min_length=1, max_length=100)
    group: str = Field("", max_length=200)
    n: int = Field(ge=0)
    estimate: float = Field(allow_inf_nan=False)
    low: float = Field(allow_inf_nan=False)
    high: float = Field(allow_inf_nan=False)

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        if not self.low <= self.estimate <= self.high:
            raise ValueError("the estimate lies outside its interval")
        return self


class Audit(BaseModel):
    """A file of ``audits/<audit>/<model>.json``."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    audit: str = Field(pattern=_NAME, max_length=60)
    model: str = Field(min_length=1, max_length=200)
    settings: dict[str, Any]
    results: list[Result]


def text(facts: Facts) -> str:
    """For each audit its plots, and its table."""
    parts = []
    for name, audits in _by_name(facts).items():
        models = count(len(audits), "model")
        settings = {str(audit.settings) for audit in audits}
        about = f"{models}. " + (
            f"Settings: {_settings(audits[0])}."
            if len(settings) == 1
            else "Settings differ by model: they are in the files."
        )
        shown = [
            f"![{name}: dots and whiskers of a measure, by group and model](figures/{figure})"
            for figure, _ in _figures(name, audits)
        ]
        parts += [f"### {escape(name)}", about, *shown, _table(audits)]
    return joined(*parts)


def figures(facts: Facts) -> Mapping[str, Drawing]:
    """Dots and whiskers, a plot a measure of an audit."""
    return {
        figure: partial(_draw, name, measure, audits)
        for name, audits in _by_name(facts).items()
        for figure, measure in _figures(name, audits)
    }


def faults(facts: Facts) -> Iterator[Problem]:
    """Files that are no audit."""
    for path in sorted(facts.folder.glob(FILES)):
        if (why := _fault(path)) is not None:
            yield Problem(path.relative_to(facts.folder).as_posix(), f"not an audit: {why}")


def _by_name(facts: Facts) -> dict[str, list[Audit]]:
    """Audit to its models' files; a file that is none is left out here and named by lint."""
    found: defaultdict[str, list[Audit]] = defaultdict(list)
    for path in sorted(facts.folder.glob(FILES)):
        if _fault(path) is None:
            audit = Audit.model_validate(read_json(path))
            found[audit.audit].append(audit)
    return dict(found)


def _fault(path: Path) -> str | None:
    try:
        audit = Audit.model_validate(read_json(path))
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        return f"{'.'.join(map(str, first['loc'])) or 'the file'}: {first['msg']}"
    if audit.audit != path.parent.name:
        return f'it says "{audit.audit}" and lies in audits/{path.parent.name}'
    return None


def _measures(audits: list[Audit]) -> list[str]:
    return list(dict.fromkeys(result.measure for audit in audits for result in audit.results))


def _figures(name: str, audits: list[Audit]) -> Iterator[tuple[str, str]]:
    """File name and measure of each plot."""
    for index, measure in enumerate(_measures(audits)[:MOST_PLOTS]):
        yield f"audit-{name}{f'-{index + 1}' if index else ''}.png", measure


def _settings(audit: Audit) -> str:
    said = [f"{escape(name)} {code(value)}" for name, value in audit.settings.items()]
    return ", ".join(said) or "none recorded"


def _table(audits: list[Audit]) -> str:
    rows = [
        (escape(audit.model), escape(r.measure), escape(r.group) or "all", f"{r.n:,}",
         f"{r.estimate:.3f}", f"{r.low:.3f} to {r.high:.3f}")
        for audit in audits
        for r in audit.results
    ]  # fmt: skip
    whole = table(("model", "measure", "group", "n", "estimate", "95 % interval"), rows)
    return folded(f"All {len(rows)} numbers", whole) if len(rows) > MOST_SHOWN else whole


def _draw(name: str, measure: str, audits: list[Audit]) -> bytes:
    from benchwright.cards.figures.plots import Estimate, interval_plot

    models = {
        audit.model: [
            Estimate(r.group or "all", r.estimate, r.low, r.high)
            for r in audit.results
            if r.measure == measure
        ]
        for audit in audits[:MOST_MODELS]
    }
    groups = list(dict.fromkeys(e.group for estimates in models.values() for e in estimates))
    return interval_plot(_title(name, groups, audits), measure, models, groups[:MOST_SHOWN])


def _title(name: str, groups: list[str], audits: list[Audit]) -> str:
    """The audit, and what of it is not in the plot."""
    limits = (("groups", len(groups), MOST_SHOWN), ("models", len(audits), MOST_MODELS))
    cut = [f"the first {most} of {there} {what}" for what, there, most in limits if there > most]
    return f"{name}: {words(cut)}" if cut else name


SECTION = Section("## Audits", text, needs=(FILES,), figures=figures, faults=faults)
