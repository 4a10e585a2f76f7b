"""Embedding: its share of what the machine could reach, clip-retrieval beside it, and its memory.

The model is a CLIP so small that decoding is what limits: pipelines are compared, not models. Its
weights are random, so that no network is needed.
"""

from __future__ import annotations

import io
import json
import shutil
import statistics
import sys
import tarfile
import tempfile
from collections.abc import Iterator
from itertools import groupby
from pathlib import Path

import numpy as np

from benchwright import engine
from benchwright.bench.peers import environment
from benchwright.bench.processes import Used, benchwright, measured
from benchwright.bench.rows import Row, Sizes, at_least, at_most
from benchwright.errors import BenchwrightError
from benchwright.images import encode_jpeg

PEER = ("clip-retrieval==2.45.0", "setuptools<70")  # its clip-anytorch asks for pkg_resources

CONFIG = {
    "embed_dim": 64,
    "vision_cfg": {"image_size": 224, "layers": 2, "width": 64, "head_width": 32, "patch_size": 32},
    "text_cfg": {"context_length": 77, "vocab_size": 49408, "width": 64, "heads": 2, "layers": 1},
}
"""The small CLIP, as open_clip describes models."""

MODES = ("exact", "fast")

EDGE, SMALL_EDGE = 512, 64
"""Longer edge in pixels of the pictures for the rates, and of those for the memory."""

DISTINCT = 400
"""Different pictures; more would only take time to make, the tools see all of them as new."""

A_SHARD = 500
"""Pictures a shard, at most: each reader of the peer needs one."""

SAVE_WEIGHTS = """
import sys, torch, open_clip
open_clip.add_model_config(sys.argv[1])
torch.save(open_clip.create_model("tiny").state_dict(), sys.argv[2])
"""

PEER_SCRIPT = """
import sys, time, open_clip
folder, config, weights, shards, workers, batch = sys.argv[1:]
open_clip.add_model_config(config)
from clip_retrieval.clip_inference.main import main
began = time.perf_counter()
main(input_dataset=shards, output_folder=folder, input_format="webdataset",
     batch_size=int(batch), num_prepro_workers=int(workers), enable_text=False,
     enable_metadata=True, clip_model="open_clip:tiny/" + weights)
print("seconds", time.perf_counter() - began)
"""
"""clip-retrieval's own entry; all it is helped with is the architecture's name.

It takes a local checkpoint as ``open_clip:ARCH//path``, so no network is needed.
"""


def rows(sizes: Sizes) -> Iterator[Row]:
    """Of shards of pictures as img2dataset writes them."""
    with tempfile.TemporaryDirectory(prefix="bench-embed-", dir=sizes.folder) as name:
        folder = Path(name)
        (folder / "config").mkdir()
        (folder / "config" / "tiny.json").write_text(json.dumps(CONFIG))
        write_shards(folder / "shards", photographs(EDGE), sizes.pictures)
        for mode in MODES:
            yield _share(folder, mode, sizes.rounds)
        yield from _beside_peer(folder, sizes)
        yield _memory(folder, sizes)


def photographs(edge: int) -> list[bytes]:
    """JPEGs with the detail of photographs: smooth structure and fine grain."""
    from PIL import Image

    rng, made = np.random.default_rng(0), []
    for number in range(DISTINCT):
        size = (edge, int(edge * rng.uniform(0.66, 1)))
        spots = rng.integers(0, 256, (size[1] // 12, size[0] // 12, 3), dtype=np.uint8)
        smooth = np.asarray(Image.fromarray(spots).resize(size, Image.Resampling.BICUBIC))
        grainy = np.clip(smooth + rng.normal(0, 5, smooth.shape), 0, 255).astype(np.uint8)
        turned = grainy.transpose(1, 0, 2) if number % 2 else grainy
        made.append(encode_jpeg(np.ascontiguousarray(turned), 90))
    return made


def write_shards(folder: Path, pictures: list[bytes], count: int) -> None:
    """Shards of so many pictures as img2dataset writes them."""
    folder.mkdir()
    a_shard = _a_shard(count)
    for shard, numbers in groupby(range(count), lambda number: number // a_shard):
        with tarfile.open(folder / f"{shard:05d}.tar", "w") as tar:
            for number in numbers:
                record = {"url": f"https://a.example/{number}.jpg", "caption": "a picture"}
                for extension, content in (
                    ("jpg", pictures[number % len(pictures)]),
                    ("json", json.dumps(record).encode()),
                    ("txt", b"a picture"),
                ):
                    info = tarfile.TarInfo(f"{number:09d}.{extension}")
                    info.size = len(content)
                    tar.addfile(info, io.BytesIO(content))


def _a_shard(count: int) -> int:
    return max(1, min(A_SHARD, count // engine.cores()))


def _share(folder: Path, mode: str, rounds: int) -> Row:
    """As ``benchwright bench embed`` defines it."""
    ran = benchwright(
        "bench", "embed", folder / "shards", "--model", _model(folder), "--mode", mode,
        "--rounds", rounds, "--json",
    )  # fmt: skip
    found = json.loads(ran.output)
    note = f"median of {rounds}, spread {found['spread']:.2f}"
    return Row(f"reached / possible, {mode}", found["ratio"], "", at_least(0.9), note)


def _model(folder: Path) -> str:
    return f"{folder}/config/tiny.json/random"


def _ours(folder: Path, shards: Path, mode: str) -> tuple[float, Used]:
    """Embed in a process of its own: seconds of the run itself, and what the process took."""
    shutil.rmtree(folder / "ours", ignore_errors=True)
    ran = benchwright(
        "embed", shards, "--model", _model(folder), "--mode", mode, "--workers", engine.cores(),
        "--out", folder / "ours", "--json",
    )  # fmt: skip
    return json.loads(ran.output)["seconds"]["elapsed"], ran


def _beside_peer(folder: Path, sizes: Sizes) -> Iterator[Row]:
    """Both tools in turn on the same shards; seconds of each from its own start of work."""
    names = {mode: f"rate / clip-retrieval's, {mode}" for mode in MODES}
    try:
        python = environment(sizes.peers / "clip-retrieval", PEER)
        weights = folder / "tiny.pt"
        measured([sys.executable, "-c", SAVE_WEIGHTS, f"{folder}/config", str(weights)])
        taken: dict[str, list[float]] = {"peer": [], **{mode: [] for mode in MODES}}
        for _ in range(sizes.rounds):
            taken["peer"].append(_theirs(python, folder, weights, sizes.pictures))
            for mode in MODES:
                taken[mode].append(_ours(folder, folder / "shards", mode)[0])
    except BenchwrightError as error:
        for name in names.values():
            yield Row(name, None, "", at_least(1.3), str(error))
        return
    rates = {name: sizes.pictures / statistics.median(of) for name, of in taken.items()}
    for mode, name in names.items():
        note = f"{rates[mode]:,.0f} pictures a second over {rates['peer']:,.0f} by {PEER[0]}"
        yield Row(name, rates[mode] / rates["peer"], "", at_least(1.3), note)


def _theirs(python: Path, folder: Path, weights: Path, pictures: int) -> float:
    """Seconds that clip-retrieval takes."""
    shutil.rmtree(folder / "peer", ignore_errors=True)
    shards = f"{folder}/shards/{{00000..{(pictures - 1) // _a_shard(pictures):05d}}}.tar"
    given = (folder / "peer", folder / "config", weights, shards, engine.cores(), 256)
    command = [str(python), "-c", PEER_SCRIPT, *map(str, given)]
    ran = measured(command, {"HF_HUB_OFFLINE": "1"})
    return float(ran.output.rpartition("seconds ")[2])


def _memory(folder: Path, sizes: Sizes) -> Row:
    """Peak memory of a run, and of one over ten times as many shards."""
    pictures, peaks = photographs(SMALL_EDGE), []
    for count in (3 * sizes.pictures, 30 * sizes.pictures):
        shards = folder / f"small-{count}"
        write_shards(shards, pictures, count)
        peaks.append(_ours(folder, shards, "exact")[1].peak)
    few, many = peaks
    name = f"peak memory, {30 * sizes.pictures:,} / {3 * sizes.pictures:,} pictures"
    note = f"{many:,.0f} and {few:,.0f} MB, all processes; flat is 1"
    return Row(name, many / few, "", at_most(1.1), note)
