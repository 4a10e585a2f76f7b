"""``benchwright audit`` as a Python function."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from benchwright.cards.audits.audit import Settings
    from benchwright.cards.audits.running import Run

Progress = Callable[[int, int], None]


def quiet(step: str) -> AbstractContextManager[Progress]:
    """No progress shown."""
    return nullcontext(lambda done, total: None)


def audit(
    folder: str | Path,
    models: str | Sequence[str],
    only: Sequence[str] = (),
    overrides: Sequence[str] = (),
    device: str = "cpu",
    workers: int | None = None,
    begin: Callable[[str], AbstractContextManager[Progress]] = quiet,
) -> list[Run]:
    """Measure models on a dataset by the papers' protocols.

    Results are written to ``audits/<audit>/<model>.json`` of the dataset, outcomes of single
    samples beside them as Parquet; ``card`` shows them. Embeddings are kept in the cache, by the
    set's digest and the model, so a second audit looks at no image.

    Args:
        folder: the dataset.
        models: one id or several.
        only: names of audits; default: each that fits.
        overrides: ``audit.setting=value``.
        device: ``cpu``, ``cuda`` or ``mps``.
        workers: reader processes, default all cores.
        begin: given a step's name, shows its progress.

    Raises:
        DatasetError: there is no dataset, or an image of it has no vector.
        ModelError: a model cannot be loaded.
        BenchwrightError: no such audit or setting; or an audit that was named does not fit.
    """
    from benchwright.cards.audits.registry import NAMES
    from benchwright.cards.audits.settings import settings_of
    from benchwright.errors import BenchwrightError

    settings = settings_of(overrides, only or NAMES)
    asked = [models] if isinstance(models, str) else list(models)
    runs = [
        run
        for model in asked
        for run in _runs(Path(folder), model, settings, device, workers, begin)
    ]
    if only and (misfit := next((run for run in runs if run.why_not), None)):
        raise BenchwrightError(f"{misfit.audit} of {misfit.model}: {misfit.why_not}")
    return runs


def _runs(
    folder: Path,
    model: str,
    settings: Mapping[str, Settings],
    device: str,
    workers: int | None,
    begin: Callable[[str], AbstractContextManager[Progress]],
) -> Iterator[Run]:
    """The audits of one model."""
    from benchwright.cards.audits.running import run_audits
    from benchwright.cards.audits.subject import seen_by

    with begin(f"embedding by {model}") as progress:
        subject = seen_by(folder, model, device, workers, progress)
    with begin(f"auditing {model}"):
        yield from run_audits(subject, settings)
