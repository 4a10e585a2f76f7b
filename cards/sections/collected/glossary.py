"""The words that a card of found images uses."""

from __future__ import annotations

from benchwright.cards.facts import Facts
from benchwright.cards.sections.section import FOUND, Section
from benchwright.sample_kinds import MINED

OF_GROUPS = {
    "common, counter": "the two groups of a class: photographs on two backgrounds",
    "probe": "the model under test",
    "judge": "another model, which vouches for labels and names backgrounds",
    "discovery, confirmation": "halves of the images: one chooses a pair, the other tests it; no "
    "photographer and no near duplicate is on both",
    "drop": "accuracy on common minus accuracy on counter",
}
OF_PICTURES = {
    "slot": "place of an object, by its position in the file's name",
    "size role": "`large`, `small` or `same`: what the layout makes of an object's size",
    "mention order": "the order in which a caption names the objects",
}
KEY = {"key": "name of a sample: a digest of its image, so it never changes"}


def text(facts: Facts) -> str:
    """A line a word."""
    terms = OF_GROUPS if facts.kind.name == MINED.name else OF_PICTURES
    return "\n".join(f"- **{term}:** {meaning}" for term, meaning in {**terms, **KEY}.items())


SECTION = Section("## Glossary", text, kinds=FOUND)
