"""What reading images fast changes: `python tools/preprocess_drift.py MODEL SHARDS --labels ...`.

Prints cosine to the exact embedding, change of the labels' scores, and change of their ranks; and
how long either mode takes for an image. Nothing is written.
"""

from __future__ import annotations

import argparse
import tarfile
import time
from collections.abc import Iterator
from dataclasses import asdict
from itertools import islice
from pathlib import Path

from benchwright.curation.models.drift import drift
from benchwright.curation.models.imagenet import imagenet_labels
from benchwright.curation.models.preprocess import Mode, Preprocess, crop
from benchwright.curation.models.registry import load_model

ENDINGS = (".jpg", ".jpeg", ".png", ".webp")
TIMED = 200
"""Images that are timed, after the others have warmed everything."""


def images(folder: Path) -> Iterator[bytes]:
    """Bytes of the images below a folder, in files or in tars; masks are none."""
    for path in sorted(folder.rglob("*")):
        if path.suffix == ".tar":
            with tarfile.open(path) as tar:
                for member in tar:
                    if member.name.endswith(ENDINGS) and ".mask." not in member.name:
                        file = tar.extractfile(member)
                        yield file.read() if file else b""
        elif path.suffix in ENDINGS:
            yield path.read_bytes()


def milliseconds(files: list[bytes], preprocess: Preprocess, mode: Mode) -> float:
    """CPU time an image, of this thread."""
    start = time.thread_time()
    for data in files:
        crop(data, preprocess, mode)
    return (time.thread_time() - start) / len(files) * 1e3


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("model")
    parser.add_argument("shards", type=Path)
    parser.add_argument("--labels", help="Between commas; default: ImageNet's thousand.")
    parser.add_argument("--limit", type=int, default=1000, help="Images.")
    parser.add_argument("--device", default="cpu")
    asked = parser.parse_args()
    model = load_model(asked.model, asked.device)
    labels = (
        asked.labels.split(",") if asked.labels else [label.name for label in imagenet_labels()]
    )
    files = list(islice(images(asked.shards), asked.limit))
    found = drift(model, files, labels if model.identity.kind == "clip" else ())
    for name, value in asdict(found).items():
        print(f"{name:<14}{value:,.6f}" if isinstance(value, float) else f"{name:<14}{value:,}")
    modes: tuple[Mode, Mode] = ("exact", "fast")
    for mode in modes:
        spent = milliseconds(files[:TIMED], model.preprocess, mode)
        print(f"{mode:<14}{spent:.2f} ms an image")


if __name__ == "__main__":
    main()
