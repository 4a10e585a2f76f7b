"""LAION's CLIP_benchmark: zero-shot classification over its WebDataset layout.

    <config>-<split>/test/0.tar  nshards.txt
    <config>-<split>/classnames.txt  zeroshot_classification_templates.txt

``clip_benchmark eval --dataset wds/<config>-<split> --dataset_root "OUT/{dataset}"`` reads it.
"""

from __future__ import annotations

from collections.abc import Iterable
from itertools import groupby
from pathlib import Path

from benchwright import shards
from benchwright.cards.exports.exporter import LeftOut
from benchwright.cards.exports.samples import Place, Sample, labels, rows
from benchwright.dataset import Dataset, write_text
from benchwright.errors import DatasetError

TEMPLATE = "a photo of the {c}."
"""One of CLIP's own ImageNet prompts, and one without "a", which half the names would belie."""

LEAST_TARS = 4
"""CLIP_benchmark reads with four workers by default and fails where one of them gets no tar."""

TAR_SAMPLES = 10_000
"""Samples a tar at most: what CLIP_benchmark's own converter writes."""


class ClipBenchmark:
    """Images with the number of their one label."""

    files = ""
    takes = "one object a scene"

    def fits(self, dataset: Dataset, place: Place) -> bool:
        """Whether every scene of the split has one label."""
        return all(len(row.objects) == 1 for row in rows(dataset, place))

    def write(
        self, dataset: Dataset, place: Place, samples: Iterable[Sample], out: Path
    ) -> list[LeftOut]:
        """Write one dataset folder of CLIP_benchmark's."""
        classes = labels(dataset)
        folder = out / place.folder
        count = dataset.splits()[place]
        tars = min(count, max(LEAST_TARS, -(-count // TAR_SAMPLES)))
        numbered = enumerate(samples)
        for tar, group in groupby(numbered, key=lambda item: item[0] * tars // count):
            segments = (_segment(sample, classes) for _, sample in group)
            shards.write(folder / "test" / f"{tar}.tar", segments)
        write_text(folder / "test" / "nshards.txt", f"{tars}\n")
        write_text(folder / "classnames.txt", "".join(f"{_line(name)}\n" for name in classes))
        write_text(folder / "zeroshot_classification_templates.txt", f"{TEMPLATE}\n")
        return []


def _segment(sample: Sample, classes: list[str]) -> bytes:
    (label,) = sample.row.objects
    number = str(classes.index(label)).encode()
    return shards.segment(sample.row.key, {sample.picture: sample.image, "cls": number})


def _line(name: str) -> str:
    """The name, if it is read back from a line of its own as it is."""
    if [line.strip() for line in name.splitlines()] != [name]:
        raise DatasetError(f"label {name!r} does not fit on a line of classnames.txt; rename it")
    return name
