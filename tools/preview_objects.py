"""Draw objects of the catalogue quickly, at each of their yaws, to look at while modelling them.

python tools/preview_objects.py mug chair --out /tmp/preview.png
"""

from __future__ import annotations

import argparse
from pathlib import Path

from PIL import Image, ImageDraw

from benchwright.builders.objects import catalogue
from benchwright.builders.render.coding import srgb_encode
from benchwright.builders.render.mitsuba_scene import bodies_of, radiance
from benchwright.builders.render.view import View

SPAN = 3.3
"""World units across a tile: an object of unit size fills two thirds."""


def tile(name: str, yaw: int, size: int) -> Image.Image:
    """One object at one yaw, quick and a little noisy."""
    view = View(size, size, (size / 2, size * 0.74), size / SPAN)
    bodies = bodies_of(catalogue.model(name), yaw=yaw)
    return Image.fromarray(srgb_encode(radiance(bodies, view, 16)))


def sheet(names: list[str], size: int, columns: int, front_only: bool) -> Image.Image:
    """Tiles with the name and yaw below, or one front view an object."""
    tiles = []
    for name in names:
        yaws = catalogue.entry(name).yaws
        for yaw in yaws[:1] if front_only else yaws:
            tiles.append((f"{name} {yaw}", tile(name, yaw, size)))
    rows = -(-len(tiles) // columns)
    page = Image.new("RGB", (columns * size, rows * (size + 14)), "white")
    draw = ImageDraw.Draw(page)
    for index, (label, picture) in enumerate(tiles):
        row, column = divmod(index, columns)
        page.paste(picture, (column * size, row * (size + 14)))
        draw.text((column * size + 4, row * (size + 14) + size + 1), label, "black")
    return page


def main() -> None:
    """Draw the objects named, or all."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("names", nargs="*")
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--size", type=int, default=200)
    parser.add_argument("--columns", type=int, default=4)
    parser.add_argument("--front", action="store_true", help="the first yaw only")
    arguments = parser.parse_args()
    names = arguments.names or list(catalogue.names())
    page = sheet(names, arguments.size, arguments.columns, arguments.front)
    page.save(arguments.out)
    print(f"{arguments.out}: {len(names)} objects")


if __name__ == "__main__":
    main()
