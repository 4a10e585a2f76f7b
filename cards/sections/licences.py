"""The licence ledger: of what the set is made, by whom, on what terms."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from benchwright.cards.facts import Facts
from benchwright.cards.hub_metadata import hub_licences
from benchwright.cards.sections.markdown import code, count, escape, folded, joined, link, table
from benchwright.cards.sections.section import SCENES_ONLY, Section
from benchwright.dataset import LICENCES, RECIPE
from benchwright.ledger import Source
from benchwright.verification import Problem


def text(facts: Facts) -> str:
    """The terms of the set, then those of its parts, grouped and in full."""
    groups: defaultdict[tuple[str, str, str], list[Source]] = defaultdict(list)
    for source in facts.sources:
        groups[source.source, source.creator, source.licence].append(source)
    short = table(("source", "creator", "licence", "parts"), [
        (escape(source), escape(creator) or "not named", code(licence), f"{len(parts):,}")
        for (source, creator, licence), parts in groups.items()
    ])  # fmt: skip
    full = table(("part", "source", "licence", "sha256"), [
        (link(s.name, s.url), escape(s.source), code(s.licence), code(s.sha256[:16]))
        for s in facts.sources
    ])  # fmt: skip
    return joined(
        f"The set is published under {code(facts.recipe.licence)}. What it shows comes from "
        f"{count(len(facts.sources), 'part')}, each with its own licence:",
        short,
        folded("Every part, with the digest of what was used", full),
    )


def faults(facts: Facts) -> Iterator[Problem]:
    """Parts without a licence, and licences that the Hub does not know."""
    if facts.recipe.licence not in hub_licences() - {"unknown"}:
        yield Problem(RECIPE, f'licence: "{facts.recipe.licence}" is none that the Hub knows')
    for source in facts.sources:
        if source.licence in ("", "unknown"):
            yield Problem(LICENCES, f"{source.name}: its licence is not known; leave it out")
        elif source.licence not in hub_licences():
            yield Problem(LICENCES, f'{source.name}: the Hub knows no licence "{source.licence}"')
    for name in sorted(set(facts.scenes.objects.names) - {s.name for s in facts.sources}):
        yield Problem(LICENCES, f"{name}: an object of the recipe without a source")


SECTION = Section("### Licences", text, faults=faults, kinds=SCENES_ONLY)
