"""What the pictures show of their objects, measured on a stated number of records."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator, Mapping
from functools import partial
from typing import Any

import numpy as np

from benchwright import shards
from benchwright.cards.facts import Facts
from benchwright.cards.sections.counts import TWINS
from benchwright.cards.sections.markdown import code, count, joined, table
from benchwright.cards.sections.section import SCENES_ONLY, Drawing, Section
from benchwright.contact_sheet import of_split
from benchwright.dataset import Dataset
from benchwright.errors import DatasetError

FIGURE = "objects.png"
PER_SPLIT = 100
"""Records read of a split, the first of its first shard: quantiles to a few percent, in a second
for fifty splits, and the same when samples are appended."""


def text(facts: Facts) -> str:
    """Areas and occlusion by size role."""
    roles = _objects(facts)
    records = sum(1 for _ in _records(facts.dataset))
    objects = sum(map(len, roles.values()))
    columns = ("size role", "objects", "visible area, median", "5 % to 95 %", "partly hidden",
               "wholly hidden")  # fmt: skip
    about = (
        f"Measured on {count(objects, 'object')} of {count(records, 'scene')}: the first "
        f"{PER_SPLIT} at most of each split's first shard, twins left out. Areas are shares of the "
        "image."
    )
    rows = table(columns, [_row(role, np.array(found)) for role, found in roles.items()])
    return joined(about, rows, f"![Visible area and occlusion by size role](figures/{FIGURE})")


def figures(facts: Facts) -> Mapping[str, Drawing]:
    """Histograms of area and occlusion."""
    from benchwright.cards.figures.plots import area_plot

    roles = _objects(facts)
    areas = {role: [area for area, _ in found] for role, found in roles.items()}
    hidden = [share for found in roles.values() for _, share in found]
    return {FIGURE: partial(area_plot, areas, hidden)}


def _row(role: str, found: Any) -> tuple[str, ...]:
    low, middle, high = np.percentile(found[:, 0], (5, 50, 95))
    partly = np.mean((found[:, 1] > 0) & (found[:, 1] < 1))
    return (
        code(role), f"{len(found):,}", f"{middle:.2f} %", f"{low:.2f} % to {high:.2f} %",
        f"{100 * partly:.1f} %", f"{100 * np.mean(found[:, 1] == 1):.1f} %",
    )  # fmt: skip


def _objects(facts: Facts) -> dict[str, list[tuple[float, float]]]:
    """Size role to (visible area in % of the image, hidden share) of every object looked at."""
    found: defaultdict[str, list[tuple[float, float]]] = defaultdict(list)
    for record in _records(facts.dataset):
        pixels = record["width"] * record["height"]
        for placed in record["objects"]:
            share = 100 * placed["visible_area"] / pixels
            found[placed["size"]].append((share, placed["occluded"]))
    return dict(sorted(found.items()))


def _records(dataset: Dataset) -> Iterator[dict[str, Any]]:
    for config, split in dataset.splits():
        if config == TWINS:
            continue
        name = of_split(dataset, config, split)[0]
        for row in dataset.rows(name)[:PER_SPLIT]:
            blocks = shards.read_segment(dataset.folder / name, row.placement)
            try:
                yield json.loads(shards.members(blocks)[f"{row.key}.json"])
            except (KeyError, ValueError) as error:
                raise DatasetError(
                    f"{name}#{row.key}: no readable record; benchwright verify names what is wrong"
                ) from error


SECTION = Section("### Objects as Measured", text, figures=figures, kinds=SCENES_ONLY)
