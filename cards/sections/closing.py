"""The end of the card: words, upkeep, authors, contact."""

from __future__ import annotations

from benchwright.cards.facts import Facts
from benchwright.cards.sections.counts import TWINS
from benchwright.cards.sections.markdown import code, escape, joined, paragraph
from benchwright.cards.sections.section import SCENES_ONLY, Section

TERMS = {
    "config, split": "a family of scenes; one of its variants",
    "slot": "a place on the ground that a layout fixes",
    "size role": "`large`, `small` or `same`: what the layout makes of an object's size",
    "mention order": "the order in which a caption names the objects",
    "counterbalanced": "every object equally often in every slot and at every mention position",
    "key": "name of a sample: a digest of its scene, so it never changes",
}


def glossary(facts: Facts) -> str:
    """The words the card uses."""
    twin = {"twin": "a scene that differs from another one in exactly one factor"}
    has_twins = any(config == TWINS for config, _ in facts.dataset.splits())
    terms = TERMS | (twin if has_twins else {})
    return "\n".join(f"- **{term}:** {meaning}" for term, meaning in terms.items())


def more(facts: Facts) -> str:
    """Upkeep, changes, and whatever else the recipe says."""
    upkeep = (
        "What each version added, removed and changed, and why, is in `CHANGELOG.md`. Published "
        "versions never change; a faulty sample is withdrawn in the next one."
    )
    card = facts.recipe.card
    return joined(upkeep, paragraph(card.maintenance), paragraph(card.more))


def authors(facts: Facts) -> str:
    """Who wrote the card."""
    named = "\n".join(f"- {escape(author)}" for author in facts.recipe.card.authors)
    written = (
        f"Written by Benchwright {escape(facts.build['benchwright'])} from the files of the "
        "dataset; the recipe's own paragraphs are by its authors."
    )
    return joined(named or "The recipe names no author.", written)


def contact(facts: Facts) -> str:
    """Where to ask."""
    release = facts.release
    if facts.recipe.card.contact:
        return escape(facts.recipe.card.contact)
    if release and "://" not in release.repository:
        return f"The discussions of {code(release.repository)} on the Hub."
    return "The recipe names no contact."


GLOSSARY = Section("## Glossary", glossary, kinds=SCENES_ONLY)
MORE = Section("## More Information", more)
AUTHORS = Section("## Dataset Card Authors", authors)
CONTACT = Section("## Dataset Card Contact", contact)
