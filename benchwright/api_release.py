"""The commands that describe a dataset and bring it to others, as Python functions."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from benchwright.api import Progress, quiet

if TYPE_CHECKING:
    from datasets import Dataset as HubDataset
    from datasets import DatasetDict
    from webdataset import FluidWrapper

    from benchwright.cards.exports import ExportReport
    from benchwright.cards.publish import PublishReport
    from benchwright.cards.pull import PullReport
    from benchwright.verification import Problem


def card(folder: str | Path, progress: Progress = quiet) -> tuple[str, ...]:
    """Write a dataset's card, its figures and the data files beside it; returns their names.

    Raises:
        DatasetError: there is no whole dataset, or the folder cannot be written.
    """
    from benchwright.cards.card import write

    return write(Path(folder), progress)


def lint(folder: str | Path) -> list[Problem]:
    """What keeps a dataset's card from being published; nothing if it is ready.

    Raises:
        DatasetError: there is no dataset here.
    """
    from benchwright.cards.lint import lint as lint_card

    return lint_card(Path(folder))


def publish(
    folder: str | Path,
    to: str,
    version: str,
    private: bool = False,
    dry_run: bool = False,
    note: str = "",
    workers: int | None = None,
    progress: Progress = quiet,
) -> PublishReport:
    """Publish a dataset folder as a version: whole or not at all, read back before it is named.

    Args:
        folder: the dataset, with its card.
        to: ``org/name`` on the Hub, a folder, or any fsspec URL.
        version: ``1.2.0``.
        private: make the repository private, if it is made now.
        dry_run: only say what would happen.
        note: Markdown for this version's entry in the change log.
        workers: processes that verify, default all cores.
        progress: called with samples verified and in all.

    Raises:
        DatasetError: the dataset is not fit, the version cannot be, or the place fails; calling
            again goes on.
    """
    from benchwright.cards.publish import publish as publish_folder

    return publish_folder(Path(folder), to, version, private, dry_run, note, workers, progress)


def versions(source: str) -> list[str]:
    """The versions published at a place, oldest first.

    Raises:
        DatasetError: there is no such place, or it cannot be reached.
    """
    from benchwright.cards.revision import versions as versions_of

    return [str(version) for version in versions_of(source)]


def pull(
    source: str,
    out: str | Path | None = None,
    config: str | None = None,
    split: str | None = None,
    workers: int | None = None,
    progress: Progress = quiet,
) -> PullReport:
    """Bring a published dataset here, or a split of it, every byte checked.

    Args:
        source: ``org/name@1.2.0``, ``org/name@1`` for the newest 1.x, a branch or commit, or a
            folder or URL of a store.
        out: folder, default ``pulled/<name>-<version>``.
        config: only this config.
        split: only this split.
        workers: connections at once.
        progress: called with bytes checked and in all.

    Raises:
        DatasetError: no such thing, or it is not what its place lists, or it is hostile.
    """
    from benchwright.cards.pull import pull as pull_dataset

    return pull_dataset(source, Path(out) if out else None, config, split, workers, progress)


def load(
    source: str | Path, config: str | None = None, split: str | None = None
) -> HubDataset | DatasetDict:
    """A dataset folder, or a published version, as ``datasets`` has it; pulled if need be.

    Args:
        source: a folder, or what ``pull`` takes.
        config: default: the first.
        split: default: all, as a ``DatasetDict``.

    Raises:
        DatasetError: as for ``pull``.
    """
    from benchwright.cards.loading import load as load_dataset

    return load_dataset(str(source), config, split)


def stream(
    source: str | Path, config: str | None = None, split: str | None = None, shuffle: int = 0
) -> FluidWrapper:
    """A dataset's samples as a webdataset pipeline, read as they come, each shard checked.

    Args:
        source: a folder, or what ``pull`` takes.
        config: default: the first.
        split: default: all.
        shuffle: samples held to draw from; 0 keeps the order.

    Raises:
        DatasetError: as for ``pull``; while reading, when a shard is not what was published.
    """
    from benchwright.cards.loading import stream as stream_samples

    return stream_samples(str(source), config, split, shuffle)


def export(
    folder: str | Path,
    format: str,
    out: str | Path | None = None,
    config: str | None = None,
    split: str | None = None,
    progress: Progress = quiet,
) -> ExportReport:
    """Write a dataset as another tool reads it.

    Args:
        folder: the dataset.
        format: ``clip-benchmark``, ``imagefolder``, ``coco``, ``parquet`` or ``counteranimal``.
        out: folder, default ``<folder>-<format>``.
        config: only this config.
        split: only this split.
        progress: called with samples done and in all.

    Raises:
        DatasetError: no such format or split, or ``out`` holds something else.
    """
    from benchwright.cards.exports import export as export_view

    return export_view(Path(folder), format, Path(out) if out else None, config, split, progress)
