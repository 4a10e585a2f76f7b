"""Exports: a dataset folder as other tools like to read it.

Each format is a view, made from the folder and thrown away at will; the folder stays the dataset.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from benchwright.cards.exports.clip_benchmark import ClipBenchmark
from benchwright.cards.exports.coco import Coco
from benchwright.cards.exports.exporter import Exporter, LeftOut
from benchwright.cards.exports.imagefolder import ImageFolder
from benchwright.cards.exports.originals import Originals
from benchwright.cards.exports.parquet import Parquet
from benchwright.cards.exports.readme import write_readme
from benchwright.cards.exports.samples import Place, Sample, read, select
from benchwright.cards.exports.staging import staged
from benchwright.dataset import Dataset
from benchwright.errors import BenchwrightError, DatasetError, did_you_mean

__all__ = ["FORMATS", "ExportReport", "export"]

FORMATS: dict[str, Exporter] = {
    "clip-benchmark": ClipBenchmark(),
    "imagefolder": ImageFolder(),
    "coco": Coco(),
    "parquet": Parquet(),
    "counteranimal": Originals(),
}

Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class ExportReport:
    """What an export did.

    Attributes:
        format: its name in ``FORMATS``.
        out: the folder written.
        samples: samples in it.
        files: files in it.
        left_out: what of the dataset it does not hold, and why.
    """

    format: str
    out: Path
    samples: int
    files: int
    left_out: tuple[LeftOut, ...]


def export(
    folder: Path,
    format: str,
    out: Path | None = None,
    config: str | None = None,
    split: str | None = None,
    progress: Progress = lambda done, total: None,
) -> ExportReport:
    """Write a view of a dataset; the same dataset gives the same bytes.

    Args:
        folder: the dataset.
        format: a name in ``FORMATS``.
        out: the folder to write, default ``<folder>-<format>``; it appears whole or not at all.
        config: only this config.
        split: only this split, of each config that has it.
        progress: called with samples done and in all.

    Raises:
        BenchwrightError: there is no such format.
        DatasetError: no dataset, config or split of that name; nothing chosen fits the format; a
            sample cannot be read; ``out`` is not empty or cannot be written.
    """
    exporter = FORMATS.get(format)
    if exporter is None:
        known = ", ".join(FORMATS)
        hint = did_you_mean(format, FORMATS)
        raise BenchwrightError(f'there is no format "{format}"{hint}; formats: {known}')
    dataset = Dataset.open(folder)
    places, left_out = _fitting(dataset, format, exporter, select(dataset, config, split))
    out = out or _beside(folder, format)
    if out.resolve().is_relative_to(folder.resolve()):
        raise DatasetError(f"{out}: is inside the dataset; choose a folder outside it")
    counts = dataset.splits()
    done, total = 0, sum(counts[place] for place in places)
    with staged(out) as stage:
        write_readme(dataset, format, exporter, places, stage)
        for place in places:
            samples = _reported(read(dataset, place), done, total, progress)
            left_out += exporter.write(dataset, place, samples, stage)
            done += counts[place]
    files = sum(path.is_file() for path in out.rglob("*"))
    return ExportReport(format, out, total, files, tuple(left_out))


def _fitting(
    dataset: Dataset, format: str, exporter: Exporter, chosen: list[Place]
) -> tuple[list[Place], list[LeftOut]]:
    """The splits that fit, and the others with the reason; none that fits is an error."""
    fitting = [place for place in chosen if exporter.fits(dataset, place)]
    if not fitting:
        fit = [str(place) for place in select(dataset, None, None) if exporter.fits(dataset, place)]
        raise DatasetError(
            f"{', '.join(map(str, chosen))}: no split for {format}, which takes {exporter.takes}; "
            f"splits here that fit: {', '.join(fit) or 'none'}"
        )
    others = [str(place) for place in chosen if place not in fitting]
    left_out = [(", ".join(others), f"{format} takes {exporter.takes}")] if others else []
    return fitting, left_out


def _beside(folder: Path, format: str) -> Path:
    named = folder if folder.name not in ("", "..") else folder.resolve()
    return named.with_name(f"{named.name}-{format}")


def _reported(
    samples: Iterator[Sample], done: int, total: int, progress: Progress
) -> Iterator[Sample]:
    for number, sample in enumerate(samples, done + 1):
        yield sample
        progress(number, total)
