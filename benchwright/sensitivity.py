"""``sensitivity.json``: what a mined set would be with a threshold set otherwise, a row a trial."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from benchwright.dataset import SENSITIVITY, read_json, write_json
from benchwright.errors import DatasetError


@dataclass(frozen=True, slots=True)
class Trial:
    """A threshold at a value, everything else as chosen.

    Attributes:
        setting: dotted name in the recipe.
        value: as written there.
        chosen: whether it is the value of this set.
        samples: images kept.
        classes: classes that still have some.
        confirmed: pairs that were confirmed; None where the groups were not tested anew.
        drop: mean drop on the confirmation half over the classes tested, as a share; None likewise.
    """

    setting: str
    value: str
    chosen: bool
    samples: int
    classes: int
    confirmed: int | None = None
    drop: float | None = None


def write(folder: Path, trials: Iterable[Trial]) -> None:
    """Write the file of a dataset folder, in the order given."""
    write_json(folder / SENSITIVITY, [asdict(trial) for trial in trials])


def read(folder: Path) -> list[Trial]:
    """The file of a dataset folder.

    Raises:
        DatasetError: it is missing, or not a list of trials.
    """
    try:
        found = TypeAdapter(list[Trial]).validate_python(read_json(folder / SENSITIVITY))
    except ValidationError as error:
        raise DatasetError(
            f"{folder / SENSITIVITY}: not a list of trials; write it again"
        ) from error
    return found
