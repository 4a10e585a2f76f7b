"""``benchwright audit`` and ``benchwright compare`` as Python functions."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from benchwright.cards.audits.audit import Settings
    from benchwright.cards.audits.compare import Comparison
    from benchwright.cards.audits.running import Run

Progress = Callable[[int, int], None]


def quiet(step: str) -> AbstractContextManager[Progress]:
    """No progress shown."""
    return nullcontext(lambda done, total: None)


def audit(
    folder: str | Path,
    models: str | Sequence[str] = (),
    only: Sequence[str] = (),
    overrides: Sequence[str] = (),
    device: str = "cpu",
    workers: int | None = None,
    begin: Callable[[str], AbstractContextManager[Progress]] = quiet,
    checkpoints: str | Path | None = None,
    dtype: str = "",
) -> list[Run]:
    """Measure models on a dataset by the papers' protocols.

    Results are written to ``audits/<audit>/<model>.json`` of the dataset, outcomes of single
    samples beside them as Parquet; ``card`` shows them. Embeddings are kept in the cache, by the
    set's digest and the model, so a second audit looks at no image.

    Args:
        folder: the dataset, or its URL.
        models: one id or several.
        only: names of audits; default: each that fits.
        overrides: ``audit.setting=value``.
        device: ``cpu``, ``cuda`` or ``mps``.
        workers: reader processes, default all cores.
        begin: given a step's name, shows its progress.
        checkpoints: a list of further models, as ``read_checkpoints`` reads it; curves over it are
            written beside the audits.
        dtype: ``float32``, ``bfloat16`` or ``float16``; default: the device's.

    Raises:
        DatasetError: there is no dataset, or an image of it has no vector.
        ModelError: no model is named, or one cannot be loaded.
        BenchwrightError: no such audit or setting; or an audit that was named fits no model.
    """
    from benchwright import mirror
    from benchwright.cards.audits.registry import NAMES
    from benchwright.cards.audits.settings import settings_of
    from benchwright.curation.models.checkpoints import chosen_models
    from benchwright.errors import BenchwrightError

    settings = settings_of(overrides, only or NAMES)
    listed = Path(checkpoints) if checkpoints else None
    asked = chosen_models([models] if isinstance(models, str) else models, listed)
    with mirror.opened(folder) as here:
        runs = {
            model: list(_runs(here, model, settings, device, dtype, workers, begin))
            for model in asked
        }
        if listed:
            _write_progressions(here, listed, runs)
    every = [run for of_model in runs.values() for run in of_model]
    ran = {run.audit for run in every if run.file}
    if only and (misfit := next((run for run in every if run.audit not in ran), None)):
        raise BenchwrightError(f"{misfit.audit} of {misfit.model}: {misfit.why_not}")
    return every


def _runs(
    folder: Path,
    model: str,
    settings: Mapping[str, Settings],
    device: str,
    dtype: str,
    workers: int | None,
    begin: Callable[[str], AbstractContextManager[Progress]],
) -> Iterator[Run]:
    """The audits of one model."""
    from benchwright.cards.audits.running import run_audits
    from benchwright.cards.audits.subject import seen_by

    with begin(f"embedding by {model}") as progress:
        subject = seen_by(folder, model, device, workers, progress, dtype)
    for name, chosen in settings.items():
        with begin(f"{name} of {model}"):
            yield from run_audits(subject, {name: chosen})


def _write_progressions(folder: Path, checkpoints: Path, runs: Mapping[str, Sequence[Run]]) -> None:
    from benchwright.cards.audits import progression
    from benchwright.curation.models.checkpoints import read_checkpoints

    listed = read_checkpoints(checkpoints)
    names = [runs[each.id][0].model for each in listed]
    seen = [each.samples_seen for each in listed]
    files = [run.file for each in listed for run in runs[each.id] if run.file]
    for found in progression.progressions(checkpoints.stem, names, seen, files):
        progression.write(folder, found)


def compare(
    folders: str | Path | Sequence[str | Path], only: Sequence[str] = (), baseline: str = ""
) -> Comparison:
    """Put audits of several models, or of several datasets, in one table with their differences.

    Args:
        folders: one dataset or several; each audited.
        only: names of audits; default: all.
        baseline: the model that differences are taken from; default: the first.

    Raises:
        DatasetError: no dataset, no audits, or nothing to compare with.
    """
    from benchwright.cards.audits.compare import compare as put_together

    listed = [folders] if isinstance(folders, (str, Path)) else folders
    return put_together([Path(folder) for folder in listed], only, baseline)


def robustness(folder: str | Path) -> bytes | None:
    """The models' accuracy on counter against that on common backgrounds, as a PNG.

    Args:
        folder: a mined set.

    Returns:
        None with fewer than two models audited by ``group_gap``.
    """
    from benchwright.cards.audits.robustness import robustness_plot
    from benchwright.cards.audits.stored import stored_audits

    return robustness_plot([stored.file for stored in stored_audits(Path(folder))])
