"""Who made a dataset, which version of it this is, where it is, and how to cite it."""

from __future__ import annotations

import re

from benchwright.cards.facts import Facts

HUB = "https://huggingface.co"
"""The public Hub: what a reader's browser opens, whichever endpoint it was published through."""


def version(facts: Facts) -> str:
    """The published version; before the first, 0.0.0 with the set's digest as build metadata."""
    if facts.release:
        return str(facts.release.version)
    return f"0.0.0+{facts.dataset.digest[:16]}"


def landing_page(facts: Facts) -> str:
    """Where others find the published dataset; empty if it was not, or to a folder."""
    if not facts.release:
        return ""
    if owned := hub_repository(facts):
        return f"{HUB}/datasets/{owned}"
    place = facts.release.repository
    return place if "://" in place and not place.startswith("file:") else ""


def creators(facts: Facts) -> list[dict[str, str]]:
    """The authors whom the recipe names; else the owner of the Hub repository; else nobody."""
    if authors := facts.recipe.card.authors:
        return [{"@type": "Person", "name": author} for author in authors]
    owner = hub_repository(facts).partition("/")[0]
    return [{"@type": "Organization", "name": owner, "url": f"{HUB}/{owner}"}] if owner else []


def citation(facts: Facts) -> str:
    """A BibTeX entry of the set itself, by version and digest; no year, which no folder states."""
    authors = " and ".join(f"{{{_bibtex(made['name'])}}}" for made in creators(facts))
    fields = {
        "title": f"{{{_bibtex(facts.recipe.title)}}}",
        "author": authors,
        "version": version(facts),
        "url": landing_page(facts),
        "note": f"Built by Benchwright; sha256 {facts.dataset.digest}",
    }
    lines = [f"  {name} = {{{value}}}," for name, value in fields.items() if value]
    return "\n".join([f"@misc{{{facts.recipe.name},", *lines, "}"])


def hub_repository(facts: Facts) -> str:
    """``org/name`` of a set published on the Hub; empty for one that was not."""
    place = facts.release.repository if facts.release else ""
    return place if re.fullmatch(r"[\w.-]+/[\w.-]+", place) else ""


def _bibtex(text: str) -> str:
    """Text with what BibTeX and LaTeX would read as commands made literal."""
    plain = text.replace("\\", "/").replace("{", "(").replace("}", ")")
    return re.sub(r"([&%$#_])", r"\\\1", plain)
