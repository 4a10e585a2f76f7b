"""TOR, IOR and I2TOR: which of its own objects a caption or a picture is nearest to.

Protocols of "CLIP Under the Microscope" (Abbasi et al., CVPR 2025, arXiv 2502.19842). Theirs names
objects in the order of one list, conditions on a right top n, has references of one scale, and
calls large what the layout says; ours is counterbalanced, unconditional beside, multi-scale, and
also by the area that is seen.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import TYPE_CHECKING, Literal

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from pydantic import Field

from benchwright.cards.audits.audit import Findings
from benchwright.cards.audits.audit import Settings as AuditSettings
from benchwright.cards.audits.mentions import Order, caption_vectors, mentions, single_vectors
from benchwright.cards.audits.object_ranks import Grouping, nearest_of_own, ranks, shares
from benchwright.cards.audits.pictures import Pictures, misfit, pictures, vocabulary
from benchwright.cards.audits.reference_images import Pool, References, references
from benchwright.cards.audits.result import Result
from benchwright.cards.audits.shares import ordinal
from benchwright.errors import BenchwrightError

if TYPE_CHECKING:
    from benchwright.cards.audits.subject import Subject

RATIOS = (1.0, 1.5, 3.0, 6.0, np.inf)
"""Bounds of the largest object's visible area by the next one's; the originals have 6 to 13."""

ONE_SCALE = ", references x"
"""What follows IOR where only the references of one scale are compared with."""

READINGS = ("nearest of its own", "as published", "nearest of all", "all found")
"""In the order of the results: what is plotted comes first."""

OUTCOMES = pa.schema(
    [
        pa.field("key", pa.string(), nullable=False),  # of the sample; of a caption, its text
        pa.field("protocol", pa.string(), nullable=False),
        pa.field("names", pa.list_(pa.string()), nullable=False),  # in mention order
        pa.field("ranks", pa.list_(pa.int32()), nullable=False),  # 0: nearest of all candidates
        pa.field("areas", pa.list_(pa.int64()), nullable=False),  # visible pixels; empty of texts
        pa.field("roles", pa.list_(pa.int32()), nullable=False),  # 0 large, 1.. small; -1 without
    ]
)


class Settings(AuditSettings):
    """Settings of the audit.

    Attributes:
        captions: of TOR: ``permutations``, counterbalanced, or the papers' ``combinations``.
        number: captions of TOR for each number of objects; 0 for all there are.
        template: of captions and of single objects' texts.
        scales: of the composed references of IOR.
        instances: references of each object and scale.
        pool: what makes one score of an object's references, over all scales and of one alone.
    """

    captions: Order = "permutations"
    number: int = Field(2000, ge=0, le=1_000_000)
    template: Literal["short", "bare", "long"] = "bare"
    scales: tuple[float, ...] = Field((0.7, 1.3, 2.0), min_length=1)
    instances: int = Field(2, ge=1, le=100)
    pool: Pool = "max"


@dataclass(slots=True)
class _Trials:
    """Queries of one protocol and number of objects, as they add up."""

    found: list[NDArray[np.int64]] = field(default_factory=list)
    groups: list[list[Grouping]] = field(default_factory=list)

    def results(self, protocol: str) -> Iterator[Result]:
        """All readings by role and area; of slots and ratios the unconditional shares alone."""
        by_role, by_area, *finer = [
            Grouping(parts[0].labels, np.concatenate([part.member for part in parts]))
            for parts in zip(*self.groups, strict=True)
        ]
        found = np.concatenate(self.found)
        if ONE_SCALE in protocol:
            yield from nearest_of_own(protocol, found, [by_role])
            return
        yield from shares(protocol, found, [by_role, by_area])
        yield from nearest_of_own(protocol, found, finer)


class Retrieval:
    """The audit."""

    name = "retrieval"
    about = "TOR, IOR, I2TOR: which of its own objects a caption or picture is nearest to"
    settings = Settings

    def misfit(self, subject: Subject) -> str:
        """Why it cannot be run; empty if it can."""
        return misfit(subject)

    def run(self, subject: Subject, settings: Settings) -> Findings:
        """Measure."""
        names, notes = vocabulary(subject), []
        single = single_vectors(subject.model, names, settings.template)
        given, why_not = _references(subject, names, settings)
        if why_not:
            notes.append(f"IOR is left out: {why_not}.")
        trials: defaultdict[tuple[str, int], _Trials] = defaultdict(_Trials)
        tables = list(_of_pictures(subject, names, single, given, settings, trials))
        counts = sorted({count for _, count in trials})
        results: list[Result] = []
        for count in counts:
            found, table = text_trials(subject, names, single, count, settings)
            tables.append(table)
            results += shares("TOR", found, [by_mention(found)])
        for (protocol, _), kept in trials.items():
            results += kept.results(protocol)
        facts = {"objects": len(names), "references": given.source if given else ""}
        notes.append(
            "Where nothing favours an object, a share among n of them is 1/n; as published it is "
            "of the queries whose n nearest are their own n alone."
        )
        results.sort(key=_reading)
        return Findings(tuple(results), pa.concat_tables(tables), facts, tuple(notes))


def _reading(result: Result) -> tuple[bool, int]:
    """Sort key: readings in order, and behind them the references of one scale."""
    protocol, _, reading = result.measure.rpartition(", ")
    return ONE_SCALE in protocol, READINGS.index(reading)


def by_mention(found: NDArray[np.int64]) -> Grouping:
    """Objects by mention position, which is their column."""
    labels = tuple(f"{ordinal(k)} mentioned" for k in range(found.shape[1]))
    return Grouping(labels, np.broadcast_to(np.arange(found.shape[1]), found.shape))


def text_trials(
    subject: Subject,
    names: Sequence[str],
    single: NDArray[np.float32],
    count: int,
    settings: Settings,
) -> tuple[NDArray[np.int64], pa.Table]:
    """TOR: ranks of the objects that captions name, int64 [captions, count], and the outcomes."""
    named = mentions(len(names), count, settings.number, settings.captions, settings.seed)
    found = np.empty_like(named)
    texts: list[str] = []
    for part, some, vectors in caption_vectors(subject.model, names, named, settings.template):
        found[part] = ranks(vectors @ single.T, named[part])
        texts += some
    said = [[names[i] for i in row] for row in named.tolist()]
    return found, _table("TOR", texts, said, found)


def _references(
    subject: Subject, names: Sequence[str], settings: Settings
) -> tuple[References | None, str]:
    """References for IOR, or why there are none."""
    try:
        found = references(subject, names, settings.scales, settings.instances, settings.seed)
    except BenchwrightError as error:
        return None, str(error)
    return found, ""


def _of_pictures(
    subject: Subject,
    names: Sequence[str],
    single: NDArray[np.float32],
    given: References | None,
    settings: Settings,
    trials: defaultdict[tuple[str, int], _Trials],
) -> Iterator[pa.Table]:
    """IOR and I2TOR, batch by batch: adds to the trials and gives the outcomes."""
    index = {name: number for number, name in enumerate(names)}
    for group in pictures(subject):
        truth = np.array([[index[name] for name in held] for held in group.names], np.int64)
        groupings = _groupings(group)
        for protocol, scores in _scores(group, single, given, settings.pool):
            found = ranks(scores, truth)
            kept = trials[protocol, group.objects]
            kept.found.append(found)
            kept.groups.append(groupings)
            roles = group.size_roles()
            yield _table(protocol, group.keys, group.names, found, group.areas, roles)


def _scores(
    group: Pictures, single: NDArray[np.float32], given: References | None, pool: Pool
) -> Iterator[tuple[str, NDArray[np.float32]]]:
    """Protocol and score of each picture with each object of the vocabulary."""
    yield "I2TOR", group.vectors @ single.T
    if given is None:
        return
    by_scale = {scale: given.scores(group.vectors, scale, pool) for scale in given.vectors}
    stacked = np.stack(list(by_scale.values()))
    yield "IOR", stacked.max(axis=0) if pool == "max" else stacked.mean(axis=0)
    if len(by_scale) > 1:
        yield from ((f"IOR{ONE_SCALE}{scale}", of) for scale, of in by_scale.items())


def _groupings(group: Pictures) -> list[Grouping]:
    """A picture's objects by role in the layout, by slot, by visible area and how far ahead."""
    count = group.objects
    small = [f"small {k}" for k in range(1, count)] if count > 2 else ["small"]
    ordered, ratios = group.area_ranks(), group.area_ratios()
    bins = np.searchsorted(RATIOS, ratios, side="right") - 1
    ahead = np.where((ordered == 0) & ~np.isnan(ratios)[:, None], bins[:, None], -1)
    labels = [
        f"largest, {low:g} to {high:g} times the next" if np.isfinite(high)
        else f"largest, over {low:g} times the next"
        for low, high in pairwise(RATIOS)
    ]  # fmt: skip
    return [
        Grouping(("large", *small), group.size_roles()),
        Grouping(tuple(f"{ordinal(k)} by visible area" for k in range(count)), ordered),
        Grouping(tuple(labels), ahead),
        Grouping(tuple(f"in slot {k}" for k in range(count)), group.slots),
    ]


def _table(
    protocol: str,
    keys: Sequence[str],
    names: Sequence[Sequence[str]],
    found: NDArray[np.int64],
    areas: NDArray[np.int64] | None = None,
    roles: NDArray[np.int64] | None = None,
) -> pa.Table:
    none: list[list[int]] = [[] for _ in keys]
    return pa.table(
        {
            "key": list(keys),
            "protocol": [protocol] * len(keys),
            "names": [list(said) for said in names],
            "ranks": found.tolist(),
            "areas": none if areas is None else areas.tolist(),
            "roles": none if roles is None else roles.tolist(),
        },
        schema=OUTCOMES,
    )


AUDIT = Retrieval()
