"""The commands that faults are tried on, each with small work to do and what must come out equal.

What several tests start from is made once, by ``fault_fixtures``.
"""

from __future__ import annotations

import hashlib
import io
import json
import shutil
import sys
import tarfile
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import yaml
from conftest import contents
from fault_harness import Subject
from PIL import Image

TESTS = Path(__file__).parents[1] / "curation"
sys.path.append(str(TESTS / "download"))

from small_web import Web  # noqa: E402

from benchwright.curation.download.outcomes import DOWNLOADED  # noqa: E402
from benchwright.curation.embeddings import EmbeddingSet  # noqa: E402
from benchwright.rejection import Reason  # noqa: E402

SHAPES = """
recipe: 1
name: shapes
title: Flat shapes
image: {size: 96}
objects: {names: [cube, sphere, mug, star, cone], look: flat}
shard_size: 4
subsets:
  - {name: one, layout: one}
  - {name: two, layout: simco_two}
twins: {factors: [order, ground], share: 0.5, of: [two]}
"""

TINY_CLIP = {
    "embed_dim": 16,
    "vision_cfg": {"image_size": 32, "layers": 1, "width": 32, "head_width": 16, "patch_size": 16},
    "text_cfg": {"context_length": 16, "vocab_size": 49408, "width": 16, "heads": 1, "layers": 1},
}


def shapes(home: Path) -> Path:
    """A recipe of some forty pictures in a dozen shards."""
    path = home / "shapes.yaml"
    path.write_text(SHAPES)
    return path


def build(earlier: Path | None = None, workers: int = 2) -> Subject:
    """``build``; from nothing, or over a set of another recipe that lies in the folder."""

    def prepare(home: Path) -> None:
        shapes(home)
        if earlier is not None:
            shutil.copytree(earlier, home / "out")

    return Subject(
        "build", prepare,
        lambda home: ["build", home / "shapes.yaml", "--out", home / "out", "--workers", workers],
        lambda home: published(home / "out"),
    )  # fmt: skip


def published(folder: Path) -> dict[str, bytes]:
    """Every file of a dataset folder that others get, by its name."""
    return {name: body for name, body in contents(folder).items() if not name.startswith(".build/")}


def corpus(recipe: Path) -> Subject:
    """``corpus build``."""
    return Subject(
        "corpus build", lambda home: None,
        lambda home: ["corpus", "build", recipe, "--out", home / "out", "--workers", 2],
        lambda home: published(home / "out"),
    )  # fmt: skip


CORPUS = """
recipe: 1
kind: corpus
name: pages
title: "A few pages"
rows: 120
backgrounds: [grass, snow]
classes:
  - {name: cow, home: grass, share: 0.8}
  - {name: bus, home: snow, share: 0.5}
"""


def pictures(folder: Path, shards: int, each: int, size: tuple[int, int] = (320, 240)) -> Path:
    """Shards of JPEGs with something in them."""
    folder.mkdir(parents=True)
    for number in range(shards):
        with tarfile.open(folder / f"{number:05d}.tar", "w", format=tarfile.USTAR_FORMAT) as tar:
            for n in range(each):
                rng = np.random.default_rng(1000 * number + n)
                spots = Image.fromarray(rng.integers(0, 256, (6, 8, 3), dtype=np.uint8))
                file = io.BytesIO()
                spots.resize(size, Image.Resampling.BICUBIC).save(file, "JPEG")
                info = tarfile.TarInfo(f"{number}-{n}.jpg")
                info.size = file.tell()
                file.seek(0)
                tar.addfile(info, file)
    return folder


def tiny_model(folder: Path) -> str:
    """An id of a model with random weights that costs nothing."""
    path = folder / "tiny.json"
    path.write_text(json.dumps(TINY_CLIP))
    return f"{path}/random"


def embed(shards: Path, model: str, workers: int = 2) -> Subject:
    """``embed``: rows must be equal, vectors to a unit in the last place."""
    return Subject(
        "embed", lambda home: None,
        lambda home: ["embed", shards, "--model", model, "--workers", workers, "--batch", 16,
                      "--out", home / "out"],
        lambda home: embedded(home / "out"),
    )  # fmt: skip


def embedded(out: Path) -> dict[str, Any]:
    """An embedding set: its files' names, rows, rejects and vectors."""
    (folder,) = out.iterdir()
    found = EmbeddingSet.open(folder)
    return {
        "files": sorted(name for name in contents(folder) if not name.startswith(".build/")),
        "rows": pa.concat_tables(found.metadata(part) for part in found.parts).to_pylist(),
        "rejects": pa.concat_tables(found.rejects(part) for part in found.parts).to_pylist(),
        "vectors": np.concatenate([found.vectors(p) for p in found.parts]).astype(np.float32),
    }


FATES = {
    "/status/404": Reason.NOT_FOUND,
    "/html/1": Reason.UNDECODABLE,
    "/cut/1": Reason.UNDECODABLE,
    "/robots/noai": Reason.OPT_OUT,
}
"""Addresses of the small web without a picture that may be had, and what becomes of them."""


def addresses(web: Web, folder: Path, count: int) -> Path:
    """A table of so many pictures, and of addresses without one."""
    urls = [web.url(f"/good/{n}") for n in range(count)]
    urls += [web.url(path) for path in FATES]
    table = folder / "table.parquet"
    pq.write_table(pa.table({"url": urls, "text": ["a dog"] * len(urls)}), table)
    return table


def download(table: Path) -> Subject:
    """``download``: the same rows with the same fates, images and bytes; keys are the run's own."""
    return Subject(
        "download", lambda home: None,
        lambda home: ["download", table, "--out", home / "out", "--processes", 1, "--threads", 8,
                      "--timeout", 5, "--retries", 0, "--allow-private", "loopback"],
        lambda home: fetched(home / "out"),
    )  # fmt: skip


def fetched(out: Path) -> dict[str, Any]:
    """Row to its fate and the bytes that are stored of it; every stored image has its row."""
    images: dict[str, bytes] = {}
    for path in sorted(out.glob("*.tar")):
        with tarfile.open(path) as tar:
            for member in tar:
                if member.name.endswith(".jpg"):
                    key = member.name.removesuffix(".jpg")
                    assert key not in images, f"{key} is stored twice"
                    file = tar.extractfile(member)
                    assert file is not None
                    images[key] = file.read()
    rows = pq.read_table(out / "rows.parquet").to_pylist()
    assert sorted(images) == sorted(row["key"] for row in rows if row["key"])
    return {
        str(row["row"]): (row["url"], row["status"], row["sha256"], images.get(row["key"]))
        for row in rows
    }


def fates(web: Web, table: Path) -> dict[str, Any]:
    """What ``fetched`` must find of such a table, from what the web serves."""
    found = {}
    for row, url in enumerate(pq.read_table(table)["url"].to_pylist()):
        path = url.removeprefix(web.url(""))
        status, image = FATES.get(path, DOWNLOADED), None
        if status == DOWNLOADED:
            image = web.answer(path)[2]
        sha256 = hashlib.sha256(image).hexdigest() if image else ""
        found[str(row)] = (url, status, sha256, image)
    return found


def mine(recipe: Path, workers: int = 2) -> Subject:
    """``mine``."""
    return Subject(
        "mine", lambda home: None,
        lambda home: ["mine", recipe, "--out", home / "out", "--work", home / "work",
                      "--workers", workers],
        lambda home: published(home / "out"),
    )  # fmt: skip


def mining_recipe(folder: Path, shards: Path, classes: list[str], backgrounds: list[str]) -> Path:
    """A recipe that mines shards by the calibration models."""
    path = folder / "mined.yaml"
    path.write_text(yaml.safe_dump({
        "recipe": 1, "kind": "mine", "name": "mined", "title": "Mined",
        "source": {"shards": str(shards)}, "classes": classes, "labels": "objects",
        "backgrounds": backgrounds,
        "groups": {"minimum": 4, "prompts": ["a picture of a {label}"]},
        "models": {"probe": "calibration/planted", "judge": "calibration/unbiased"},
    }))  # fmt: skip
    return path


def publish(source: Path) -> Subject:
    """``publish`` to a store, of a set that has its card."""
    return Subject(
        "publish", lambda home: shutil.copytree(source, home / "set"),
        lambda home: ["publish", home / "set", "--to", home / "out", "--version", "1.0.0",
                      "--workers", 1],
        lambda home: {**contents(home / "out"),
                      **{f"set/{name}": body for name, body in published(home / "set").items()}},
    )  # fmt: skip


def pull(store: Path) -> Subject:
    """``pull`` of a store's version."""
    return Subject(
        "pull", lambda home: None,
        lambda home: ["pull", store, "--out", home / "out"],
        lambda home: published(home / "out"),
    )  # fmt: skip
