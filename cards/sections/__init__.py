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

SECTIONS = (
    overview.SECTION,
    details.SECTION,
    uses.SECTION,
    structure.SECTION,
    splits.SECTION,
    balance.SECTION,
    measured.SECTION,
    twins.SECTION,
    audits.SECTION,
    creation.SECTION,
    licences.SECTION,
    withdrawn.SECTION,
    rebuild.SECTION,
    limits.SECTION,
    citation.SECTION,
    closing.GLOSSARY,
    closing.MORE,
    closing.AUTHORS,
    closing.CONTACT,
)
"""In the card's order."""
