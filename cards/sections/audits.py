"""Audits: what models were measured to do on this set, each number with its n and interval."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from functools import partial
from pathlib import Path

from pydantic import ValidationError

from benchwright.cards.audits.result import FEWEST, AuditFile
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
DATASET, NOTES = "dataset_sha256", "notes"
APART = frozenset({DATASET, NOTES, "weights_sha256"})
"""Of the settings: said apart from them, or too long to read."""

MOST_SHOWN = 30
"""Groups in a plot, rows of a table before it is folded: more cannot be taken in at once."""

MOST_MODELS = 7
"""Models in a plot: as many as there are colours and markers that can be told apart."""

MOST_PLOTS = 4
"""Measures of an audit that are plotted, the first ones; the table has all."""


def text(facts: Facts) -> str:
    """For each audit its plots, and its table."""
    parts = []
    for name, audits in _by_name(facts).items():
        models = count(len(audits), "model")
        settings = {_settings(audit) for audit in audits}
        about = f"{models}. " + (
            f"Settings: {_settings(audits[0])}."
            if len(settings) == 1
            else "Settings differ by model: they are in the files."
        )
        notes = [note for audit in audits for note in _notes(facts, audit)]
        shown = [
            f"![{name}: dots and whiskers of a measure, by group and model](figures/{figure})"
            for figure, _ in _figures(name, audits)
        ]
        parts += [f"### {escape(name)}", about, *dict.fromkeys(notes), *shown, _table(audits)]
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


def _by_name(facts: Facts) -> dict[str, list[AuditFile]]:
    """Audit to its models' files; a file that is none is left out here and named by lint."""
    found: defaultdict[str, list[AuditFile]] = defaultdict(list)
    for path in sorted(facts.folder.glob(FILES)):
        if _fault(path) is None:
            audit = AuditFile.model_validate(read_json(path))
            found[audit.audit].append(audit)
    return dict(found)


def _fault(path: Path) -> str | None:
    try:
        audit = AuditFile.model_validate(read_json(path))
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        return f"{'.'.join(map(str, first['loc'])) or 'the file'}: {first['msg']}"
    if audit.audit != path.parent.name:
        return f'it says "{audit.audit}" and lies in audits/{path.parent.name}'
    return None


def _measures(audits: list[AuditFile]) -> list[str]:
    return list(dict.fromkeys(result.measure for audit in audits for result in audit.results))


def _figures(name: str, audits: list[AuditFile]) -> Iterator[tuple[str, str]]:
    """File name and measure of each plot."""
    for index, measure in enumerate(_measures(audits)[:MOST_PLOTS]):
        yield f"audit-{name}{f'-{index + 1}' if index else ''}.png", measure


def _notes(facts: Facts, audit: AuditFile) -> Iterator[str]:
    """What a reader must know of a model's numbers."""
    measured_on = audit.settings.get(DATASET)
    if measured_on not in (None, facts.dataset.digest):
        yield f"{escape(audit.model)} was measured on another version of this set."
    notes = audit.settings.get(NOTES)
    for note in notes if isinstance(notes, list) else []:
        yield f"{escape(audit.model)}: {escape(str(note))}"


def _settings(audit: AuditFile) -> str:
    said = [
        f"{escape(name)} {code(value)}"
        for name, value in audit.settings.items()
        if name not in APART
    ]
    return ", ".join(said) or "none recorded"


def _table(audits: list[AuditFile]) -> str:
    rows = [
        (escape(audit.model), escape(r.measure), escape(r.group) or "all", f"{r.n:,}",
         f"{r.estimate:.3f}", f"{r.low:.3f} to {r.high:.3f}" + ", too few" * r.is_thin)
        for audit in audits
        for r in audit.results
    ]  # fmt: skip
    whole = table(("model", "measure", "group", "n", "estimate", "95 % interval"), rows)
    thin = any(r.is_thin for audit in audits for r in audit.results)
    why = f'"too few": fewer than {FEWEST} samples, too few to conclude.' if thin else ""
    shown = folded(f"All {len(rows)} numbers", whole) if len(rows) > MOST_SHOWN else whole
    return joined(shown, why)


def _draw(name: str, measure: str, audits: list[AuditFile]) -> bytes:
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


def _title(name: str, groups: list[str], audits: list[AuditFile]) -> str:
    """The audit, and what of it is not in the plot."""
    limits = (("groups", len(groups), MOST_SHOWN), ("models", len(audits), MOST_MODELS))
    cut = [f"the first {most} of {there} {what}" for what, there, most in limits if there > most]
    return f"{name}: {words(cut)}" if cut else name


SECTION = Section("## Audits", text, needs=(FILES,), figures=figures, faults=faults)
