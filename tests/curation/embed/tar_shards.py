"""Shards for tests: pictures of one colour, and everything that goes wrong in shards of the web."""

import io
import json
import tarfile
import zlib
from pathlib import Path

import numpy as np
from PIL import Image

Members = dict[str, bytes]

TINY_CLIP = {
    "embed_dim": 16,
    "vision_cfg": {"image_size": 32, "layers": 1, "width": 32, "head_width": 16, "patch_size": 16},
    "text_cfg": {"context_length": 16, "vocab_size": 49408, "width": 16, "heads": 1, "layers": 1},
}
"""An open_clip architecture that costs nothing."""


def picture(colour=(200, 30, 60), size=(40, 30), kind="PNG", **options) -> bytes:
    """An image of one colour."""
    file = io.BytesIO()
    mode = options.pop("mode", "RGB")
    Image.new("RGB", size, tuple(int(c) for c in colour)).convert(mode).save(file, kind, **options)
    return file.getvalue()


def noise(seed=0, size=(64, 48), kind="JPEG") -> bytes:
    """An image with something in it: smooth spots of many colours."""
    spots = np.random.default_rng(seed).integers(0, 256, (6, 8, 3), dtype=np.uint8)
    file = io.BytesIO()
    Image.fromarray(spots).resize(size, Image.Resampling.BICUBIC).save(file, kind)
    return file.getvalue()


def numbered(count: int, first: int = 0) -> dict[str, Members]:
    """Samples whose colour says which they are: red and green are their number."""
    return {
        f"{number:06d}": {
            "png": picture((number % 256, number // 256, 7)),
            "txt": f"picture {number}".encode(),
            "json": json.dumps({"url": f"http://a.example/{number}", "row": number}).encode(),
        }
        for number in range(first, first + count)
    }


def write_tar(path: Path, samples: dict[str, Members], form=tarfile.USTAR_FORMAT) -> Path:
    """A tar of samples, members adjacent."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with tarfile.open(path, "w", format=form) as tar:
        for key, members in samples.items():
            for extension, content in members.items():
                info = tarfile.TarInfo(f"{key}.{extension}")
                info.size = len(content)
                tar.addfile(info, io.BytesIO(content))
    return path


def write_tiny_clip(folder: Path) -> str:
    """An id of a tiny model with random weights."""
    path = folder / "tiny.json"
    path.write_text(json.dumps(TINY_CLIP))
    return f"{path}/random"


def png_bomb() -> bytes:
    """A PNG of 30,000 x 30,000 pixels by its header, and of nothing by its content."""
    data = bytearray(picture())
    data[16:24] = (30_000).to_bytes(4, "big") * 2
    data[29:33] = zlib.crc32(bytes(data[12:29])).to_bytes(4, "big")
    return bytes(data)


BAD = {
    "page": {"jpg": b"<!doctype html><title>404</title>"},
    "cut": {"jpg": noise()[:-300]},
    "empty": {"jpg": b""},
    "bomb": {"png": png_bomb()},
    "imageless": {"txt": b"only words", "mask.png": picture()},
    "sliver": {"png": picture(size=(70_000, 1))},
}
"""Samples that cannot be used: each has a reason."""
