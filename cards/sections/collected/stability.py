"""Whether each pair holds under other prompts, with fewer labels, and for other models."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

from benchwright.cards.facts import Facts
from benchwright.cards.sections.collected.findings import findings, interval, points
from benchwright.cards.sections.markdown import code, escape, folded, joined, table
from benchwright.cards.sections.section import MINED_ONLY, Drawing, Section
from benchwright.mined_findings import Answer

FIGURE = "stability.png"
MOST_SHOWN = 12
"""Classes in the figure, the greatest drops first; rows before the table is folded."""

MOST_ASKED = 7
"""Models and prompts in the figure: as many markers as there are."""

Stability = Mapping[str, Mapping[str, Answer]]


def text(facts: Facts) -> str:
    """What was asked, over all pairs; then pair by pair."""
    asked = findings(facts).stability
    names = _names(asked)
    about = (
        "Each pair was asked about again on the confirmation half, of the model under test with "
        "other prompts and with its own 20 labels in place of all, and of other models. Other "
        "models err on much the same images: these answers are no independent trials."
    )
    whole = table(
        ("class", *(f"drop, {number}" for number, _ in enumerate(names, 1))),
        [
            (escape(cls), *(_cell(asked[cls].get(name)) for name in names))
            for cls in _ordered(asked)
        ],
    )
    title = f"All {len(asked)} pairs"
    return joined(
        about,
        table(
            ("no.", "asked of, with", "pairs", "drop above 0", "confirmed", "mean drop"),
            [_row(number, name, asked) for number, name in enumerate(names, 1)],
        ),
        f"![Drop by class, for each model and prompt](figures/{FIGURE})",
        folded(title, whole) if len(asked) > MOST_SHOWN else whole,
    )


def figures(facts: Facts) -> Mapping[str, Drawing]:
    """Dots and whiskers of every answer."""
    asked = findings(facts).stability
    return {FIGURE: partial(_draw, asked)} if asked else {}


def _names(asked: Stability) -> list[str]:
    """What was asked, in the order of the first pair that tells."""
    return list(dict.fromkeys(name for answers in asked.values() for name in answers))


def _ordered(asked: Stability) -> list[str]:
    """Classes, the greatest mean drop first."""
    return sorted(asked, key=lambda cls: (-_mean(list(asked[cls].values())), cls))


def _mean(answers: list[Answer]) -> float:
    return sum(answer.drop for answer in answers) / max(len(answers), 1)


def _row(number: int, name: str, asked: Stability) -> tuple[str, ...]:
    said = [answers[name] for answers in asked.values() if name in answers]
    return (
        str(number), code(name), f"{len(said):,}", f"{sum(answer.drop > 0 for answer in said):,}",
        f"{sum(answer.confirmed for answer in said):,}", points(_mean(said)),
    )  # fmt: skip


def _cell(answer: Answer | None) -> str:
    if answer is None:
        return "not asked"
    shown = interval(answer.drop, answer.low, answer.high)
    return shown if answer.confirmed else f"{shown}, not confirmed"


def _draw(asked: Stability) -> bytes:
    from benchwright.cards.figures.plots import Estimate, interval_plot

    classes, names = _ordered(asked)[:MOST_SHOWN], _names(asked)[:MOST_ASKED]
    answers = {
        f"{number}: {name}": [  # long names are cut, and are then still told apart
            Estimate(cls, 100 * said.drop, 100 * said.low, 100 * said.high)
            for cls in classes
            if (said := asked[cls].get(name))
        ]
        for number, name in enumerate(names, 1)
    }
    cut = f": {len(classes)} of {len(asked)} classes" if len(classes) < len(asked) else ""
    return interval_plot(f"Common minus counter{cut}", "drop in accuracy, points", answers, classes)


SECTION = Section(
    "### Stability",
    text,
    figures=figures,
    kinds=MINED_ONLY,
    fills=lambda facts: bool(findings(facts).stability),
)
