"""The samples behind the numbers of the audits of order and size, read off their outcomes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from benchwright.cards.audits import matching
from benchwright.cards.audits.compare_trials import Trials
from benchwright.cards.audits.object_ranks import Grouping
from benchwright.cards.audits.shares import ordinal

Read = tuple[str, str, Trials]
"""A measure, a group, and the samples behind it."""

Rows = list[dict[str, Any]]


def of_retrieval(outcomes: pa.Table, settings: Mapping[str, Any]) -> Iterator[Read]:
    """TOR by mention position; IOR and I2TOR by role and by visible area."""
    for (protocol, count), rows in _parted(outcomes, "protocol", "ranks").items():
        ranks = np.array([row["ranks"] for row in rows], np.int64)
        keys = [row["key"] for row in rows]
        if rows[0]["areas"]:
            groupings = [_by_role(rows, count), _by_area(rows, count)]
        else:
            groupings = [_by_mention(ranks)]
        yield from _of_ranks(str(protocol), keys, ranks, groupings)


def of_long_captions(outcomes: pa.Table, settings: Mapping[str, Any]) -> Iterator[Read]:
    """TOR of short captions, of long ones and of sums, and the differences of these."""
    queries = ("short", "long", "sum")
    for (count,), rows in _parted(outcomes, "short ranks").items():
        keys = [row["key"] for row in rows]
        ranks = {q: np.array([row[f"{q} ranks"] for row in rows], np.int64) for q in queries}
        for query, of in ranks.items():
            yield from _of_ranks(f"TOR, {query}", keys, of, [_by_mention(of)])
        first = {query: (of.argmin(axis=1) == 0).astype(float) for query, of in ranks.items()}
        found = {query: (of < count).all(axis=1).astype(float) for query, of in ranks.items()}
        for measure, hits in (("first mentioned is nearest", first), ("all found", found)):
            for one, other in (("long", "short"), ("long", "sum")):
                group = f"{count} objects, {one} - {other}"
                yield f"{measure}, difference", group, Trials.of(keys, hits[one] - hits[other])


def of_probes(outcomes: pa.Table, settings: Mapping[str, Any]) -> Iterator[Read]:
    """TOC by mention position, IOC by slot; ``outcomes`` also have the config of each sample."""
    parts = _parted(outcomes, "protocol", "probe", "config", "objects")
    for (protocol, probe, config, count), rows in parts.items():
        keys = [row["key"] for row in rows]
        right = np.array(
            [[said == truth for said, truth in zip(row["predicted"], row["objects"], strict=True)]
             for row in rows], float,
        )  # fmt: skip
        text = protocol == "TOC"
        where = f"{count} objects, {settings.get('template')} captions" if text else str(config)
        for place in range(int(count)):
            named = f"{ordinal(place)} mentioned" if text else f"slot {place}"
            trials = Trials.of(keys, right[:, place])
            yield f"{protocol} by {probe}", f"{where}, {named}", trials


def of_matching(outcomes: pa.Table, settings: Mapping[str, Any]) -> Iterator[Read]:
    """Both scenarios, the 2x2, the preferred order, and the effects, a picture a sample."""
    for (count,), rows in _parted(outcomes, "objects").items():
        keys = [row["key"] for row in rows]
        group = f"{count} objects"
        columns = (*matching.CELLS, matching.SCENARIOS[1], matching.ORDER)
        margins = {name: np.array([row[name] for row in rows]) for name in columns}
        right = {name: (margin > 0).astype(float) for name, margin in margins.items()}
        preferred = {name: right[name] for name in matching.CELLS}
        preferred |= dict(zip(
            matching.SCENARIOS, (right[matching.CELLS[0]], right[matching.SCENARIOS[1]]),
            strict=True,
        ))  # fmt: skip
        for name, values in preferred.items():
            yield "right captions preferred", f"{group}, {name}", Trials.of(keys, values)
        yield (
            "order preferred",
            f"{group}, {matching.ORDER}",
            Trials.of(keys, right[matching.ORDER]),
        )
        apart = right[matching.CELLS[0]] - right[matching.SCENARIOS[1]]
        named = " - ".join(matching.SCENARIOS)
        yield "difference of the scenarios", f"{group}, {named}", Trials.of(keys, apart)
        for effect, contrast in matching.EFFECTS.items():
            for kind, of in (("share", right), ("margin", margins)):
                cells = np.stack([of[cell] for cell in matching.CELLS], axis=1)
                change = cells @ np.array(contrast)
                yield f"effect on the {kind}", f"{group}, {effect}", Trials.of(keys, change)


def of_caption_order(outcomes: pa.Table, settings: Mapping[str, Any]) -> Iterator[Read]:
    """Where captions name their largest object; captions of one sample are a cluster."""
    for (captions,), rows in _parted(outcomes, "captions").items():
        excess = [(row["position"] == 0) - 1 / row["objects"] for row in rows]
        first = Trials.of([row["key"] for row in rows], excess)
        yield "largest object first, above chance", f"{captions} captions", first
    for (captions, count), rows in _parted(outcomes, "captions", "objects").items():
        seen: dict[str, int] = {}
        keys = []
        for row in rows:
            seen[row["key"]] = seen.get(row["key"], -1) + 1
            keys.append(f"{row['key']} {seen[row['key']]}")
        _, clusters = np.unique([row["key"] for row in rows], return_inverse=True)
        positions = np.array([row["position"] for row in rows])
        for place in range(int(count)):
            group = f"{captions} captions, {count} objects, {ordinal(place)}"
            trials = Trials.of(keys, positions == place, clusters=clusters)
            yield "largest object is mentioned", group, trials


def _parted(outcomes: pa.Table, *columns: str) -> dict[tuple[Any, ...], Rows]:
    """Rows by the values of some columns; a list counts by its length."""
    found: dict[tuple[Any, ...], Rows] = {}
    for row in outcomes.to_pylist():
        values = (row[column] for column in columns)
        place = tuple(len(value) if isinstance(value, list) else value for value in values)
        found.setdefault(place, []).append(row)
    return found


def _of_ranks(
    protocol: str, keys: Sequence[str], ranks: NDArray[np.int64], groupings: Sequence[Grouping]
) -> Iterator[Read]:
    """What ``object_ranks.shares`` counts, sample by sample."""
    count = ranks.shape[1]
    complete, top = (ranks < count).all(axis=1), ranks.min(axis=1) == 0
    nearest = ranks.argmin(axis=1)
    names = np.array(keys, str)
    for grouping in groupings:
        first = grouping.member[np.arange(len(ranks)), nearest]
        for number, label in enumerate(grouping.labels):
            there, hits = (grouping.member == number).any(axis=1), first == number
            for reading, asked, counted in (
                ("nearest of its own", there, hits),
                ("as published", there & complete, hits),
                ("nearest of all", there, hits & top),
            ):
                if asked.any():
                    trials = Trials.of(names[asked], counted[asked])
                    yield f"{protocol}, {reading}", f"{count} objects, {label}", trials
    yield f"{protocol}, all found", f"{count} objects", Trials.of(keys, complete)


def _by_mention(ranks: NDArray[np.int64]) -> Grouping:
    labels = tuple(f"{ordinal(place)} mentioned" for place in range(ranks.shape[1]))
    return Grouping(labels, np.broadcast_to(np.arange(ranks.shape[1]), ranks.shape))


def _by_role(rows: Rows, count: int) -> Grouping:
    small = [f"small {place}" for place in range(1, count)] if count > 2 else ["small"]
    return Grouping(("large", *small), np.array([row["roles"] for row in rows], np.int64))


def _by_area(rows: Rows, count: int) -> Grouping:
    areas = np.array([row["areas"] for row in rows], np.int64)
    order = np.argsort(np.argsort(-areas, axis=1, kind="stable"), axis=1)
    ordered = np.sort(areas, axis=1)
    order[(ordered[:, 1:] == ordered[:, :-1]).any(axis=1) | (ordered[:, 0] < 0)] = -1
    return Grouping(tuple(f"{ordinal(place)} by visible area" for place in range(count)), order)
