"""Contact sheets of a set of classes: a row a class, its groups side by side, a page every few."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from PIL import Image

from benchwright.contact_sheet import SCREEN, Strip, draw, tile
from benchwright.dataset import Dataset, Row
from benchwright.sample_kinds import kind_of
from benchwright.samples import record_of
from benchwright.shards import replacing

CLASSES_A_PAGE = 12
"""Some 3,000 pixels high: a page scrolls, and loads below 2 MB."""

QUALITY = 88
"""JPEG, of pages to be looked at."""

Cells = Mapping[tuple[str, str], Sequence[Row]]
"""(class, split) to its rows, sorted by key."""


def save_pages(dataset: Dataset, columns: int = 4) -> list[str]:
    """Write ``figures/contact-sheet-1.jpg`` and on; pages of an earlier, larger set go.

    Returns:
        Their names, in the order of classes.
    """
    names = []
    for number, page in enumerate(pages(dataset, columns), 1):
        names.append(f"figures/contact-sheet-{number}.jpg")
        with replacing(dataset.folder / names[-1]) as file:
            page.save(file, "JPEG", quality=QUALITY)
    for left in dataset.folder.glob("figures/contact-sheet-*.jpg"):
        if left.relative_to(dataset.folder).as_posix() not in names:
            left.unlink()
    return names


def pages(dataset: Dataset, columns: int) -> Iterator[Image.Image]:
    """RGB pages of all classes that have samples; so many pictures a group."""
    cells, splits = by_class(dataset), list(dict.fromkeys(s for _, s in dataset.splits()))
    found = [name for name in kind_of(dataset).classes if any((name, s) in cells for s in splits)]
    look = replace(SCREEN, abreast=len(splits))
    for start in range(0, len(found), CLASSES_A_PAGE):
        yield draw([
            strip(dataset, name, split, cells.get((name, split), ()), columns)
            for name in found[start : start + CLASSES_A_PAGE]
            for split in splits
        ], look, columns)  # fmt: skip


def by_class(dataset: Dataset) -> Cells:
    """Every row in the folder by class and split."""
    cells: defaultdict[tuple[str, str], list[Row]] = defaultdict(list)
    for shard in dataset.shards:
        for row in dataset.rows(shard.shard):
            cells[row.objects[0], row.split].append(row)
    return {place: sorted(rows, key=lambda row: row.key) for place, rows in cells.items()}


def strip(dataset: Dataset, name: str, split: str, rows: Sequence[Row], columns: int) -> Strip:
    """The first samples of a class's group by key, which is a random draw: keys are digests."""
    kind = kind_of(dataset)
    grounds = dict.fromkeys(
        record_of(dataset, row, kind)["background"] or "unclear" for row in rows[:columns]
    )
    where = f": {', '.join(grounds)}" if grounds else ""
    tiles = tuple(tile(dataset, row) for row in rows[:columns])
    return Strip(f"{name}   {split}{where}, {len(rows):,} images", tiles)
