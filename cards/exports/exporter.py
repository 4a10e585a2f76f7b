"""What an export format is: the plug point of this package."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Protocol

from benchwright.cards.exports.samples import Place, Sample
from benchwright.dataset import Dataset

LeftOut = tuple[str, str]
"""What an export does not hold, and why."""


class Exporter(Protocol):
    """A view of a dataset for another tool, written one split at a time."""

    @property
    def files(self) -> str:
        """Pattern of a split's files where `datasets` reads them; "" where it does not."""

    @property
    def takes(self) -> str:
        """What a split must be to fit, as an error says it."""

    def fits(self, dataset: Dataset, place: Place) -> bool:
        """Whether this split can be exported so."""

    def write(
        self, dataset: Dataset, place: Place, samples: Iterable[Sample], out: Path
    ) -> list[LeftOut]:
        """Write one split below ``out``.

        Args:
            dataset: where the samples come from.
            place: the split; one that fits.
            samples: its samples, read as they are taken.
            out: the export's folder; it exists, and other splits may already be in it.

        Returns:
            What of the samples this view cannot hold.

        Raises:
            DatasetError: a sample cannot be read.
            OSError: the disk refused.
        """
