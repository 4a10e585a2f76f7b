"""Shards of composed scenes with captions, as a downloader leaves them, for the miner's tests."""

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


def scene(source, name, background, rng):
    """One object on one background, its place, size and yaw drawn."""
    placed = Placed(
        name=name, asset=name, slot=0, x=rng.uniform(-2, 2), y=rng.uniform(-3, 1),
        yaw=rng.choice(source.yaws(name)), tilt=0, pose="standing",
        scale=rng.choice([2.6, 3.4, 4.4]), size="same", colour="own", material="own",
    )  # fmt: skip
    return Scene(SIZE, SIZE, f"{background}@{rng.randrange(64)}", "tilted", "softboxes", (placed,))


def write_shards(folder, counts, seed=0, a_shard=200):
    """Shards of so many images a (class, background), captioned by class.

    Args:
        folder: where the tars go.
        counts: (class, background) to images.
        seed: of the scenes.
        a_shard: images.
    """
    recipe = load("comco")
    draw, source, rng = composer(recipe.objects), source_of(recipe), random.Random(seed)
    wanted = [pair for pair, count in counts.items() for _ in range(count)]
    rng.shuffle(wanted)
    folder.mkdir(parents=True, exist_ok=True)
    for number, start in enumerate(range(0, len(wanted), a_shard)):
        with tarfile.open(folder / f"{number:05d}.tar", "w") as tar:
            for row, (name, background) in enumerate(wanted[start : start + a_shard], start):
                image = draw.compose(scene(source, name, background, rng)).image
                members = {
                    "jpg": encode_jpeg(image, 95),
                    "txt": f"a photo of a {name}".encode(),
                    "json": json.dumps({"url": f"http://h/{row}", "row": row}).encode(),
                }
                for extension, content in members.items():
                    info = tarfile.TarInfo(f"{row:08d}.{extension}")
                    info.size = len(content)
                    tar.addfile(info, io.BytesIO(content))
    return folder
