"""What to cite."""

from __future__ import annotations

from benchwright.cards.citations import citations_of
from benchwright.cards.facts import Facts
from benchwright.cards.sections.markdown import escape, joined
from benchwright.cards.sections.section import Section


def text(facts: Facts) -> str:
    """BibTeX and APA of the papers that apply, and of Benchwright."""
    citations = citations_of(facts)
    entries = "\n\n".join(citation.bibtex() for citation in citations)
    lines = "\n".join(f"- {escape(citation.apa())}" for citation in citations)
    return joined("**BibTeX:**", f"```bibtex\n{entries}\n```", "**APA:**", lines)


SECTION = Section("## Citation", text)
