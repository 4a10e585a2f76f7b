"""Who made the set, on what terms, and where it and its papers are."""

from __future__ import annotations

from benchwright.cards.citations import citations_of
from benchwright.cards.facts import Facts
from benchwright.cards.sections.markdown import code, escape, joined, link, words
from benchwright.cards.sections.section import Section
from benchwright.sample_kinds import MINED


def text(facts: Facts) -> str:
    """Description and sources."""
    return joined("### Dataset Description", _description(facts), "### Dataset Sources",
                  _sources(facts))  # fmt: skip


def _description(facts: Facts) -> str:
    recipe, release, build = facts.recipe, facts.release, facts.build
    authors = words([escape(author) for author in recipe.card.authors])
    encoders = words([f"{name} {escape(number)}" for name, number in build["encoders"].items()])
    fields = {
        "Curated by": authors or "not named in the recipe",
        "Funded by": "no funding is stated in the recipe",
        "Shared by": f"the owners of {code(release.repository)}" if release else "not published",
        "Language(s) (NLP)": "English (class names, captions of the web)"
        if facts.kind.name == MINED.name
        else "English (captions, from templates)",
        "License": f"{code(recipe.licence)}; the parts' own licences are listed below",
        "Version": f"{release.version}" if release else "none yet: not published",
        "Built with": f"Benchwright {escape(build['benchwright'])}, {_versions(facts)}"
        f"record schema {build['schema']}, {encoders}, seed {build['seed']}",
        "Digest": code(build["dataset_sha256"]),
    }
    return "\n".join(f"- **{name}:** {value}" for name, value in fields.items())


def _versions(facts: Facts) -> str:
    return "" if facts.kind.collected else f"drawing version {facts.build['drawing']}, "


def _sources(facts: Facts) -> str:
    release = facts.release
    papers = [
        link(f"{c.title} ({c.venue or 'arXiv'} {c.year})", c.url)
        for c in citations_of(facts)
        if c.url
    ]
    demo = f"benchwright show {release.repository.split('/')[-1] if release else 'this/folder'}"
    fields = {
        "Repository": code(release.repository) if release else "none yet: not published",
        "Papers": words(papers),
        "Demo": f"`{demo}` draws a contact sheet of a pulled or built folder",
    }
    return "\n".join(f"- **{name}:** {value}" for name, value in fields.items())


SECTION = Section("## Dataset Details", text)
