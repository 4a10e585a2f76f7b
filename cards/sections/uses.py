"""What the set can be asked, and what it cannot."""

from __future__ import annotations

from benchwright.cards.facts import Facts
from benchwright.cards.sections.counts import TWINS, split_counts
from benchwright.cards.sections.markdown import code, joined, paragraph, words
from benchwright.cards.sections.section import SCENES_ONLY, Section


def text(facts: Facts) -> str:
    """Uses that the content supports, and misuses."""
    card = facts.recipe.card
    return joined(
        "### Direct Use", _direct(facts), paragraph(card.uses),
        "### Out-of-Scope Use", OUT_OF_SCOPE, paragraph(card.out_of_scope),
    )  # fmt: skip


def _direct(facts: Facts) -> str:
    counts = split_counts(facts)
    several = [s for s in counts if s.most > 1 and s.config != TWINS]
    single = [s for s in counts if s.most == 1]
    uses = ["Measuring image-text models: the labels are exact, so every share can carry its n and "
            "an interval."]  # fmt: skip
    if several:
        uses.append(
            "Asking whether a caption's first-mentioned object, or a picture's largest one, "
            "outweighs the others in retrieval, in matching and in linear probes of the embeddings."
        )
    if single:
        configs = words(list(dict.fromkeys(code(s.config) for s in single)))
        uses.append(f"Retrieval against single-object pictures ({configs}).")
    factors = [code(s.split) for s in counts if s.config == TWINS]
    if factors:
        uses.append(f"Comparing pairs: twins differ in {words(factors)} alone.")
    uses.append("Testing detectors and segmenters on boxes and masks that are exact to the pixel.")
    return "\n".join(f"- {use}" for use in uses)


OUT_OF_SCOPE = """\
- Training or tuning the models that are then measured here.
- Ranking models for photographs: the scenes are synthetic, few kinds of objects on a plain ground.
- Conclusions about people: no person is shown."""

SECTION = Section("## Uses", text, kinds=SCENES_ONLY)
