"""Effective robustness: counter against common accuracy, over models."""

from __future__ import annotations

from collections.abc import Sequence

from benchwright.cards.audits.result import AuditFile, Result
from benchwright.cards.figures.audit_plots import Point, scatter_plot

AUDIT = "group_gap"
COMMON, COUNTER = "accuracy, common", "accuracy, counter"

FEWEST_MODELS = 2
"""Of a plot: one point says nothing of robustness beyond accuracy."""


def robustness_points(files: Sequence[AuditFile]) -> list[Point]:
    """Each model's class-balanced accuracies on common and on counter backgrounds.

    Args:
        files: audits on one dataset; those of ``group_gap`` are looked at.
    """
    points = []
    for file in files:
        overall = {result.measure: result for result in file.results if not result.group}
        if file.audit == AUDIT and COMMON in overall and COUNTER in overall:
            points.append(_point(file.model, overall[COMMON], overall[COUNTER]))
    return points


def robustness_plot(files: Sequence[AuditFile]) -> bytes | None:
    """The models' accuracies against each other, as CounterAnimal plots them. PNG.

    What lies above the others at the same common accuracy is robust beyond being accurate (Taori
    et al. 2020).

    Args:
        files: as of ``robustness_points``.

    Returns:
        None of fewer than two models.
    """
    points = robustness_points(files)
    if len(points) < FEWEST_MODELS:
        return None
    return scatter_plot(f"{AUDIT}: models", COMMON, COUNTER, points)


def _point(model: str, common: Result, counter: Result) -> Point:
    return Point(
        model, common.estimate, counter.estimate,
        (common.low, common.high), (counter.low, counter.high),
    )  # fmt: skip
