"""Audits: what models were measured to do on this set, each number with its n and interval."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

from benchwright.cards.audits import progression, stored
from benchwright.cards.audits.progression import Progression, stored_progressions
from benchwright.cards.audits.result import FEWEST, AuditFile
from benchwright.cards.audits.robustness import FEWEST_MODELS, robustness_plot, robustness_points
from benchwright.cards.audits.running import slug
from benchwright.cards.audits.stored import FILES, Stored, stored_audits
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
from benchwright.verification import Problem

MOST_SHOWN = 30
"""Groups in a plot, rows of a table before it is folded: more cannot be taken in at once."""

MOST_ROWS = 60
"""Numbers of a model in a table, the first ones: the page stays light, the file has all."""

MOST_MODELS = 7
"""Models in a plot: as many as there are colours and markers that can be told apart."""

MOST_PLOTS = 4
"""Measures of an audit that are plotted, the first ones; the table has all."""

MOST_CURVES = 2
"""Measures of an audit with a curve over checkpoints; more lie beside the audits."""


@dataclass(frozen=True, slots=True)
class _Plot:
    """A figure of the card: its file's name, what it shows in words, and what draws it."""

    name: str
    about: str
    draw: Drawing


def text(facts: Facts) -> str:
    """For each audit its plots, and its table."""
    parts = []
    curves = stored_progressions(facts.folder)
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
            f"![{escape(plot.about)}](figures/{plot.name})" for plot in _plots(name, audits, curves)
        ]
        files = [audit.file for audit in audits]
        parts += [f"### {escape(name)}", about, *dict.fromkeys(notes), *shown, _table(files)]
    return joined(*parts)


def figures(facts: Facts) -> Mapping[str, Drawing]:
    """Dots and whiskers, a plot a measure of an audit; curves over checkpoints; robustness."""
    curves = stored_progressions(facts.folder)
    return {
        plot.name: plot.draw
        for name, audits in _by_name(facts).items()
        for plot in _plots(name, audits, curves)
    }


def faults(facts: Facts) -> Iterator[Problem]:
    """Files that are no audit, or no progression."""
    for pattern, kind, fault in (
        (FILES, "audit", stored.fault),
        (progression.FILES, "progression", progression.fault),
    ):
        for path in sorted(facts.folder.glob(pattern)):
            if (why := fault(path)) is not None:
                yield Problem(path.relative_to(facts.folder).as_posix(), f"not an {kind}: {why}")


def _by_name(facts: Facts) -> dict[str, list[Stored]]:
    """Audit to its models' files; a file that is none is left out here and named by lint."""
    found: dict[str, list[Stored]] = {}
    for audit in stored_audits(facts.folder):
        found.setdefault(audit.file.audit, []).append(audit)
    return found


def _plots(name: str, audits: Sequence[Stored], curves: Sequence[Progression]) -> Iterator[_Plot]:
    """What is drawn of an audit, in the order that the card shows it."""
    files = [audit.file for audit in audits]
    if len(robustness_points(files)) >= FEWEST_MODELS:
        about = f"{name}: accuracy on counter against accuracy on common, a point a model"
        yield _Plot(f"audit-{name}-robustness.png", about, lambda: robustness_plot(files) or b"")
    for index, measure in enumerate(_measures(files)[:MOST_PLOTS]):
        about = f"{name}: dots and whiskers of a measure, by group and model"
        figure = f"audit-{name}{f'-{index + 1}' if index else ''}.png"
        yield _Plot(figure, about, partial(_draw, name, measure, files))
    for curve in curves:
        if curve.audit == name:
            for index, measure in enumerate(curve.measures[:MOST_CURVES]):
                about = f"{name}: curves of a measure over the checkpoints of {curve.name}"
                figure = f"audit-{name}-over-{slug(curve.name)}-{index + 1}.png"
                yield _Plot(figure, about, partial(curve.plot, measure))


def _measures(audits: Sequence[AuditFile]) -> list[str]:
    return list(dict.fromkeys(result.measure for audit in audits for result in audit.results))


def _notes(facts: Facts, audit: Stored) -> Iterator[str]:
    """What a reader must know of a model's numbers."""
    if not audit.is_of(facts.dataset.digest):
        yield f"{escape(audit.file.model)} was measured on another version of this set."
    for note in audit.notes:
        yield f"{escape(audit.file.model)}: {escape(note)}"


def _settings(audit: Stored) -> str:
    said = [f"{escape(name)} {code(value)}" for name, value in audit.settings.items()]
    return ", ".join(said) or "none recorded"


def _table(audits: Sequence[AuditFile]) -> str:
    rows = [
        (escape(audit.model), escape(r.measure), escape(r.group) or "all", f"{r.n:,}",
         f"{r.estimate:.3f}", r.interval)
        for audit in audits
        for r in audit.results[:MOST_ROWS]
    ]  # fmt: skip
    whole = table(("model", "measure", "group", "n", "estimate", "95 % interval"), rows)
    thin = any(r.is_thin for audit in audits for r in audit.results)
    why = f'"too few": fewer than {FEWEST} samples, too few to conclude.' if thin else ""
    there = sum(len(audit.results) for audit in audits)
    title = f"All {there} numbers" if there == len(rows) else f"{len(rows)} of {there} numbers"
    left = "" if there == len(rows) else f"The other {there - len(rows)} are in the audit's files."
    shown = folded(title, whole) if len(rows) > MOST_SHOWN else whole
    return joined(shown, left, why)


def _draw(name: str, measure: str, audits: Sequence[AuditFile]) -> bytes:
    from benchwright.cards.figures.plots import Estimate, interval_plot

    models = {
        audit.model: [
            Estimate(r.group or "all", r.estimate, r.low, r.high, r.n)
            for r in audit.results
            if r.measure == measure
        ]
        for audit in audits[:MOST_MODELS]
    }
    groups = list(dict.fromkeys(e.group for estimates in models.values() for e in estimates))
    return interval_plot(_title(name, groups, audits), measure, models, groups[:MOST_SHOWN])


def _title(name: str, groups: Sequence[str], audits: Sequence[AuditFile]) -> str:
    """The audit, and what of it is not in the plot."""
    limits = (("groups", len(groups), MOST_SHOWN), ("models", len(audits), MOST_MODELS))
    cut = [f"the first {most} of {there} {what}" for what, there, most in limits if there > most]
    return f"{name}: {words(cut)}" if cut else name


SECTION = Section("## Audits", text, needs=(FILES,), figures=figures, faults=faults)
