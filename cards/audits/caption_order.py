"""Which place in a caption its largest object has: the bias that training captions teach.

"CLIP Under the Microscope" (Abbasi et al., CVPR 2025) traces both towers' biases to captions that
name larger objects first. Any captioned set with object areas can be looked at: scenes, whose areas
are known, imported compositions, by their layout, and photographs, by a detector's boxes.
The numbers are the set's own: they are the same for every model.
"""

from __future__ import annotations

import io
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
from pydantic import Field

from benchwright.builders.text.vocabulary import vocabulary as shipped_names
from benchwright.cards.audits.audit import Findings
from benchwright.cards.audits.audit import Settings as AuditSettings
from benchwright.cards.audits.detection import Detector, Nouns, ZeroShotDetector
from benchwright.cards.audits.pictures import LARGE, SMALL
from benchwright.cards.audits.result import Result
from benchwright.cards.audits.shares import mean, ordinal, share
from benchwright.curation.vocabulary import load_classes
from benchwright.images import MOST_PIXELS
from benchwright.sample_kinds import MINED, SCENES, kind_of
from benchwright.shards import members, read_segment

if TYPE_CHECKING:
    from PIL.Image import Image

    from benchwright.cards.audits.subject import Subject

OUTCOMES = pa.schema(
    [
        pa.field("key", pa.string(), nullable=False),
        pa.field("captions", pa.string(), nullable=False),  # their template; "found" on the web
        pa.field("objects", pa.int32(), nullable=False),  # that the caption names
        pa.field("position", pa.int32(), nullable=False),  # of the largest; 0 is first
    ]
)

FOUND = "found"
"""What captions without a template are called."""

DESIGNED = (
    "Composed scenes share mention orders by the dozen, so a small set is uneven by design; "
    "intervals take its captions as drawn one by one."
)


class Settings(AuditSettings):
    """Settings of the audit.

    Attributes:
        detector: id or folder of a zero-shot detection model of ``transformers``, for photographs;
            empty: photographs are left out.
        threshold: probability below which its boxes count for nothing.
        nouns: what it looks for: names between commas or a file of classes; empty: the shipped
            objects.
        images: photographs looked at, at most, the first of the set; 0 for all.
    """

    detector: str = ""
    threshold: float = Field(0.1, gt=0, lt=1)
    nouns: str = ""
    images: int = Field(10_000, ge=0)


@dataclass(frozen=True, slots=True)
class Mention:
    """A caption with a largest object.

    Attributes:
        key: of the sample.
        captions: the template.
        objects: how many it names.
        position: of the largest among them, 0 the first.
    """

    key: str
    captions: str
    objects: int
    position: int


class CaptionOrder:
    """The audit."""

    name = "caption_order"
    about = "mention position of the largest object in a set's captions"
    settings = Settings

    def misfit(self, subject: Subject) -> str:
        """Why it cannot be run; empty if it can."""
        for batch in subject.batches():
            for record in batch.records:
                if record.get("captions") or record.get("caption"):
                    return ""
        return "the set has no captions"

    def run(self, subject: Subject, settings: Settings) -> Findings:
        """Measure."""
        if subject.kind != MINED.name:
            notes = (DESIGNED,) if subject.kind == SCENES.name else ()
            return findings(list(_of_records(subject)), settings.seed, notes)
        if not settings.detector:
            return findings([], settings.seed, (
                "Nobody measured the objects of these photographs: set caption_order.detector to "
                "a zero-shot detection model.",
            ))  # fmt: skip
        detector = ZeroShotDetector(settings.detector, settings.threshold)
        return findings(list(detected(subject, detector, settings)), settings.seed)


def detected(subject: Subject, detector: Detector, settings: Settings) -> Iterator[Mention]:
    """Captions of photographs of which a detector finds two named things or more."""
    names = settings.nouns or ", ".join(name.replace("_", " ") for name in shipped_names())
    nouns, seen = Nouns(load_classes(names)), 0
    for key, record, data in _photographs(subject):
        named = nouns.named(record["caption"])
        if len(named) < 2:
            continue
        if 0 < settings.images <= seen:
            return
        seen += 1
        image = _opened(data)
        areas = detector.areas(image, named) if image else {}
        position = _largest([areas[name] for name in named if name in areas])
        if position is not None:
            yield Mention(key, FOUND, len(areas), position)


def findings(mentions: Sequence[Mention], seed: int, notes: tuple[str, ...] = ()) -> Findings:
    """Shares of the largest object's positions, by captions and number of objects."""
    groups: defaultdict[tuple[str, int], list[int]] = defaultdict(list)
    for mention in mentions:
        groups[mention.captions, mention.objects].append(mention.position)
    results = []
    for (captions, count), positions in sorted(groups.items()):
        for place in range(count):
            group = f"{captions} captions, {count} objects, {ordinal(place)}"
            hits = positions.count(place)
            results.append(share("largest object is mentioned", group, hits, len(positions)))
    results += _above_chance(mentions, seed)
    rows = [(m.key, m.captions, m.objects, m.position) for m in mentions]
    columns = list(zip(*rows, strict=True)) or [()] * len(OUTCOMES)
    arrays = [pa.array(c, f.type) for c, f in zip(columns, OUTCOMES, strict=True)]
    said = "The same for every model; among n objects chance is 1/n."
    return Findings(
        tuple(results), pa.table(arrays, schema=OUTCOMES), notes=(said, *notes) if rows else notes
    )


def _above_chance(mentions: Sequence[Mention], seed: int) -> Iterator[Result]:
    """How much more often than 1/n the largest comes first; a sample counts once."""
    groups: defaultdict[str, dict[str, list[float]]] = defaultdict(lambda: defaultdict(list))
    for mention in mentions:
        excess = (mention.position == 0) - 1 / mention.objects
        groups[f"{mention.captions} captions"][mention.key].append(excess)
    for captions, samples in sorted(groups.items()):
        values = np.array([np.mean(of) for of in samples.values()])
        yield mean("largest object first, above chance", captions, values, seed, reach=1.0)


def _of_records(subject: Subject) -> Iterator[Mention]:
    """Captions whose order and whose objects' areas, or roles, the record tells."""
    for batch in subject.batches():
        for key, record in zip(batch.keys, batch.records, strict=True):
            things = record.get("objects", ())
            areas = [_area(thing) for thing in things]
            if len(things) < 2 or record.get("twin_of") or None in areas:
                continue
            for said in record["captions"]:
                position = _largest([areas[at] for at in said["order"]])
                if position is not None:
                    yield Mention(key, said["template"] or FOUND, len(areas), position)


def _area(thing: dict[str, Any]) -> float | None:
    """Visible pixels; where nobody measured, 1 for the large object of a layout and 0 else."""
    if "visible_area" in thing:
        return float(thing["visible_area"])
    return {LARGE: 1.0, SMALL: 0.0}.get(thing.get("size", ""))


def _largest(areas: Sequence[float | None]) -> int | None:
    """Index of the largest of two areas or more; None where two share it or there are fewer."""
    known = [area for area in areas if area is not None]
    if len(known) < 2 or known.count(max(known)) > 1:
        return None
    return known.index(max(known))


def _photographs(subject: Subject) -> Iterator[tuple[str, dict[str, Any], bytes]]:
    """Key, record and image file of the samples that have a caption."""
    picture = kind_of(subject.dataset).picture
    for batch in subject.batches():
        rows = subject.dataset.find(set(batch.keys))
        for key, record in zip(batch.keys, batch.records, strict=True):
            if record.get("caption") and key in rows:
                row = rows[key]
                blocks = read_segment(subject.dataset.folder / row.shard, row.placement)
                yield key, record, members(blocks)[f"{key}.{picture}"]


def _opened(data: bytes) -> Image | None:
    """The picture, or None of one that is no picture or too large."""
    from PIL import Image, UnidentifiedImageError

    try:
        opened = Image.open(io.BytesIO(data))
        if opened.width * opened.height > MOST_PIXELS:
            return None
        return opened.convert("RGB")
    except (UnidentifiedImageError, Image.DecompressionBombError, OSError):
        return None


AUDIT = CaptionOrder()
