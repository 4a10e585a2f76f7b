"""Composed scenes that stand for photographs of a class on a background, for the miner's tests."""

import io
import json
import random
import tarfile

from benchwright.builders.rendering import composer
from benchwright.builders.sources import source_of
from benchwright.images import encode_jpeg
from benchwright.recipe_file import load
from benchwright.record import Placed, Scene

SIZE = 96
"""Pixels of a side: the calibration models look at 64."""


def photographs(wanted, seed=0, size=SIZE):
    """A JPEG of each (class, background), in their order.

    Args:
        wanted: pairs of names.
        seed: of the scenes.
        size: pixels of a side.
    """
    recipe = load("comco")
    draw, source, rng = composer(recipe.objects), source_of(recipe), random.Random(seed)
    for name, background in wanted:
        yield encode_jpeg(draw.compose(_scene(source, name, background, rng, size)).image, 95)


def _scene(source, name, background, rng, size):
    """One object on one background, its place, size and yaw drawn."""
    placed = Placed(
        name=name, asset=name, slot=0, x=rng.uniform(-2, 2), y=rng.uniform(-3, 1),
        yaw=rng.choice(source.yaws(name)), tilt=0, pose="standing",
        scale=rng.choice([2.6, 3.4, 4.4]), size="same", colour="own", material="own",
    )  # fmt: skip
    return Scene(size, size, f"{background}@{rng.randrange(64)}", "tilted", "softboxes", (placed,))


def in_order(counts, seed=0):
    """The (class, background) of each image that ``write_shards`` writes."""
    wanted = [pair for pair, count in counts.items() for _ in range(count)]
    random.Random(seed).shuffle(wanted)
    return wanted


def write_shards(folder, counts, seed=0, a_shard=200):
    """Shards of so many images a (class, background), captioned by class.

    Args:
        folder: where the tars go.
        counts: (class, background) to images.
        seed: of the scenes.
        a_shard: images.
    """
    wanted = in_order(counts, seed)
    images = photographs(wanted, seed)
    folder.mkdir(parents=True, exist_ok=True)
    for number, start in enumerate(range(0, len(wanted), a_shard)):
        with tarfile.open(folder / f"{number:05d}.tar", "w") as tar:
            for row, (name, _) in enumerate(wanted[start : start + a_shard], start):
                members = {
                    "jpg": next(images),
                    "txt": f"a photo of a {name}".encode(),
                    "json": json.dumps({"url": f"http://h/{row}", "row": row}).encode(),
                }
                for extension, content in members.items():
                    info = tarfile.TarInfo(f"{row:08d}.{extension}")
                    info.size = len(content)
                    tar.addfile(info, io.BytesIO(content))
    return folder
