"""COCO: boxes and instance masks for detectors and segmenters, captions for captioners.

    <config>-<split>/images/<key>.jpg
    <config>-<split>/instances.json  captions.json

Images and annotations are numbered from 1 in the set's order; the stable name of an image is its
``key``. What COCO has no field for (occlusion, size role, mention order, ...) is kept under the
record's own names.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchwright.cards.exports.exporter import LeftOut
from benchwright.cards.exports.samples import Place, Sample, labels, read
from benchwright.dataset import Dataset, write_text
from benchwright.images import decode_mask


class Coco:
    """Instances and captions of scenes whose objects have masks."""

    files = ""
    takes = "scenes with masks"

    def fits(self, dataset: Dataset, place: Place) -> bool:
        """Whether its samples have masks; all of a config have the same members."""
        return next(read(dataset, place)).mask is not None

    def write(
        self, dataset: Dataset, place: Place, samples: Iterable[Sample], out: Path
    ) -> list[LeftOut]:
        """Write one split's pictures and both annotation files.

        Annotations are kept as lines of JSON: run lengths as Python integers would take many times
        the memory.
        """
        numbers = {name: number for number, name in enumerate(labels(dataset), 1)}
        folder = out / place.folder
        (folder / "images").mkdir(parents=True)
        images: list[str] = []
        instances: list[str] = []
        captions: list[str] = []
        hidden = 0
        for image_id, sample in enumerate(samples, 1):
            entry = _image(sample, image_id)
            (folder / "images" / entry["file_name"]).write_bytes(sample.image)
            images.append(_json(entry))
            drawn = list(_instances(sample, numbers))
            hidden += len(sample.record["objects"]) - len(drawn)
            _number(instances, image_id, drawn)
            _number(captions, image_id, _captions(sample))
        categories = [_json({"id": i, "name": n, "supercategory": ""}) for n, i in numbers.items()]
        parts = {"images": images, "annotations": instances, "categories": categories}
        _write(folder / "instances.json", place, parts)
        _write(folder / "captions.json", place, {"images": images, "annotations": captions})
        return [(f"{place}: {hidden:,} objects", "wholly hidden, no pixel shows")] * bool(hidden)


def run_lengths(visible: NDArray[np.bool_]) -> dict[str, Any]:
    """A mask in COCO's uncompressed run-length encoding.

    Args:
        visible: bool [H, W].

    Returns:
        ``size`` [H, W] and ``counts``: lengths of the runs, down the columns, zeros first.
    """
    flat = visible.T.ravel()
    edges = [0, *(np.flatnonzero(flat[1:] != flat[:-1]) + 1).tolist(), flat.size]
    counts = np.diff(edges).tolist()
    return {"size": list(visible.shape), "counts": [0, *counts] if flat[0] else counts}


def _image(sample: Sample, image_id: int) -> dict[str, Any]:
    scalars = {k: v for k, v in sample.record.items() if not isinstance(v, list)}
    return {"id": image_id, "file_name": f"{sample.row.key}.jpg", **scalars}


def _instances(sample: Sample, numbers: dict[str, int]) -> Iterator[dict[str, Any]]:
    """An annotation for every object of which a pixel shows: detectors divide by areas."""
    mask = np.asfortranarray(decode_mask(sample.mask or b""))  # runs go down the columns
    for mention, placed in enumerate(sample.record["objects"]):
        if placed["visible_area"]:
            others = {k: v for k, v in placed.items() if k not in ("name", "box", "visible_area")}
            yield {
                "category_id": numbers[placed["name"]],
                "bbox": placed["box"],
                "area": placed["visible_area"],
                "iscrowd": 0,
                "segmentation": run_lengths(mask == mention + 1),
                "mention": mention,
                **others,
            }


def _captions(sample: Sample) -> Iterator[dict[str, Any]]:
    for caption in sample.record["captions"]:
        yield {
            "caption": caption["text"],
            "order": caption["order"],
            "template": caption["template"],
        }


def _number(lines: list[str], image_id: int, annotations: Iterable[dict[str, Any]]) -> None:
    for annotation in annotations:
        lines.append(_json({"id": len(lines) + 1, "image_id": image_id, **annotation}))


def _json(value: dict[str, Any]) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def _write(path: Path, place: Place, parts: dict[str, list[str]]) -> None:
    """One JSON document, an entry a line."""
    info = _json({"description": str(place)})
    lists = (f'"{name}": [\n' + ",\n".join(lines) + "\n]" for name, lines in parts.items())
    write_text(path, ",\n".join([f'{{"info": {info}', '"licenses": []', *lists]) + "}\n")
