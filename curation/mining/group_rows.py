"""Verdicts as the rows of a dataset folder's ``groups.parquet``, and the classes that have none."""

from __future__ import annotations

from collections.abc import Iterable

from benchwright.curation.mining.confirm import Verdict
from benchwright.curation.mining.pairs import Rule
from benchwright.group_table import GroupRow


def group_rows(verdicts: Iterable[Verdict], rule: Rule) -> list[GroupRow]:
    """A row for each class that had a pair, confirmed or not.

    Args:
        verdicts: of ``confirm``.
        rule: how the pairs were found.
    """
    rows = []
    for verdict in verdicts:
        if not (verdict.pair and verdict.discovery and verdict.confirmation):
            continue
        first, second = verdict.discovery, verdict.confirmation
        rows.append(
            GroupRow(
                cls=verdict.cls,
                common=verdict.pair.common,
                counter=verdict.pair.counter,
                pairing=rule.value,
                n_common_discovery=first.common.n,
                n_counter_discovery=first.counter.n,
                n_common=second.common.n,
                n_counter=second.counter.n,
                accuracy_common_discovery=first.common.accuracy,
                accuracy_counter_discovery=first.counter.accuracy,
                accuracy_common=second.common.accuracy,
                accuracy_counter=second.counter.accuracy,
                drop_discovery=first.drop,
                low_discovery=first.low,
                high_discovery=first.high,
                drop_confirmation=second.drop,
                low=second.low,
                high=second.high,
                p=verdict.p,
                p_adjusted=verdict.adjusted,
                confirmed=verdict.confirmed,
                reason="" if verdict.confirmed else f"{verdict.outcome}: {verdict.detail}",
            )
        )
    return rows


def unpaired(verdicts: Iterable[Verdict]) -> dict[str, str]:
    """Class to the reason why it has no pair, with the counts behind it."""
    return {
        verdict.cls: f"{verdict.outcome}: {verdict.detail}" if verdict.detail else verdict.outcome
        for verdict in verdicts
        if verdict.pair is None
    }
