"""Matched drops: how much of a drop is left where subject scale and brightness are alike?

Coarsened exact matching (Iacus, King and Porro 2012): a stratum is an octave of subject scale by
an eighth of brightness. The bins are fixed, so that they mean the same in every class and no pass
over the data has to find them. Strata with both groups are compared within; their drops are
averaged with Mantel-Haenszel weights n1 n2 / (n1 + n2), which give the least variance if the drop
is the same in all; intervals come from resampling whole clusters. What remains of differences
inside a stratum, and of pose or view, is not taken out.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

import numpy as np

from benchwright.curation.mining.halves import Half
from benchwright.curation.mining.pairs import Pair
from benchwright.statistics import bootstrap
from benchwright.statistics.intervals import LEVEL, Floats

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

SMALLEST_OCTAVE = -7
"""Exponent of 2 of the least scale kept apart: below 1/128 of the image a subject is a speck."""

BRIGHTNESS_BINS = 8
"""Of mean luma; an eighth is about the difference between an overcast and a sunny picture."""

FETCHED = 65_536
"""Rows of counts held at a time while a class is read."""

Row: TypeAlias = tuple[str, bool, str, int, int, int]
"""Class, on common, cluster, stratum (-1 where scale or brightness is not known), images, right."""


@dataclass(frozen=True, slots=True)
class MatchedDrop:
    """A pair's drop on the confirmation half, as it is and within strata.

    Attributes:
        pair: the pair.
        raw: drop over all images of both groups.
        matched: drop over the strata that hold both, with a 95 % interval by resampling clusters;
            NaN where no stratum does.
        strata: strata that hold both.
        common_n: images on the common background.
        common_unmatched: of them, those in no such stratum.
        counter_n: images on the counter background.
        counter_unmatched: of them, those in no such stratum.
    """

    pair: Pair
    raw: float
    matched: bootstrap.Interval
    strata: int
    common_n: int
    common_unmatched: int
    counter_n: int
    counter_unmatched: int


def matched_drops(
    rows: DuckDBPyConnection,
    pairs: Sequence[Pair],
    *,
    seed: int = 0,
    resamples: int = bootstrap.RESAMPLES,
    level: float = LEVEL,
) -> list[MatchedDrop]:
    """The matched drop of each pair, on the confirmation half.

    Holds the counts of one class's two groups at a time.

    Args:
        rows: of ``scored.opened``, checked.
        pairs: at most one a class.
        seed: of the resampling.
        resamples: how many.
        level: nominal coverage of the intervals.

    Returns:
        In order of class; a pair without images of both groups is left out.
    """
    by_class = {pair.cls: pair for pair in pairs}
    found = []
    for cls, counts in itertools.groupby(_counts(rows, pairs), key=lambda row: row[0]):
        measured = _measured(by_class[cls], list(counts), seed, resamples, level)
        if measured is not None:
            found.append(measured)
    return found


def _counts(rows: DuckDBPyConnection, pairs: Sequence[Pair]) -> Iterator[Row]:
    """Images and right ones by class, group, cluster and stratum; a class's rows are adjacent."""
    if not pairs:
        return
    listed = ", ".join(["(?, ?, ?)"] * len(pairs))
    # least and greatest keep scale 0, scale 1 and brightness 1 inside the outer bins.
    query = f"""
    SELECT s.cls, s.background = p.common AS on_common,
           CASE WHEN s.cluster = '' THEN s.key ELSE s.cluster END AS cluster,
           CASE WHEN isnan(subject_scale) OR isnan(brightness) THEN -1 ELSE
             {BRIGHTNESS_BINS} * (greatest(least(floor(log2(greatest(subject_scale, 1e-9))), -1),
                                           {SMALLEST_OCTAVE})::INTEGER - {SMALLEST_OCTAVE})
             + greatest(least(floor(brightness * {BRIGHTNESS_BINS}), {BRIGHTNESS_BINS - 1}),
                        0)::INTEGER END AS stratum,
           count(*), count_if(correct)
    FROM scored s JOIN (VALUES {listed}) AS p(cls, common, counter) ON s.cls = p.cls
    WHERE s.half = '{Half.CONFIRMATION}' AND s.background IN (p.common, p.counter)
    GROUP BY ALL ORDER BY ALL"""
    values = [name for pair in pairs for name in (pair.cls, pair.common, pair.counter)]
    answer = rows.execute(query, values)
    while batch := answer.fetchmany(FETCHED):
        yield from batch


def _measured(
    pair: Pair, rows: list[Row], seed: int, resamples: int, level: float
) -> MatchedDrop | None:
    total = {side: sum(row[4] for row in rows if row[1] is side) for side in (True, False)}
    right = {side: sum(row[5] for row in rows if row[1] is side) for side in (True, False)}
    if not (total[True] and total[False]):
        return None
    shared = sorted(
        {row[3] for row in rows if row[1] and row[3] >= 0}
        & {row[3] for row in rows if not row[1] and row[3] >= 0}
    )
    raw = right[True] / total[True] - right[False] / total[False]
    if not shared:
        nothing = bootstrap.Interval(np.nan, np.nan, np.nan)
        return MatchedDrop(pair, raw, nothing, 0, total[True], total[True], total[False],
                           total[False])  # fmt: skip
    sums = _sums(rows, shared)
    matched = bootstrap.clustered(
        mantel_haenszel, sums, seed=f"{seed} matched {pair.cls}", resamples=resamples, level=level
    )
    kept = sums.reshape(len(sums), len(shared), 2, 2)[..., 0].sum(axis=(0, 1))
    return MatchedDrop(
        pair, raw, matched, len(shared),
        total[True], total[True] - int(kept[0]), total[False], total[False] - int(kept[1]),
    )  # fmt: skip


def _sums(rows: list[Row], strata: list[int]) -> Floats:
    """What each cluster adds: [clusters, strata x (common, counter) x (images, right)]."""
    clusters: dict[str, int] = {}
    places = {stratum: i for i, stratum in enumerate(strata)}
    for row in rows:
        clusters.setdefault(row[2], len(clusters))
    sums = np.zeros((len(clusters), len(strata), 2, 2))
    for _, on_common, cluster, stratum, n, right in rows:
        if stratum in places:
            sums[clusters[cluster], places[stratum], 0 if on_common else 1] += (n, right)
    return sums.reshape(len(clusters), -1)


def mantel_haenszel(totals: Floats) -> Floats:
    """Drops averaged over strata with weights n1 n2 / (n1 + n2).

    Args:
        totals: [batch, strata x (common, counter) x (images, right)].

    Returns:
        [batch]; NaN where no stratum holds both groups.
    """
    cells = totals.reshape(len(totals), -1, 2, 2)
    n, right = cells[..., 0], cells[..., 1]
    weight = n[..., 0] * n[..., 1] / np.maximum(n.sum(axis=-1), 1)
    accuracy = right / np.maximum(n, 1)
    weighted = weight * (accuracy[..., 0] - accuracy[..., 1])
    whole = weight.sum(axis=-1)
    return np.where(whole > 0, weighted.sum(axis=-1) / np.where(whole > 0, whole, 1), np.nan)
