"""What people decided of the images, and how far they agree."""

from __future__ import annotations

from benchwright.cards.facts import Facts
from benchwright.cards.sections.collected.findings import findings
from benchwright.cards.sections.markdown import count, joined
from benchwright.cards.sections.section import MINED_ONLY, Section
from benchwright.mined_findings import People


def text(facts: Facts) -> str:
    """Decisions, disagreements, Cohen's kappa."""
    review = findings(facts).review
    if review is None:
        return ""
    unmet = (
        f" {count(review.unmet, 'decision is', 'decisions are')} of none of the images mined."
        if review.unmet
        else ""
    )
    return joined(
        f"{count(review.people, 'person', 'people')} looked at {count(review.decisions, 'image')}. "
        "What they said stands before what any model says; where they disagree "
        f"({count(review.disputed, 'image')}) the models' word stands.{unmet}",
        _agreement(review),
    )


def _agreement(review: People) -> str:
    if review.agreed is None:
        return "No two of them looked at the same image: how far they agree is not known."
    said = (
        f"The two who share most looked at {count(review.shared, 'image')} both and said the same "
        f"of {100 * review.agreed:.1f} %"
    )
    if review.kappa is None or review.low is None or review.high is None:
        return f"{said}; they gave one answer only, so Cohen's kappa is not defined."
    bounds = f"95 % interval {review.low:.2f} to {review.high:.2f}"
    return f"{said}: Cohen's kappa **{review.kappa:.2f}** ({bounds})."


SECTION = Section(
    "### Review", text, kinds=MINED_ONLY, fills=lambda facts: findings(facts).review is not None
)
