"""The filters: one measured number, one threshold, one reason each; the first that rejects wins."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from benchwright.curation.embeddings import UNKNOWN
from benchwright.curation.filtering.addresses import digest_of
from benchwright.curation.filtering.columns import Columns, probability, subject_share, unsafe
from benchwright.filter_settings import Filters
from benchwright.label_settings import Label
from benchwright.rejection import Reason

Measured = NDArray[np.float32]
Thresholds = Mapping[str, float]
"""Filter's name to its threshold."""


@dataclass(frozen=True, slots=True)
class Filter:
    """One decision.

    Attributes:
        name: of the measured column, and of the threshold in the recipe's ``filters`` or ``label``.
        reason: of a rejection.
        limit: whether the threshold is the ``least`` or the ``most`` that is good enough.
        said: the measure in words, for the detail of a rejection.
        measure: float32 [n] of a part's samples; ``UNKNOWN`` where there is nothing to measure.
    """

    name: str
    reason: Reason
    limit: Literal["least", "most"]
    said: str
    measure: Callable[[Columns], Measured]

    def rejects(self, measured: Measured, threshold: float) -> NDArray[np.bool_]:
        """Which samples are not good enough."""
        beyond = measured < threshold if self.limit == "least" else measured > threshold
        return beyond & (measured != np.float32(UNKNOWN))

    def detail(self, value: float, threshold: float) -> str:
        """Why a sample was rejected, such as ``shorter side in pixels 48 < 64``."""
        sign = "<" if self.limit == "least" else ">"
        return f"{self.said} {value:.4g} {sign} {threshold:.4g}"


def _sides(columns: Columns) -> tuple[Measured, Measured]:
    """Shorter and longer side; pixels."""
    width, height = columns.number("width"), columns.number("height")
    return np.minimum(width, height), np.maximum(width, height)


def _shorter(columns: Columns) -> Measured:
    shorter, _ = _sides(columns)
    return np.where(shorter > 0, shorter, UNKNOWN).astype(np.float32)


def _aspect(columns: Columns) -> Measured:
    shorter, longer = _sides(columns)
    return np.where(shorter > 0, longer / np.maximum(shorter, 1), UNKNOWN).astype(np.float32)


def _addresses(columns: Columns) -> Measured:
    digests = map(digest_of, columns.facts, columns.text("sha256"))
    return np.array([columns.addresses.get(digest, 1) for digest in digests], np.float32)


def _classes(columns: Columns) -> Measured:
    return np.array([len(found) for found in columns.text("classes")], np.float32)


def _has_class(columns: Columns) -> Measured:
    return np.array([bool(name) for name in columns.text("cls")], np.float32)


def _has_answer(columns: Columns) -> Measured:
    return np.array([bool(name) for name in columns.text("prediction")], np.float32)


def subject_scale(columns: Columns) -> Measured:
    """float32 [n]: share of the picture that the subject takes: its mask, else what stands out."""
    names = iter(columns.text("cls"))
    masked = columns.fact(lambda facts: subject_share(facts, next(names)))
    return np.where(masked == np.float32(UNKNOWN), columns.number("saliency"), masked)


FILTERS = (
    Filter("review", Reason.REVIEWED_OUT, "most", "dropped by a person", lambda c: c.seen.review),
    Filter("known", Reason.LEAK, "most", "in another set", lambda c: c.seen.known),
    Filter("urls", Reason.PLACEHOLDER, "most", "addresses of this very file", _addresses),
    Filter("has_class", Reason.NO_CLASS, "least", "classes", _has_class),
    Filter("answered", Reason.NOT_FINITE, "least", "answers of the probe", _has_answer),
    Filter("min_side", Reason.TOO_SMALL, "least", "shorter side in pixels", _shorter),
    Filter("max_aspect", Reason.ASPECT, "most", "longer side by shorter", _aspect),
    Filter("max_unsafe", Reason.UNSAFE, "most", "unsafe", lambda c: c.fact(unsafe)),
    Filter(
        "max_watermark", Reason.WATERMARK, "most", "watermark",
        lambda c: c.fact(lambda facts: probability(facts, "pwatermark")),
    ),
    Filter("max_spelled", Reason.SPELLED_OUT, "most", "spelled out", lambda c: c.seen.spelled),
    Filter("max_classes", Reason.SEVERAL_CLASSES, "most", "classes in the caption", _classes),
    Filter(
        "class_probability", Reason.CLASS_DOUBTED, "least", "judge's probability of the class",
        lambda c: c.number("judge_probability"),
    ),
    Filter(
        "max_crowd", Reason.SEVERAL_CLASSES, "most", "judge's probability of another class",
        lambda c: c.number("crowd"),
    ),
    Filter("min_subject", Reason.SUBJECT_TOO_SMALL, "least", "subject's share", subject_scale),
    Filter(
        "background_probability", Reason.BACKGROUND_UNCLEAR, "least", "background's probability",
        lambda c: c.number("background_probability"),
    ),
    Filter(
        "background_margin", Reason.BACKGROUND_UNCLEAR, "least", "background's lead",
        lambda c: c.number("background_margin"),
    ),
)  # fmt: skip
"""In the order they decide: what makes a sample worthless first, what a model doubts last."""

DOUBTS = frozenset({
    "max_classes", "class_probability", "max_crowd", "background_probability", "background_margin",
})  # fmt: skip
"""Filters that a person's word overrules: they only guess what the person saw."""


def thresholds(filters: Filters, label: Label) -> dict[str, float]:
    """The thresholds of a recipe, in the order of ``FILTERS``."""
    return {
        **{"review": 0, "known": 0, "urls": filters.urls - 1, "has_class": 1},
        "answered": 1,
        "min_side": filters.min_side,
        "max_aspect": filters.max_aspect,
        "max_unsafe": filters.max_unsafe,
        "max_watermark": filters.max_watermark,
        "max_spelled": filters.max_spelled,
        "max_classes": filters.max_classes,
        "class_probability": label.class_probability,
        "max_crowd": filters.max_crowd,
        "min_subject": filters.min_subject,
        "background_probability": label.background_probability,
        "background_margin": label.background_margin,
    }


def measure(columns: Columns) -> dict[str, Measured]:
    """Filter's name to float32 [n], all of them: what moving a threshold later needs."""
    reviewed = columns.seen.review == 0
    return {
        of.name: np.where(reviewed & (of.name in DOUBTS), UNKNOWN, of.measure(columns)).astype(
            np.float32
        )
        for of in FILTERS
    }


def first_reject(measured: Mapping[str, Measured], limits: Thresholds) -> NDArray[np.int8]:
    """int8 [n]: index into ``FILTERS`` of the first that rejects a sample; -1 where none does."""
    count = len(next(iter(measured.values())))
    first = np.full(count, -1, np.int8)
    for index, of in enumerate(FILTERS):
        first[(first < 0) & of.rejects(measured[of.name], limits[of.name])] = index
    return first
