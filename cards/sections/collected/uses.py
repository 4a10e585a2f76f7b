"""What found images can be asked, and what they cannot."""

from __future__ import annotations

from benchwright.cards.facts import Facts
from benchwright.cards.sections.markdown import joined, paragraph
from benchwright.cards.sections.section import FOUND, Section
from benchwright.sample_kinds import MINED

OF_GROUPS = (
    "Measuring how much accuracy a model loses from the common to the counter group of a class, "
    "each share with its n and interval.",
    "Comparing models, prompts and training sets on the same images.",
)
OF_PICTURES = (
    "Repeating published measurements of multi-object scenes on the original pictures.",
    "Comparing them with sets whose objects, sizes and places are measured.",
)
OUT_OF_SCOPE = """\
- Training or tuning the models that are then measured here.
- Estimating how often a background occurs: the images were selected.
- Finding, naming or profiling people."""


def text(facts: Facts) -> str:
    """Uses that the content supports, and misuses."""
    card = facts.recipe.card
    uses = OF_GROUPS if facts.kind.name == MINED.name else OF_PICTURES
    return joined(
        "### Direct Use", "\n".join(f"- {use}" for use in uses), paragraph(card.uses),
        "### Out-of-Scope Use", OUT_OF_SCOPE, paragraph(card.out_of_scope),
    )  # fmt: skip


SECTION = Section("## Uses", text, kinds=FOUND)
