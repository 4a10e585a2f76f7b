"""What was looked at and is not in the set, by reason."""

from __future__ import annotations

from benchwright import rejects
from benchwright.cards.facts import Facts
from benchwright.cards.sections.markdown import count, escape, joined, table
from benchwright.cards.sections.section import FOUND, Section
from benchwright.dataset import REJECTS


def text(facts: Facts) -> str:
    """Counts that add up."""
    counted = rejects.by_reason(rejects.read(facts.folder))
    looked_at, left = facts.build["looked_at"], counted.total()
    if not left:
        return f"All {count(looked_at, 'image')} that were looked at are in the set."
    rows = [
        (escape(reason), f"{number:,}", f"{100 * number / looked_at:.1f} %")
        for reason, number in sorted(counted.items(), key=lambda item: (-item[1], item[0]))
    ]
    about = (
        f"Of {count(looked_at, 'image')} looked at, {looked_at - left:,} are in the set and "
        f"{left:,} are not. Each of those has a row in `{REJECTS}` with the reason and its proof."
    )
    return joined(about, table(("reason", "images", "of all"), rows))


SECTION = Section("### Left Out", text, needs=(REJECTS,), kinds=FOUND)
