"""All that a run found out beside the groups, as the set's ``build.json`` keeps it."""

from __future__ import annotations

from collections.abc import Sequence

from benchwright.curation.mining.group_rows import unpaired
from benchwright.curation.mining.matched import MatchedDrop
from benchwright.curation.mining.stability import Stability
from benchwright.curation.pipeline.grouping import Groups
from benchwright.curation.pipeline.judging import believed
from benchwright.curation.pipeline.mining import Labelled, Mining
from benchwright.curation.pipeline.reviewing import people
from benchwright.mined_findings import Answer, Findings, Matched


def findings(
    mining: Mining, labelled: Labelled, found: Groups, asked: Sequence[Stability]
) -> Findings:
    """Gather what was found, and hold judge and people against what is known of them.

    Args:
        mining: the run.
        labelled: the sets and labels.
        found: groups and verdicts.
        asked: what other prompts and models say of each pair.

    Raises:
        DatasetError: a review file or a table of truth that cannot be used.
    """
    source = mining.recipe.source
    return Findings(
        without_pair=unpaired(found.verdicts),
        stability={
            of.pair.cls: {
                name: Answer(said.drop.drop, said.drop.low, said.drop.high, said.confirmed)
                for name, said in of.answers.items()
            }
            for of in asked
        },
        matched={cls: _matched(of) for cls, of in sorted(found.matched.items())},
        judge=believed(mining, labelled),
        review=people(mining, labelled.sets.judge),
        resize=source.resize if source.shards is None else None,
    )


def _matched(of: MatchedDrop) -> Matched:
    raw, common, counter = of.raw, of.common_unmatched, of.counter_unmatched
    if not of.strata:
        return Matched(raw, None, None, None, common, counter)
    within = of.matched
    return Matched(raw, within.estimate, within.low, within.high, common, counter)
