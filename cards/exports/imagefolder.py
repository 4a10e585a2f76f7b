"""The `imagefolder` of `datasets`: pictures as plain files, and a table of JSON lines.

    <config>/<split>/<key>.jpg     or .png
    <config>/<split>/masks/<key>.png
    <config>/<split>/metadata.jsonl

No folder a class: a scene holds several objects, a label need not be a file name, and `datasets`
drops the labels it takes from folders as soon as there is a table.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from benchwright.cards.exports.exporter import LeftOut
from benchwright.cards.exports.samples import Place, Sample
from benchwright.dataset import Dataset


class ImageFolder:
    """Pictures, their masks, and one flat row of metadata for each."""

    files = "{config}/{split}/**"
    takes = "any split"

    def fits(self, dataset: Dataset, place: Place) -> bool:
        """Always."""
        return True

    def write(
        self, dataset: Dataset, place: Place, samples: Iterable[Sample], out: Path
    ) -> list[LeftOut]:
        """Write one split's pictures and their table."""
        folder = out / place.config / place.split
        folder.mkdir(parents=True)
        with (folder / "metadata.jsonl").open("w", encoding="utf-8") as table:
            for sample in samples:
                row = {**_pictures(sample, folder), **columns(sample.record)}
                table.write(json.dumps(row, ensure_ascii=False) + "\n")
        return []


def _pictures(sample: Sample, folder: Path) -> dict[str, str]:
    """Write a sample's pictures; the columns that name them become image columns when read."""
    names = {"file_name": f"{sample.row.key}.{sample.picture}"}
    (folder / names["file_name"]).write_bytes(sample.image)
    if sample.mask is not None:
        names["mask_file_name"] = f"masks/{sample.row.key}.png"
        (folder / names["mask_file_name"]).parent.mkdir(exist_ok=True)
        (folder / names["mask_file_name"]).write_bytes(sample.mask)
    return names


def columns(record: dict[str, Any]) -> dict[str, Any]:
    """A record as flat columns.

    A struct becomes a column a field, named ``<struct>_<field>``. So does a list of structs, but
    for its first field, which stands for the list: ``objects`` are the names, ``captions`` the
    texts. The first caption is the column ``caption`` where the record has none of its own.
    """
    flat: dict[str, Any] = {}
    for name, value in record.items():
        if isinstance(value, dict):
            flat |= {f"{name}_{field}": inner for field, inner in value.items()}
        elif isinstance(value, list) and value and isinstance(value[0], dict):
            first, *others = value[0]
            flat[name] = [item[first] for item in value]
            flat |= {f"{name}_{other}": [item[other] for item in value] for other in others}
        else:
            flat[name] = value
    if captions := flat.get("captions"):
        flat = {"caption": captions[0], **flat}
    return flat
