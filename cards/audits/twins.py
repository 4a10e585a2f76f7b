"""Does the background cause the gap? The same thing on both backgrounds, and nothing else changed.

Photographs on two backgrounds also differ in pose, size and view (2403.11497 compares such). Of a
mined set, each class's pair of backgrounds is composed behind the same built-in object; of a set of
scenes, those with a twin of another ground are held against their twins.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from pydantic import Field

from benchwright.cards.audits.audit import Findings, Settings
from benchwright.cards.audits.classed import ClassImages
from benchwright.cards.audits.label_heads import Labels, head, labels_for
from benchwright.cards.audits.result import Result
from benchwright.cards.audits.shares import paired_difference, share
from benchwright.cards.audits.subject import Subject
from benchwright.cards.audits.twin_scenes import Twins
from benchwright.curation.labelling.label_sets import LabelSet, label_set
from benchwright.errors import BenchwrightError, DatasetError
from benchwright.sample_kinds import MINED, SCENES
from benchwright.statistics.intervals import mean_interval

GROUND = "ground"


class TwinsSettings(Settings):
    """Settings of ``twins``.

    Attributes:
        labels: as of ``group_gap``; of scenes the names of all objects by default.
        prompt: name or template.
        pairs: composed for each class of a mined set.
        photos: folder of photographs to compose on where no texture has the background's name.
    """

    labels: str = ""
    prompt: str = "single"
    pairs: int = Field(100, ge=1)
    photos: str = ""


@dataclass(frozen=True, slots=True)
class Answered:
    """Pairs of pictures that differ in their background alone.

    Attributes:
        keys: of each pair: the original's, or class and number.
        groups: class of each; "" where several things are shown.
        backgrounds: names of both.
        right: bool [n, 2], on the first background and on the second.
        predicted: of both, the label.
    """

    keys: tuple[str, ...]
    groups: tuple[str, ...]
    backgrounds: tuple[tuple[str, str], ...]
    right: NDArray[np.bool_]
    predicted: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class TwinAudit:
    """The audit."""

    name: str = "twins"
    about: str = "the same object on both backgrounds of a pair: is the background the cause"
    settings: type[Settings] = TwinsSettings

    def misfit(self, subject: Subject) -> str:
        """Why it cannot be run on this dataset with this model; empty if it can."""
        if subject.kind == SCENES.name:
            if not subject.has_text:
                return f"{subject.model.identity.id} has no text tower to name the objects with"
            shown = (record for batch in subject.batches() for record in batch.records)
            has_twin = any(record.get("factor") == GROUND for record in shown)
            return "" if has_twin else "no scene has a twin of another ground"
        if subject.kind != MINED.name:
            return "it takes mined sets, and scenes with twins of another ground"
        try:
            images = ClassImages.of(subject)
            if not subject.has_text:
                head(subject, labels_for(images, ""), "")
            return "" if _pairs(images, "") else _NOT_COMPOSED
        except BenchwrightError as error:
            return str(error)

    def run(self, subject: Subject, settings: Any) -> Findings:
        """Measure; see ``Audit.run``."""
        if subject.kind == MINED.name:
            return _mined(subject, settings)
        answered, facts = _of_scenes(subject, settings)
        results = tuple(_results(answered, ("original", "other ground")))
        note = "A scene is right if its best label names an object of it."
        return Findings(results, _outcomes(answered), facts, (note,))


AUDIT = TwinAudit()

_NOT_COMPOSED = (
    "no class has both a built-in object and two backgrounds that are textures "
    "(photos=FOLDER brings others)"
)


def _pairs(images: ClassImages, photos: str) -> dict[str, tuple[str, str]]:
    """Class to its common and counter background, where both can be composed behind it."""
    seen: dict[tuple[str, str], Counter[str]] = {}
    for batch in images.batches():
        for record in batch.records:
            if record["group"] in ("common", "counter") and record["background"]:
                place = (str(record["class"]), str(record["group"]))
                seen.setdefault(place, Counter())[str(record["background"])] += 1
    twins = Twins(images.names, photos)
    found = {}
    for name in images.names:
        if (name, "common") in seen and (name, "counter") in seen and twins.has(name):
            common, counter = (_first(seen[name, group]) for group in ("common", "counter"))
            if twins.shows(common) and twins.shows(counter) and common != counter:
                found[name] = (common, counter)
    return found


def _first(counts: Counter[str]) -> str:
    """The most frequent; of equal ones the first by name."""
    return min(counts, key=lambda name: (-counts[name], name))


def _mined(subject: Subject, settings: TwinsSettings) -> Findings:
    images = ClassImages.of(subject)
    pairs = _pairs(images, settings.photos)
    if not pairs:
        raise DatasetError(f"{subject.dataset.folder}: {_NOT_COMPOSED}")
    labels = labels_for(images, settings.labels)
    scorer = head(subject, labels, settings.prompt)
    twins = Twins(images.names, settings.photos)
    keys, right, predicted = [], [], []
    for name, backgrounds in pairs.items():
        drawn = [twins.pair(name, backgrounds, settings.seed, at) for at in range(settings.pairs)]
        both = [
            scorer.scores(twins.encoded(subject.model, [pair[side] for pair in drawn])).argmax(1)
            for side in (0, 1)
        ]
        own = labels.own[images.names.index(name)]
        right.append(np.stack(both, axis=1) == own)
        predicted += [(labels.names[a], labels.names[b]) for a, b in zip(*both, strict=True)]
        keys += [f"{name} {at}" for at in range(settings.pairs)]
    groups = [name for name in pairs for _ in range(settings.pairs)]
    places = tuple(pairs[name] for name in groups)
    answered = Answered(tuple(keys), tuple(groups), places, np.concatenate(right), tuple(predicted))
    results = tuple(_results(answered, ("common", "counter")))
    return Findings(results, _outcomes(answered), _facts(labels), tuple(_notes(images, pairs)))


def _facts(labels: Labels) -> dict[str, Any]:
    return {"label_set": labels.name, "label_count": len(labels.names)}


def _notes(images: ClassImages, pairs: Mapping[str, tuple[str, str]]) -> Iterator[str]:
    yield "Composed pictures: the object, its place and size are the same on both backgrounds."
    if left_out := sorted(set(images.names) - set(pairs)):
        more = f" and {len(left_out) - 10} more" if len(left_out) > 10 else ""
        yield f"Not composed, having no object or no texture: {', '.join(left_out[:10])}{more}."


def _of_scenes(subject: Subject, settings: TwinsSettings) -> tuple[Answered, dict[str, Any]]:
    """Scenes of a set with their ground twins; both may lie in any shard."""
    labels = _object_labels(subject, settings.labels)
    scorer = head(subject, labels, settings.prompt)
    best: dict[str, tuple[str, bool, str]] = {}
    twins: list[tuple[str, str, str]] = []
    for batch in subject.batches():
        labelled = scorer.scores(batch.vectors).argmax(axis=1)
        for key, record, label in zip(batch.keys, batch.records, labelled, strict=True):
            shown = [str(thing["name"]) for thing in record["objects"]]
            name = labels.names[label]
            best[key] = (name, name in shown, str(record["background"]))
            if record.get("factor") == GROUND:
                twins.append((key, str(record["twin_of"]), shown[0] if len(shown) == 1 else ""))
    kept = [(key, of, name) for key, of, name in twins if of in best]
    if not kept:
        raise DatasetError(f"{subject.dataset.folder}: its twins' originals are not here")
    sides = [(best[of], best[key]) for key, of, _ in kept]
    answered = Answered(
        tuple(of for _, of, _ in kept),
        tuple(name for _, _, name in kept),
        tuple((first[2], second[2]) for first, second in sides),
        np.array([[first[1], second[1]] for first, second in sides]),
        tuple((first[0], second[0]) for first, second in sides),
    )
    return answered, _facts(labels)


def _object_labels(subject: Subject, setting: str) -> Labels:
    names = sorted({
        str(thing["name"])
        for batch in subject.batches() for record in batch.records
        for thing in record.get("objects", ())
    })  # fmt: skip
    if setting:
        chosen = label_set(setting)
        return Labels(setting, chosen, np.arange(len(chosen.labels)))
    return Labels("its objects", LabelSet(tuple(names)), np.arange(len(names)))


def _results(answered: Answered, sides: tuple[str, str]) -> Iterator[Result]:
    """Differences first: all pairs, class by class, and the classes' mean."""
    right = answered.right.astype(np.float64)
    groups = np.array(answered.groups, object)
    named = [name for name in dict.fromkeys(answered.groups) if name]
    each = [
        paired_difference("drop, same object", name, right[groups == name, :1],
                          right[groups == name, 1:])
        for name in named
    ]  # fmt: skip
    yield paired_difference("drop, same object", "", right[:, :1], right[:, 1:])
    yield from each
    for at, side in enumerate(sides):
        yield share(f"accuracy, {side}", "", int(right[:, at].sum()), len(right))
        for name in named:
            mine = right[groups == name, at]
            yield share(f"accuracy, {side}", name, int(mine.sum()), len(mine))
    changed = sum(first != second for first, second in answered.predicted)
    yield share("answers that change", "", changed, len(right))
    if len(each) > 1:
        bounds = ([r.estimate for r in each], [r.low for r in each], [r.high for r in each])
        mean, low, high = mean_interval(*bounds)
        yield Result(
            measure="drop, same object, class mean", n=sum(r.n for r in each),
            estimate=mean, low=min(low, mean), high=max(high, mean),
        )  # fmt: skip


def _outcomes(answered: Answered) -> pa.Table:
    first, second = zip(*answered.backgrounds, strict=True)
    said, also = zip(*answered.predicted, strict=True)
    return pa.table({
        "key": answered.keys, "class": answered.groups,
        "first_background": first, "second_background": second,
        "first_prediction": said, "second_prediction": also,
        "first_right": answered.right[:, 0], "second_right": answered.right[:, 1],
    })  # fmt: skip
