"""The audits that a dataset folder holds, read back."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
from pydantic import ValidationError

from benchwright.cards.audits.registry import NAMES
from benchwright.cards.audits.result import AuditFile
from benchwright.dataset import read_json
from benchwright.errors import DatasetError

FILES = "audits/*/*.json"

DATASET, WEIGHTS, NOTES = "dataset_sha256", "weights_sha256", "notes"
"""Of an audit's settings: what was measured, by what, and what a reader must know."""

ABOUT_THE_RUN = frozenset({DATASET, WEIGHTS, NOTES})
"""Settings that say nothing of how the numbers are to be read."""


@dataclass(frozen=True, slots=True)
class Stored:
    """An audit of one model.

    Attributes:
        path: of its JSON file.
        file: what that holds.
    """

    path: Path
    file: AuditFile

    @property
    def notes(self) -> tuple[str, ...]:
        """What a reader must know of its numbers."""
        notes = self.file.settings.get(NOTES)
        return tuple(str(note) for note in notes) if isinstance(notes, list) else ()

    @property
    def settings(self) -> dict[str, Any]:
        """What its numbers depend on besides the model and the dataset."""
        settings = self.file.settings.items()
        return {name: value for name, value in settings if name not in ABOUT_THE_RUN}

    def is_of(self, digest: str) -> bool:
        """Whether it was measured on the dataset of this digest; true where it does not say."""
        return self.file.settings.get(DATASET) in (None, digest)

    def outcomes(self) -> pa.Table | None:
        """Its outcomes, sample by sample; None where there is no such file.

        Raises:
            DatasetError: a file that is not Parquet.
        """
        path = self.path.with_suffix(".parquet")
        if not path.is_file():
            return None
        try:
            return pq.read_table(path)
        except (OSError, pa.ArrowException) as error:
            raise DatasetError(f"{path}: not readable as Parquet; run the audit again") from error


def stored_audits(folder: Path) -> list[Stored]:
    """A folder's audits in the order that cards print them; a file that is none is left out."""
    paths = [path for path in sorted(folder.glob(FILES)) if fault(path) is None]
    found = [Stored(path, AuditFile.model_validate(read_json(path))) for path in paths]
    return sorted(found, key=lambda stored: _place(stored.file.audit))


def fault(path: Path) -> str | None:
    """Why a file is no audit; None if it is one."""
    try:
        audit = AuditFile.model_validate(read_json(path))
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        return f"{'.'.join(map(str, first['loc'])) or 'the file'}: {first['msg']}"
    if audit.audit != path.parent.name:
        return f'it says "{audit.audit}" and lies in audits/{path.parent.name}'
    return None


def _place(name: str) -> tuple[int, str]:
    """Of an audit among all: as they run, then those of others by name."""
    return (NAMES.index(name) if name in NAMES else len(NAMES), name)
