"""Twins: pairs of scenes that differ in one factor."""

from __future__ import annotations

import pyarrow.compute as pc

from benchwright.cards.facts import Facts
from benchwright.cards.sections.counts import TWINS
from benchwright.cards.sections.markdown import code, joined, table, words
from benchwright.cards.sections.section import SCENES_ONLY, Section
from benchwright.cards.sections.splits import FACTORS


def text(facts: Facts) -> str:
    """How many pairs there are of each factor, and how to find them."""
    manifest = facts.manifest.filter(pc.equal(facts.manifest["config"], TWINS))
    pairs = manifest.group_by("factor").aggregate([("key", "count"), ("twin_of", "count_distinct")])
    found = {row["factor"]: row for row in pairs.to_pylist()}
    rows = [
        (code(factor), f"{found[factor]['key_count']:,}", what)
        for factor, what in FACTORS.items()
        if factor in found
    ]
    twins = facts.scenes.twins
    share = (
        f"For each factor, {100 * twins.share:g} % of the scenes of "
        f"{words([code(name) for name in twins.of])} were drawn to get a twin."
        if twins
        else ""
    )
    return joined(
        f"A twin's `twin_of` is the key of its original, its `factor` what differs. {share}",
        table(("factor", "pairs", "what differs"), rows),
    )


SECTION = Section("### Twins", text, needs=(f"{TWINS}/*.tar",), kinds=SCENES_ONLY)
