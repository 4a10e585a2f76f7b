"""What an audit is: the plug point that every protocol of ``cards/audits`` fills."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

from pydantic import BaseModel, ConfigDict

from benchwright.cards.audits.result import Result

if TYPE_CHECKING:
    import pyarrow as pa

    from benchwright.cards.audits.subject import Subject


class Settings(BaseModel):
    """Base of an audit's settings: what its numbers depend on, all of it in the audit's file.

    Attributes:
        seed: of whatever is drawn: bootstrap samples, splits, permutations. 0 is a seed.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    seed: int = 0


@dataclass(frozen=True, slots=True)
class Findings:
    """What an audit of one model on one dataset found.

    Attributes:
        results: numbers, in the order that tables print them.
        outcomes: one row a sample (a trial, where a sample has several), to re-analyse without the
            model; its first column is ``key``.
        facts: what the numbers rest on beyond the settings, such as label counts: recorded beside
            the settings.
        notes: what a reader must know, one sentence each, such as a share that too few samples
            carry.
        figures: file name to PNG, besides the dots and whiskers that every audit gets.
        tables: file name (``classes.parquet``) to a table that is neither a row a number nor a row
            a sample, such as one of all classes.
    """

    results: tuple[Result, ...]
    outcomes: pa.Table
    facts: Mapping[str, Any] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    figures: Mapping[str, bytes] = field(default_factory=dict)
    tables: Mapping[str, pa.Table] = field(default_factory=dict)


class Audit(Protocol):
    """A protocol of a paper, as a function of a dataset and a model."""

    @property
    def name(self) -> str:
        """As the command line and ``audits/<name>/`` call it: ``[a-z][a-z0-9_]*``."""
        ...

    @property
    def about(self) -> str:
        """What it measures, with the paper: one line."""
        ...

    @property
    def settings(self) -> type[Settings]:
        """The model of its settings; defaults are the paper's, or say why not."""
        ...

    def misfit(self, subject: Subject) -> str:
        """Why it cannot be run on this dataset with this model; empty if it can."""
        ...

    def run(self, subject: Subject, settings: Any) -> Findings:
        """Measure.

        Args:
            subject: the dataset with the model's embeddings of it.
            settings: an instance of ``settings``.

        Raises:
            DatasetError: what the dataset holds contradicts itself.
        """
        ...
