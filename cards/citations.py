"""Whom to cite for a set: its papers, and Benchwright itself."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from importlib import resources

import yaml

from benchwright.cards.facts import Facts
from benchwright.sample_kinds import MINED, SCENES

DEVELOPERS = "The Benchwright developers"


@dataclass(frozen=True, slots=True)
class Citation:
    """A work to cite.

    Attributes:
        key: of the BibTeX entry.
        applies: kinds of samples, or names of audits; empty of what always applies.
        authors: (family, given) names; a body has no given name.
        others: whether there are more authors.
        title, year, venue, arxiv: empty where there is none.
        version: of software.
    """

    key: str
    authors: tuple[tuple[str, str], ...]
    title: str
    year: str = ""
    venue: str = ""
    arxiv: str = ""
    version: str = ""
    others: bool = False
    applies: tuple[str, ...] = ()

    @property
    def url(self) -> str:
        """Where it can be read, or nothing."""
        return f"https://arxiv.org/abs/{self.arxiv}" if self.arxiv else ""

    def bibtex(self) -> str:
        """A BibTeX entry."""
        kind = "software" if self.version else "inproceedings" if self.venue else "article"
        names = [f"{family}, {given}" if given else f"{{{family}}}"
                 for family, given in self.authors]  # fmt: skip
        fields = {
            "title": self.title,
            "author": " and ".join([*names, *(["others"] if self.others else [])]),
            "booktitle": self.venue,
            "journal": "" if self.venue or self.version else f"arXiv preprint arXiv:{self.arxiv}",
            "year": self.year,
            "eprint": self.arxiv,
            "archiveprefix": "arXiv" if self.arxiv else "",
            "version": self.version,
        }
        lines = [f"  {name} = {{{value}}}" for name, value in fields.items() if value]
        return f"@{kind}{{{self.key},\n" + ",\n".join(lines) + "\n}"

    def apa(self) -> str:
        """A line in APA's style, plain text."""
        names = [f"{family}, {given[0]}." if given else family for family, given in self.authors]
        who = ", ".join(names) + (", et al." if self.others else "")
        what = (
            f"{self.title} (Version {self.version}) [Computer software]"
            if self.version
            else (self.title)
        )
        when = f" ({self.year})." if self.year else "." if not who.endswith(".") else ""
        where = f" {self.venue}." if self.venue else ""
        return f"{who}{when} {what}.{where}" + (f" arXiv:{self.arxiv}." if self.arxiv else "")


def citations_of(facts: Facts) -> list[Citation]:
    """What a set's users should cite: the papers that apply, then Benchwright."""
    audits = {path.parent.name for path in facts.folder.glob("audits/*/*.json")}
    papers = [c for c in _papers() if {_subject(facts), *audits} & set(c.applies)]
    version = str(facts.build["benchwright"])
    return [*papers, Citation("benchwright", ((DEVELOPERS, ""),), "Benchwright", version=version)]


def _subject(facts: Facts) -> str:
    """The kind of samples whose papers a set follows; imported pictures are scenes of others."""
    return MINED.name if facts.kind.name == MINED.name else SCENES.name


@cache
def _papers() -> tuple[Citation, ...]:
    text = (resources.files("benchwright.data") / "citations.yaml").read_text("utf-8")
    return tuple(
        Citation(**{
            **entry,
            "authors": tuple((family, given) for family, given in entry["authors"]),
            "applies": tuple(entry["applies"]),
            "year": str(entry["year"]),
        })
        for entry in yaml.safe_load(text)
    )  # fmt: skip
