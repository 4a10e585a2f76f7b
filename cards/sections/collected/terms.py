"""The terms of found images: by collection and licence; every creator is in the ledger."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from benchwright.cards.facts import Facts
from benchwright.cards.hub_metadata import hub_licences
from benchwright.cards.sections.markdown import code, count, escape, joined, table
from benchwright.cards.sections.section import FOUND, Section
from benchwright.dataset import LICENCES, RECIPE
from benchwright.verification import Problem

UNKNOWN = ("", "unknown")


def text(facts: Facts) -> str:
    """The terms of the set, then those of its images."""
    table_of = facts.records.select(["source", "creator", "licence"]).flatten()
    counted = table_of.group_by(["source.dataset", "licence", "creator"]).aggregate(
        [([], "count_all")]
    )
    images, creators = Counter[tuple[str, str]](), Counter[tuple[str, str]]()
    for row in counted.to_pylist():
        place = (row["source.dataset"], row["licence"])
        images[place] += row["count_all"]
        creators[place] += bool(row["creator"])
    named = sum(bool(source.creator) for source in facts.sources)
    return joined(
        f"The set is published under {code(facts.recipe.licence)}: its selection, labels and "
        "measurements. Each image keeps its own terms, which its record states:",
        table(("collection", "licence", "images", "creators"), [
            (escape(dataset) or "not named", code(licence or "unknown"), f"{number:,}",
             f"{creators[dataset, licence]:,}")
            for (dataset, licence), number in sorted(images.items(), key=lambda i: (-i[1], i[0]))
        ]),
        f"`{LICENCES}` names {count(named, 'creator')} with terms, for attribution.",
    )  # fmt: skip


def faults(facts: Facts) -> Iterator[Problem]:
    """Images without a licence that would be published, and licences that the Hub does not know."""
    if facts.recipe.licence not in hub_licences() - {"unknown"}:
        yield Problem(RECIPE, f'licence: "{facts.recipe.licence}" is none that the Hub knows')
    for licence in sorted({source.licence for source in facts.sources}):
        if licence in UNKNOWN:
            if not facts.withheld:
                yield Problem(
                    LICENCES,
                    "images of unknown licence: leave them out, name it (import --licence), or "
                    "publish references (payload: references)",
                )
        elif licence not in hub_licences():
            yield Problem(LICENCES, f'the Hub knows no licence "{licence}"')


SECTION = Section("### Licences", text, faults=faults, kinds=FOUND)
