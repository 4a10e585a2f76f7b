"""Draw every texture with two objects on it, to look at while mending the catalogue.

python tools/preview_backgrounds.py --out docs/figures/backgrounds.jpg
"""

from __future__ import annotations

import argparse
from pathlib import Path

from PIL import Image, ImageDraw

from benchwright.builders.backgrounds.textures import textures
from benchwright.builders.compose import Composer
from benchwright.builders.sources import sprite_source
from benchwright.recipe import Objects
from benchwright.record import Placed, Scene


def picture(composer: Composer, background: str, size: int) -> Image.Image:
    """A mug and a star on a background."""
    objects = tuple(
        Placed(name, name, slot, x, y, 0, 0, "standing", scale, "same", colour, "rubber")
        for slot, (name, x, y, scale, colour) in enumerate(
            [("mug", -2.2, -0.6, 1.6, "#ad2323"), ("star", 2.4, 1.2, 1.2, "#2a4bd7")]
        )
    )
    scene = Scene(size, size, background, "tilted", "softboxes", objects)
    return Image.fromarray(composer.compose(scene).image)


def sheet(names: list[str], size: int, columns: int) -> Image.Image:
    """Pictures with the texture's name below."""
    composer = Composer(sprite_source(Objects(names=["mug", "star"])))
    rows = -(-len(names) // columns)
    page = Image.new("RGB", (columns * size, rows * (size + 16)), "white")
    draw = ImageDraw.Draw(page)
    for index, name in enumerate(names):
        row, column = divmod(index, columns)
        page.paste(picture(composer, f"{name}@0", size), (column * size, row * (size + 16)))
        draw.text((column * size + 4, row * (size + 16) + size + 2), name, "black")
    return page


def main() -> None:
    """Draw the textures named, or all."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("names", nargs="*")
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--size", type=int, default=320)
    parser.add_argument("--columns", type=int, default=5)
    arguments = parser.parse_args()
    names = arguments.names or list(textures())
    page = sheet(names, arguments.size, arguments.columns)
    page.save(arguments.out, quality=85)
    print(f"{arguments.out}: {len(names)} backgrounds")


if __name__ == "__main__":
    main()
