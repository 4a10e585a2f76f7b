"""Long captions: does the bias for the first mentioned object stay, and does adding up mend it?

"CLIP Under the Microscope" (Abbasi et al., CVPR 2025) embeds objects in order in a long sentence
full of adjectives and finds the bias again; its mitigation takes the sum of the single objects'
text vectors in place of the caption's. Both are TOR, over the same objects as short captions; TOC
by the closed form stands beside them.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Literal

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from pydantic import Field

from benchwright.cards.audits import probes
from benchwright.cards.audits.audit import Findings
from benchwright.cards.audits.audit import Settings as AuditSettings
from benchwright.cards.audits.mentions import caption_vectors, mentions, single_vectors
from benchwright.cards.audits.object_ranks import ranks, shares
from benchwright.cards.audits.pictures import misfit, pictures, vocabulary
from benchwright.cards.audits.result import Result
from benchwright.cards.audits.shares import paired_difference
from benchwright.cards.audits.text_retrieval import by_mention

if TYPE_CHECKING:
    from benchwright.cards.audits.subject import Subject

QUERIES = ("short", "long", "sum")
"""Captions by the short and the long template, and the sum of single objects' vectors."""

LEADING = (
    *(f"TOR, {query}, nearest of its own" for query in QUERIES),
    "first mentioned is nearest, difference",
    "all found, difference",
)
"""Measures that come before all others: cards plot the first ones."""

OUTCOMES = pa.schema(
    [
        pa.field("key", pa.string(), nullable=False),  # the objects, first mentioned first
        *(pa.field(f"{query} ranks", pa.list_(pa.int32()), nullable=False) for query in QUERIES),
    ]
)


class Settings(AuditSettings):
    """Settings of the audit.

    Attributes:
        number: captions for each number of objects; 0 for all there are.
        single: template of the single objects' texts, which captions are compared with and which
            are added up.
        probe: whether TOC is run on both templates.
    """

    number: int = Field(1000, ge=0, le=1_000_000)
    single: Literal["short", "bare"] = "bare"
    probe: bool = True


class LongCaptions:
    """The audit."""

    name = "long_captions"
    about = "TOR and TOC on long captions, and on sums of single objects' vectors"
    settings = Settings

    def misfit(self, subject: Subject) -> str:
        """Why it cannot be run; empty if it can."""
        return misfit(subject)

    def run(self, subject: Subject, settings: Settings) -> Findings:
        """Measure."""
        names = vocabulary(subject)
        single = single_vectors(subject.model, names, settings.single)
        results: list[Result] = []
        tables, notes = [], []
        for count in sorted({group.objects for group in pictures(subject)}):
            named = mentions(len(names), count, settings.number, "permutations", settings.seed)
            found = _ranks(subject, names, named, single)
            results += _results(count, found)
            tables.append(_table(names, named, found))
            if settings.probe:
                probed, why = _probed(subject, names, count, settings)
                results += probed
                notes += why
        results.sort(key=_rank)
        notes.append("Where nothing favours an object, a share among n of them is 1/n.")
        return Findings(
            tuple(results), pa.concat_tables(tables), {"objects": len(names)}, tuple(notes)
        )


def _rank(result: Result) -> int:
    """Sort key: what leads, and behind it all others as they come."""
    return LEADING.index(result.measure) if result.measure in LEADING else len(LEADING)


def summed(single: NDArray[np.float32], named: NDArray[np.int64]) -> NDArray[np.float32]:
    """The mitigation: float32 [n, width], sums of the named objects' vectors, of unit length."""
    sums = single[named].sum(axis=1)
    return sums / np.linalg.norm(sums, axis=1, keepdims=True)


def _ranks(
    subject: Subject, names: Sequence[str], named: NDArray[np.int64], single: NDArray[np.float32]
) -> dict[str, NDArray[np.int64]]:
    found = {query: np.empty_like(named) for query in QUERIES}
    for template in ("short", "long"):
        for part, _, vectors in caption_vectors(subject.model, names, named, template):
            found[template][part] = ranks(vectors @ single.T, named[part])
            if template == "long":
                found["sum"][part] = ranks(summed(single, named[part]) @ single.T, named[part])
    return found


def _results(count: int, found: dict[str, NDArray[np.int64]]) -> Iterator[Result]:
    for query, of in found.items():
        yield from shares(f"TOR, {query}", of, [by_mention(of)])
    first = {query: np.asarray(of.argmin(axis=1) == 0) for query, of in found.items()}
    right = {query: np.asarray((of < count).all(axis=1)) for query, of in found.items()}
    for one, other in (("long", "short"), ("long", "sum")):
        for measure, hits in (("first mentioned is nearest", first), ("all found", right)):
            a, b = (hits[query][:, None].astype(np.float64) for query in (one, other))
            yield paired_difference(f"{measure}, difference", f"{count} objects, {one} - {other}",
                                    a, b)  # fmt: skip


def _probed(
    subject: Subject, names: Sequence[str], count: int, settings: Settings
) -> tuple[list[Result], list[str]]:
    """TOC on both templates."""
    results, notes = [], []
    asked = probes.Settings(seed=settings.seed, probes=("ridge",))
    for template in ("short", "long"):
        samples = probes.captions(
            subject, names, count, settings.number, "permutations", template, settings.seed
        )
        found, _, note = probes.probe(samples, names, asked)
        results += found
        notes += [note] if note else []
    return results, notes


def _table(
    names: Sequence[str], named: NDArray[np.int64], found: dict[str, NDArray[np.int64]]
) -> pa.Table:
    keys = [" and ".join(names[i] for i in row) for row in named.tolist()]
    ranked = {f"{query} ranks": of.tolist() for query, of in found.items()}
    return pa.table({"key": keys, **ranked}, schema=OUTCOMES)


AUDIT = LongCaptions()
