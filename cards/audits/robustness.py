"""Effective robustness: counter against common accuracy, over models."""

from __future__ import annotations

from collections.abc import Sequence

from benchwright.cards.audits.result import AuditFile, Result
from benchwright.cards.figures.audit_plots import Point, scatter_plot

COMMON, COUNTER = "accuracy, common", "accuracy, counter"


def robustness_plot(files: Sequence[AuditFile]) -> bytes | None:
    """Each model's class-balanced accuracies as a point, as CounterAnimal plots them. PNG.

    What lies above the others at the same common accuracy is robust beyond being accurate (Taori
    et al. 2020).

    Args:
        files: of ``group_gap``, on one dataset.

    Returns:
        None of fewer than two models.
    """
    points = []
    for file in files:
        overall = {result.measure: result for result in file.results if not result.group}
        if COMMON in overall and COUNTER in overall:
            points.append(_point(file.model, overall[COMMON], overall[COUNTER]))
    if len(points) < 2:
        return None
    return scatter_plot("group_gap: models", COMMON, COUNTER, points)


def _point(model: str, common: Result, counter: Result) -> Point:
    return Point(
        model, common.estimate, counter.estimate,
        (common.low, common.high), (counter.low, counter.high),
    )  # fmt: skip
