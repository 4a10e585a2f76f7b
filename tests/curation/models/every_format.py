"""Picture files of every kind that the web holds, made here; and the model tests load."""

import io
import json

import numpy as np
from PIL import Image

TINY = {
    "embed_dim": 32,
    "vision_cfg": {
        "image_size": 32, "layers": 2, "width": 64, "head_width": 32, "patch_size": 8,
    },
    "text_cfg": {
        "context_length": 77, "vocab_size": 49408, "width": 32, "heads": 2, "layers": 2,
    },
}  # fmt: skip
"""An open_clip architecture of 1.7 million weights: milliseconds a batch."""

KINDS = [
    ("RGB", "JPEG"), ("L", "JPEG"), ("CMYK", "JPEG"), ("rotated", "JPEG"), ("progressive", "JPEG"),
    ("RGB", "PNG"), ("L", "PNG"), ("1", "PNG"), ("LA", "PNG"), ("RGBA", "PNG"), ("P", "PNG"),
    ("transparent P", "PNG"), ("I;16", "PNG"), ("RGB", "WEBP"), ("RGBA", "WEBP"), ("P", "GIF"),
    ("RGB", "BMP"), ("RGB", "TIFF"), ("CMYK", "TIFF"), ("I;16", "TIFF"), ("two pages", "TIFF"),
    ("moving", "GIF"), ("moving", "WEBP"), ("two pages", "MPO"),
]  # fmt: skip
SIZES = [(90, 61), (61, 90), (64, 64), (32, 32), (33, 32), (31, 45), (20, 12), (150, 20)]


def picture(rng, width, height):
    """A smooth RGB picture with some noise, as photographs are: five or six blobs across."""
    grain = max(min(width, height) // 5, 1)
    coarse = rng.integers(0, 256, (height // grain + 2, width // grain + 2, 3), dtype=np.uint8)
    smooth = np.asarray(Image.fromarray(coarse).resize((width, height), Image.Resampling.BICUBIC))
    noisy = smooth.astype(int) + rng.integers(-9, 10, smooth.shape)
    return Image.fromarray(noisy.clip(0, 255).astype(np.uint8))


def file_of(rng, kind, form, width, height):
    """Bytes of a picture of a kind."""
    image, options = picture(rng, width, height), {}
    if kind == "I;16":
        image = Image.fromarray(np.asarray(image.convert("L")).astype(np.uint16) * 257)
    elif kind in ("LA", "RGBA"):
        alpha = picture(rng, width, height).convert("L")
        image = image.convert(kind)
        image.putalpha(alpha)
    elif kind in ("P", "transparent P"):
        image = image.quantize(32)
        options = {"transparency": 3} if kind != "P" else {}
    elif kind == "rotated":
        exif = Image.Exif()
        exif[0x0112] = 6
        options = {"exif": exif}
    elif kind == "progressive":
        options = {"progressive": True}
    elif kind in ("moving", "two pages"):
        options = {"save_all": True, "append_images": [picture(rng, width, height)]}
    else:
        image = image.convert(kind)
    if form == "JPEG":
        options["quality"] = 90
    buffer = io.BytesIO()
    image.save(buffer, form, **options)
    return buffer.getvalue()


def every_file(count, seed=0):
    """That many files over all kinds and sizes, as (kind, bytes)."""
    rng = np.random.default_rng(seed)
    for number in range(count):
        kind, form = KINDS[number % len(KINDS)]
        width, height = SIZES[number // len(KINDS) % len(SIZES)]
        yield f"{kind} {form}", file_of(rng, kind, form, width, height)


def tiny_config(folder):
    """The config file of ``TINY``; ``<it>/random`` is a model."""
    path = folder / "tiny.json"
    path.write_text(json.dumps(TINY))
    return path
