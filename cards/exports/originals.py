"""CounterAnimal's own layout: a folder a class, a folder a group in it.

    <index> <name>/common-<background>/<key>.jpg
    <index> <name>/counter-<background>/<key>.jpg

Its evaluation scripts read the ImageNet index, or the number of the class where it has none, from
the folder's name. Both groups of a class lie in one folder, so splits are not kept apart.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path

from benchwright.cards.exports.exporter import LeftOut
from benchwright.cards.exports.samples import Place, Sample
from benchwright.dataset import Dataset
from benchwright.mined_record import UNGROUPED
from benchwright.sample_kinds import MINED, Label, kind_of

_UNSAFE = re.compile(r"[^\w .,'()-]")
"""What a folder's name had better not hold; a leading dot is stripped too."""


class Originals:
    """Photographs by class, group and background."""

    files = ""
    takes = "groups of mined classes"

    def fits(self, dataset: Dataset, place: Place) -> bool:
        """Whether its samples were mined and have a group."""
        return kind_of(dataset).name == MINED.name and place.split != UNGROUPED

    def write(
        self, dataset: Dataset, place: Place, samples: Iterable[Sample], out: Path
    ) -> list[LeftOut]:
        """Write one split's pictures into the folders of their classes."""
        labels = kind_of(dataset).labels
        for sample in samples:
            label = labels[sample.record["label"]]
            ground = _plain(sample.record["background"]) or "unclear"
            number = sample.record["label"]
            folder = out / _class(label, number) / f"{place.split}-{ground}"
            folder.mkdir(parents=True, exist_ok=True)
            (folder / f"{sample.row.key}.{sample.picture}").write_bytes(sample.image)
        return []


def _class(label: Label, number: int) -> str:
    return f"{_plain(label.id) or number} {_plain(label.name)}"


def _plain(name: str) -> str:
    """A name as a part of a path: it can neither lead elsewhere nor hide."""
    return _UNSAFE.sub("_", name).strip(" .")[:100]
