"""Samples that were taken out of the set for good, and why."""

from __future__ import annotations

from benchwright.cards.facts import Facts
from benchwright.cards.sections.markdown import code, count, escape, folded, joined, table
from benchwright.cards.sections.section import Section

MOST_SHOWN = 10
"""Rows before the table is folded."""


def text(facts: Facts) -> str:
    """The recipe's list with its reasons."""
    withdrawn = facts.recipe.withdrawn
    if not withdrawn:
        return "No sample has been withdrawn."
    rows = table(("key", "why"), [(code(sample.key), escape(sample.why)) for sample in withdrawn])
    twins = "" if facts.kind.collected else " with their twins"
    about = f"{count(len(withdrawn), 'sample')}{twins}, at any time:"
    if len(withdrawn) > MOST_SHOWN:
        rows = folded("All of them", rows)
    return joined(about, rows)


SECTION = Section("### Withdrawn Samples", text)
