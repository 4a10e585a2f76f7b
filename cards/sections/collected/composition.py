"""How many images each class has in each group, and on which backgrounds."""

from __future__ import annotations

from collections import Counter

from benchwright.cards.facts import Facts
from benchwright.cards.sections.collected.counted import backgrounds, per_class
from benchwright.cards.sections.counts import span
from benchwright.cards.sections.markdown import count, escape, folded, joined, table
from benchwright.cards.sections.section import MINED_ONLY, Section

MOST_SHOWN = 20
"""Rows before the table is folded."""

FEW = 30
"""Images of a group below which a share has a 95 % interval of more than a third."""


def text(facts: Facts) -> str:
    """The least and greatest class, then all of them."""
    counts, grounds = per_class(facts), backgrounds(facts)
    splits = list(dict.fromkeys(split for _, split in facts.dataset.splits()))
    held = [name for name in facts.kind.classes if any((name, s) in counts for s in splits)]
    rows = [
        (escape(name), *(cell for split in splits for cell in (
            f"{counts.get((name, split), 0):,}", _grounds(grounds.get((name, split), Counter())),
        )))
        for name in held
    ]  # fmt: skip
    header = ("class", *(cell for split in splits for cell in (split, f"{split}: background")))
    whole = table(header, rows)
    return joined(
        _verdict(counts, held, splits),
        folded(f"All {len(rows)} classes", whole) if len(rows) > MOST_SHOWN else whole,
    )


def _grounds(found: Counter[str]) -> str:
    ordered = sorted(found.items(), key=lambda item: (-item[1], item[0]))
    if len(ordered) == 1:
        return escape(ordered[0][0]) or "unclear"
    return ", ".join(f"{escape(name) or 'unclear'} {number:,}" for name, number in ordered[:4]) + (
        ", ..." if len(ordered) > 4 else ""
    )


def _verdict(counts: dict[tuple[str, str], int], held: list[str], splits: list[str]) -> str:
    said = []
    for split in splits:
        of_split = [counts.get((name, split), 0) for name in held]
        said.append(f"{split}: {span(min(of_split), max(of_split))} images a class")
    few = sum(counts.get((name, split), 0) < FEW for name in held for split in splits)
    warning = (
        f" {count(few, 'cell has', 'cells have')} fewer than {FEW} images: a share there has a "
        "wide interval."
        if few
        else ""
    )
    return f"{'; '.join(said).capitalize()}.{warning}"


SECTION = Section("### Composition", text, kinds=MINED_ONLY)
