"""Results of estimates whose interval comes from elsewhere, or of which none is claimed."""

from __future__ import annotations

from benchwright.cards.audits.result import Result


def bounded(measure: str, group: str, n: int, estimate: float, low: float, high: float) -> Result:
    """A result; rounding, and a percentile's discreteness, may put a bound past the estimate."""
    return Result(
        measure=measure, group=group, n=n, estimate=estimate,
        low=min(low, estimate), high=max(high, estimate),
    )  # fmt: skip


def unclaimed(measure: str, group: str, n: int, value: float) -> Result:
    """A result without an interval: all three numbers are alike."""
    return Result(measure=measure, group=group, n=n, estimate=value, low=value, high=value)
