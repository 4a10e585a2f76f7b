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
from typing import TYPE_CHECKING, Literal

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from pydantic import Field

from benchwright.cards.audits.audit import Findings
from benchwright.cards.audits.audit import Settings as AuditSettings
from benchwright.cards.audits.mentions import Order, mentions, single_vectors
from benchwright.cards.audits.object_ranks import Grouping, nearest_of_own, ranks, shares
from benchwright.cards.audits.picture_groupings import picture_groupings
from benchwright.cards.audits.pictures import Pictures, misfit, pictures, vocabulary
from benchwright.cards.audits.reference_images import Pool, References, references
from benchwright.cards.audits.result import Result
from benchwright.cards.audits.text_retrieval import (
    ONE_SIZE,
    Known,
    by_mention,
    ranked_captions,
    vocabularies,
)
from benchwright.errors import BenchwrightError

if TYPE_CHECKING:
    from benchwright.cards.audits.subject import Subject
    from benchwright.curation.models.identity import Model

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
        of_a_size: captions of TOR for each number of objects and real-world size that all of them
            have, as a control; 0 for none.
        template: of captions and of single objects' texts.
        scales: of the composed references of IOR.
        instances: references of each object and scale.
        pool: what makes one score of an object's references, over all scales and of one alone.
    """

    captions: Order = "permutations"
    number: int = Field(2000, ge=0, le=1_000_000)
    of_a_size: int = Field(500, ge=0, le=1_000_000)
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
        """All readings by role and area; of references of one scale, the first by role alone."""
        by_role, by_area, *_ = self._groupings()
        if ONE_SCALE in protocol:
            yield from nearest_of_own(protocol, self._ranks(), [by_role])
        else:
            yield from shares(protocol, self._ranks(), [by_role, by_area])

    def finer_results(self, protocol: str) -> Iterator[Result]:
        """Unconditional shares by slot, and by how far ahead the largest is."""
        if ONE_SCALE not in protocol:
            _, _, *finer = self._groupings()
            yield from nearest_of_own(protocol, self._ranks(), finer)

    def _ranks(self) -> NDArray[np.int64]:
        return np.concatenate(self.found)

    def _groupings(self) -> list[Grouping]:
        return [
            Grouping(parts[0].labels, np.concatenate([part.member for part in parts]))
            for parts in zip(*self.groups, strict=True)
        ]


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
        for known in vocabularies(names, single, settings.number, settings.of_a_size):
            for count in counts:
                found, table = _of_captions(subject.model, known, count, settings)
                results += shares(known.protocol, found, [by_mention(found)])
                tables.append(table)
        protocols = dict.fromkeys(protocol for protocol, _ in trials)
        kept = [
            (p, trials[p, count]) for p in protocols for count in counts if (p, count) in trials
        ]
        for protocol, of in kept:
            results += of.results(protocol)
        facts = {"objects": len(names), "references": given.source if given else ""}
        notes.append(
            "Where nothing favours an object, a share among n of them is 1/n; as published it is "
            "of the queries whose n nearest are their own n alone."
        )
        results.sort(key=_reading)
        for protocol, of in kept:
            results += of.finer_results(protocol)
        return Findings(tuple(results), pa.concat_tables(tables), facts, tuple(notes))


def _reading(result: Result) -> tuple[bool, int]:
    """Sort key: readings in order, and behind them objects of one size, references of one scale."""
    protocol, _, reading = result.measure.rpartition(", ")
    return ONE_SCALE in protocol or ONE_SIZE in protocol, READINGS.index(reading)


def _references(
    subject: Subject, names: Sequence[str], settings: Settings
) -> tuple[References | None, str]:
    """References for IOR, or why there are none."""
    try:
        found = references(subject, names, settings.scales, settings.instances, settings.seed)
    except BenchwrightError as error:
        return None, str(error)
    return found, ""


def _of_captions(
    model: Model, known: Known, count: int, settings: Settings
) -> tuple[NDArray[np.int64], pa.Table]:
    """TOR among some objects: int64 [captions, count] and the outcomes; no rows where too few."""
    if count > len(known.names):
        return np.empty((0, count), np.int64), OUTCOMES.empty_table()
    named = mentions(len(known.names), count, known.number, settings.captions, settings.seed)
    texts, found = ranked_captions(model, known, named, settings.template)
    said = [[known.names[i] for i in row] for row in named.tolist()]
    return found, _table(known.protocol, texts, said, found)


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
        groupings = picture_groupings(group)
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
