"""TOC and IOC: can a linear layer tell which object is at which place of a caption or picture?

Protocols of "CLIP Under the Microscope" (Abbasi et al., CVPR 2025): one linear layer a mention
position on text vectors (75/10/15, 10 epochs, batches of 32), one a slot on image vectors (80/20,
25 epochs, batches of 8), Adam at 1e-3. Beside them the closed form, and splits that keep all orders
of the same objects on one side, since a probe may otherwise have seen the very objects together.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from pydantic import Field

from benchwright.cards.audits import pictures as scenes
from benchwright.cards.audits.audit import Findings
from benchwright.cards.audits.audit import Settings as AuditSettings
from benchwright.cards.audits.linear_probe import Parts, adam, ridge, split
from benchwright.cards.audits.mentions import Order, caption_vectors, mentions
from benchwright.cards.audits.pictures import pictures, vocabulary
from benchwright.cards.audits.result import Result
from benchwright.cards.audits.shares import ordinal, share

if TYPE_CHECKING:
    from benchwright.cards.audits.subject import Subject

Probe = Literal["ridge", "adam"]
SplitBy = Literal["sets", "samples"]

TOC_SHARES, TOC_EPOCHS, TOC_BATCH = (0.75, 0.10), 10, 32
IOC_SHARES, IOC_EPOCHS, IOC_BATCH = (0.80, 0.0), 25, 8
"""As the papers' code has them: parts that train and validate, the rest is tested."""

FEWEST_TRAINED = 10
"""Samples to train on below which a probe is not worth its name."""

OUTCOMES = pa.schema(
    [
        pa.field("key", pa.string(), nullable=False),  # of the sample; of a caption, its text
        pa.field("protocol", pa.string(), nullable=False),
        pa.field("probe", pa.string(), nullable=False),
        pa.field("objects", pa.list_(pa.string()), nullable=False),  # by place
        pa.field("predicted", pa.list_(pa.string()), nullable=False),
    ]
)


class Settings(AuditSettings):
    """Settings of the audit.

    Attributes:
        probes: ``adam`` as the papers train theirs, ``ridge`` in closed form.
        split: ``sets`` keeps captions or pictures of the same objects together; ``samples`` parts
            them one by one, as the papers do.
        captions: of TOC: ``permutations``, counterbalanced, or the papers' ``combinations``.
        number: captions of TOC for each number of objects; 0 for all there are.
        template: of those captions.
        pictures: of each config at most, for IOC, the first of the set.
    """

    probes: tuple[Probe, ...] = Field(("ridge", "adam"), min_length=1)
    split: SplitBy = "sets"
    captions: Order = "permutations"
    number: int = Field(4000, ge=0, le=1_000_000)
    template: Literal["short", "bare", "long"] = "short"
    pictures: int = Field(20_000, ge=1)


@dataclass(frozen=True, slots=True)
class Probed:
    """Samples to probe.

    Attributes:
        protocol: ``TOC`` or ``IOC``.
        group: what its results are grouped under.
        keys: of the n samples.
        vectors: float32 [n, width].
        labels: int64 [n, places], index of the object at each place.
        places: what places are called.
        large: bool [n, places], whether the object there is a layout's large one.
        small: bool [n, places], whether it is one of the small ones beside it.
    """

    protocol: Literal["TOC", "IOC"]
    group: str
    keys: tuple[str, ...]
    vectors: NDArray[np.float32]
    labels: NDArray[np.int64]
    places: tuple[str, ...]
    large: NDArray[np.bool_]
    small: NDArray[np.bool_]


class Probes:
    """The audit."""

    name = "probes"
    about = "TOC, IOC: a linear layer a mention position or slot"
    settings = Settings

    def misfit(self, subject: Subject) -> str:
        """Why it cannot be run; empty if it can."""
        return scenes.misfit(subject)

    def run(self, subject: Subject, settings: Settings) -> Findings:
        """Measure."""
        names = vocabulary(subject)
        counts = sorted({group.objects for group in pictures(subject)})
        probed = [
            captions(subject, names, count, settings.number, settings.captions,
                     settings.template, settings.seed)
            for count in counts
        ]  # fmt: skip
        probed += of_pictures(subject, names, settings.pictures)
        results: list[Result] = []
        tables, notes = [OUTCOMES.empty_table()], []
        for samples in probed:
            found, table, note = probe(samples, names, settings)
            results += found
            tables.append(table)
            notes += [note] if note else []
        notes.append(f"Chance is 1/{len(names)} at every place.")
        return Findings(
            tuple(results), pa.concat_tables(tables), {"objects": len(names)}, tuple(notes)
        )


def captions(
    subject: Subject,
    names: Sequence[str],
    count: int,
    number: int,
    order: Order,
    template: str,
    seed: int,
) -> Probed:
    """The captions of TOC that name ``count`` objects, and their vectors."""
    named = mentions(len(names), count, number, order, seed)
    vectors, texts = [], list[str]()
    for _, some, encoded in caption_vectors(subject.model, names, named, template):
        vectors.append(encoded)
        texts += some
    nowhere = np.zeros(named.shape, np.bool_)
    places = tuple(f"{ordinal(k)} mentioned" for k in range(count))
    return Probed(
        "TOC", f"{count} objects, {template} captions", tuple(texts), np.concatenate(vectors),
        named, places, nowhere, nowhere,
    )  # fmt: skip


def of_pictures(subject: Subject, names: Sequence[str], most: int) -> Iterator[Probed]:
    """The pictures of IOC, a config at a time: those whose objects stand in slots 0, 1, 2, ..."""
    index = {name: number for number, name in enumerate(names)}
    found: defaultdict[tuple[str, int], list[_Slotted]] = defaultdict(list)
    for group in pictures(subject):
        there = (np.sort(group.slots, axis=1) == np.arange(group.objects)).all(axis=1)
        rows = np.flatnonzero(there)
        seen = sum(len(part.keys) for part in found[group.config, group.objects])
        rows = rows[: max(most - seen, 0)]
        if not len(rows):
            continue
        held = np.array([[index[name] for name in group.names[row]] for row in rows], np.int64)
        by_slot = np.argsort(group.slots[rows], axis=1)
        roles = np.take_along_axis(group.size_roles()[rows], by_slot, axis=1)
        found[group.config, group.objects].append(
            _Slotted(
                tuple(group.keys[row] for row in rows), group.vectors[rows],
                np.take_along_axis(held, by_slot, axis=1), roles,
            )
        )  # fmt: skip
    for (config, count), parts in found.items():
        if parts:
            roles = np.concatenate([part.roles for part in parts])
            yield Probed(
                "IOC", config, tuple(key for part in parts for key in part.keys),
                np.concatenate([part.vectors for part in parts]),
                np.concatenate([part.labels for part in parts]),
                tuple(f"slot {slot}" for slot in range(count)), roles == 0, roles > 0,
            )  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Slotted:
    keys: tuple[str, ...]
    vectors: NDArray[np.float32]
    labels: NDArray[np.int64]
    roles: NDArray[np.int64]


def probe(
    samples: Probed, names: Sequence[str], settings: Settings
) -> tuple[list[Result], pa.Table, str]:
    """Results, outcomes, and what a reader must know ("" if nothing)."""
    shares = TOC_SHARES if samples.protocol == "TOC" else IOC_SHARES
    sets = np.unique(np.sort(samples.labels, axis=1), axis=0, return_inverse=True)[1].reshape(-1)
    groups = sets if settings.split == "sets" else np.arange(len(samples.labels))
    parts = split(groups.astype(np.int64), shares, settings.seed)
    where = f"{samples.protocol}, {samples.group}"
    if len(parts.train) < FEWEST_TRAINED or not len(parts.test):
        note = f"{where}: {len(samples.keys)} samples are too few to train on."
        return [], OUTCOMES.empty_table(), note
    results: list[Result] = []
    tables = []
    for kind in settings.probes:
        predicted = _predicted(kind, samples, len(names), parts, settings.seed)
        results += _results(kind, samples, parts, predicted)
        tables.append(_table(kind, samples, names, parts, predicted))
    known = float(np.isin(sets[parts.test], sets[parts.train]).mean())
    note = f"{where}: {known:.0%} of what is tested shows objects that were trained on together."
    return results, pa.concat_tables(tables), note if known else ""


def _predicted(
    kind: Probe, samples: Probed, classes: int, parts: Parts, seed: int
) -> NDArray[np.int64]:
    if kind == "adam":
        text = samples.protocol == "TOC"
        epochs, batch = (TOC_EPOCHS, TOC_BATCH) if text else (IOC_EPOCHS, IOC_BATCH)
        return adam(samples.vectors, samples.labels, classes, parts, epochs, batch, seed)
    if not len(parts.validation):  # the papers' 80/20: a tenth of what trains chooses the penalty
        cut = max(1, len(parts.train) // 10)
        order = np.random.Generator(np.random.PCG64(seed)).permutation(parts.train)
        parts = Parts(np.sort(order[cut:]), np.sort(order[:cut]), parts.test)
    return ridge(samples.vectors, samples.labels, classes, parts)


def _results(
    kind: Probe, samples: Probed, parts: Parts, predicted: NDArray[np.int64]
) -> Iterator[Result]:
    right = predicted == samples.labels[parts.test]
    measure = f"{samples.protocol} by {kind}"
    for place, label in enumerate(samples.places):
        group = f"{samples.group}, {label}"
        yield share(measure, group, int(right[:, place].sum()), len(right))
    large, small = samples.large[parts.test], samples.small[parts.test]
    if large.any():
        yield share(measure, f"{samples.group}, large", int(right[large].sum()), int(large.sum()))
        some = small.any(axis=1)  # a picture counts once, by the mean of its small objects
        means = (right & small).sum(axis=1)[some] / small.sum(axis=1)[some]
        yield share(measure, f"{samples.group}, small", float(means.sum()), int(some.sum()))


def _table(
    kind: Probe,
    samples: Probed,
    names: Sequence[str],
    parts: Parts,
    predicted: NDArray[np.int64],
) -> pa.Table:
    return pa.table(
        {
            "key": [samples.keys[row] for row in parts.test],
            "protocol": [samples.protocol] * len(parts.test),
            "probe": [kind] * len(parts.test),
            "objects": [[names[i] for i in row] for row in samples.labels[parts.test].tolist()],
            "predicted": [[names[i] for i in row] for row in predicted.tolist()],
        },
        schema=OUTCOMES,
    )


AUDIT = Probes()
