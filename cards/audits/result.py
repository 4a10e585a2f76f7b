"""What an audit says: numbers with their n and interval, and the file that holds them."""

from __future__ import annotations

from typing import Any, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

NAME = r"^[a-z][a-z0-9_]*$"

FEWEST = 30
"""Samples below which an interval is too wide to conclude from: tables say so."""


class Result(BaseModel):
    """A measured number.

    Attributes:
        measure: what was measured.
        group: of which part of the set; empty of the whole.
        n: samples it rests on.
        estimate, low, high: the number and its 95 % interval; all three alike where an interval
            is not claimed (``settings`` of the audit say which).
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    measure: str = Field(min_length=1, max_length=100)
    group: str = Field("", max_length=200)
    n: int = Field(ge=0)
    estimate: float = Field(allow_inf_nan=False)
    low: float = Field(allow_inf_nan=False)
    high: float = Field(allow_inf_nan=False)

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        if not self.low <= self.estimate <= self.high:
            raise ValueError("the estimate lies outside its interval")
        return self

    @property
    def is_thin(self) -> bool:
        """Whether it rests on too few samples to conclude from."""
        return self.n < FEWEST

    @property
    def interval(self) -> str:
        """The interval as tables print it, or why there is none to read."""
        if self.is_thin:
            return "too few"
        if self.low == self.high:
            return "none claimed"
        return f"{self.low:.3f} to {self.high:.3f}"


class AuditFile(BaseModel):
    """A file of ``audits/<audit>/<model>.json``."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    audit: str = Field(pattern=NAME, max_length=60)
    model: str = Field(min_length=1, max_length=200)
    settings: dict[str, Any]
    results: list[Result]
