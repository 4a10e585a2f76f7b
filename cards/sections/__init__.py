"""The sections of a card. A new one is a module here, and a line below."""

from benchwright.cards.sections import (
    audits,
    balance,
    citation,
    closing,
    creation,
    details,
    licences,
    limits,
    measured,
    overview,
    rebuild,
    splits,
    structure,
    twins,
    uses,
    withdrawn,
)
from benchwright.cards.sections.collected import (
    composition,
    examples,
    groups,
    judge,
    left_out,
    matched,
    review,
    stability,
    terms,
    thresholds,
)
from benchwright.cards.sections.collected import creation as found_creation
from benchwright.cards.sections.collected import glossary as found_glossary
from benchwright.cards.sections.collected import limits as found_limits
from benchwright.cards.sections.collected import overview as found_overview
from benchwright.cards.sections.collected import rebuild as found_rebuild
from benchwright.cards.sections.collected import structure as found_structure
from benchwright.cards.sections.collected import uses as found_uses

SECTIONS = (
    overview.SECTION,
    found_overview.SECTION,
    details.SECTION,
    uses.SECTION,
    found_uses.SECTION,
    structure.SECTION,
    found_structure.SECTION,
    examples.SECTION,
    composition.SECTION,
    groups.SECTION,
    stability.SECTION,
    matched.SECTION,
    judge.SECTION,
    review.SECTION,
    thresholds.SECTION,
    left_out.SECTION,
    splits.SECTION,
    balance.SECTION,
    measured.SECTION,
    twins.SECTION,
    audits.SECTION,
    creation.SECTION,
    found_creation.SECTION,
    licences.SECTION,
    terms.SECTION,
    withdrawn.SECTION,
    rebuild.SECTION,
    found_rebuild.SECTION,
    limits.SECTION,
    found_limits.SECTION,
    citation.SECTION,
    closing.GLOSSARY,
    found_glossary.SECTION,
    closing.MORE,
    closing.AUTHORS,
    closing.CONTACT,
)
"""In the card's order; a section says which kinds of samples it is about."""
