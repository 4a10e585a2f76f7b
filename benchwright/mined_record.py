"""The record of a mined sample: a photograph, what is known of it, and why it is in its group.

A record depends on its own image alone, never on the rest of the set, so a set can grow without
touching the samples it already has.
"""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import Any

import pyarrow as pa

VERSION = 1
"""Raised when a field is added, removed or changes meaning: datasets are then written anew."""

GROUPS = ("common", "counter", "other", "")
"""What a sample may be to its class; "" where nobody has said."""

HALVES = ("discovery", "confirmation", "")
CLASS_SOURCES = ("caption", "folder", "metadata", "judge", "person")

UNGROUPED = "test"
"""Split of the samples without a group; "all" is a word of `datasets`' own."""


@dataclass(frozen=True, slots=True)
class Source:
    """Where an image was found.

    Attributes:
        dataset: collection it is from (``laion2b-en``, ``inaturalist``, ``counteranimal``).
        url: address it was fetched from; "" if none is known.
        uid: what the collection calls it; "" if nothing.
    """

    dataset: str = ""
    url: str = ""
    uid: str = ""


@dataclass(frozen=True, slots=True)
class Probe:
    """What the model under test said; with no ``model`` it was not asked.

    Attributes:
        model: its id.
        prediction: its first choice of the label set.
        score: its probability of the sample's class, 0-1.
        correct: whether its first choice is the sample's class.
    """

    model: str = ""
    prediction: str = ""
    score: float = 0.0
    correct: bool = False


@dataclass(frozen=True, slots=True)
class Judge:
    """What the model that vouches for labels said; with no ``model`` it was not asked."""

    model: str = ""
    verdict: str = ""


@dataclass(frozen=True, slots=True)
class MinedRecord:
    """The JSON member of a mined sample, where ``cls`` is called ``class``.

    Attributes:
        key: first 16 hex digits of the sha256 of the image as stored.
        cls: name of the class.
        class_source: who says so: ``caption``, ``folder``, ``metadata``, ``judge``, ``person``.
        label: index of the class in the set's list.
        width, height: pixels of the image as stored.
        sha256: of the image as it was found; another one was stored if it had to be converted.
        source, creator, licence: where it is from, by whom, on what terms (as the Hub names them).
        caption: what the web said of it; "" if nothing.
        phash: perceptual hash, 16 hex digits; "" if not computed.
        background: name; "" where nobody can tell.
        background_probability, background_margin: of the judge, 0-1; 0 where it was not asked.
        subject_scale: share of the image that the subject takes, 0-1; 0 where not measured.
        brightness: mean luma, 0-1.
        group: ``common``, ``counter``, ``other`` or "".
        half: ``discovery`` or ``confirmation``; "" where the set was not split.
        cluster: photographer, observation or near duplicates, which a half never splits.
        probe, judge: what the models said.
        review: a person's decision; "" if nobody looked.
    """

    key: str
    cls: str
    class_source: str
    label: int
    width: int
    height: int
    sha256: str
    source: Source = Source()
    creator: str = ""
    licence: str = ""
    caption: str = ""
    phash: str = ""
    background: str = ""
    background_probability: float = 0.0
    background_margin: float = 0.0
    subject_scale: float = 0.0
    brightness: float = 0.0
    group: str = ""
    half: str = ""
    cluster: str = ""
    probe: Probe = Probe()
    judge: Judge = Judge()
    review: str = ""

    @property
    def split(self) -> str:
        """The split the sample belongs to."""
        return self.group or UNGROUPED

    def to_dict(self) -> dict[str, Any]:
        """Plain values, in declared field order."""
        fields = dataclasses.asdict(self)
        return {"class" if name == "cls" else name: value for name, value in fields.items()}

    @classmethod
    def from_dict(cls, fields: dict[str, Any]) -> MinedRecord:
        """The record that ``to_dict`` (or its JSON) came from."""
        plain = {"cls" if name == "class" else name: value for name, value in fields.items()}
        parts = {
            "source": Source(**plain["source"]),
            "probe": Probe(**plain["probe"]),
            "judge": Judge(**plain["judge"]),
        }
        return cls(**{**plain, **parts})


SOURCE = pa.struct([(name, pa.string()) for name in ("dataset", "url", "uid")])
PROBE = pa.struct(
    [
        ("model", pa.string()),
        ("prediction", pa.string()),
        ("score", pa.float64()),
        ("correct", pa.bool_()),
    ]
)
JUDGE = pa.struct([("model", pa.string()), ("verdict", pa.string())])
MINED = pa.struct(
    [
        ("key", pa.string()),
        ("class", pa.string()),
        ("class_source", pa.string()),
        ("label", pa.int32()),
        ("width", pa.int32()),
        ("height", pa.int32()),
        ("sha256", pa.string()),
        ("source", SOURCE),
        ("creator", pa.string()),
        ("licence", pa.string()),
        ("caption", pa.string()),
        ("phash", pa.string()),
        ("background", pa.string()),
        ("background_probability", pa.float64()),
        ("background_margin", pa.float64()),
        ("subject_scale", pa.float64()),
        ("brightness", pa.float64()),
        ("group", pa.string()),
        ("half", pa.string()),
        ("cluster", pa.string()),
        ("probe", PROBE),
        ("judge", JUDGE),
        ("review", pa.string()),
    ]
)
"""The schema of ``MinedRecord``: the one declaration for shards, Parquet and `datasets`."""
