"""Embedding measured: against clip-retrieval's inference, and in memory as shards grow in number.

    python tools/bench_embed.py peer [--samples 3000]     both tools on the same shards and model
    python tools/bench_embed.py memory                    peak memory at 10,000 and 100,000 samples

``benchwright bench embed`` measures how near a run comes to what a machine could reach.
"""

from __future__ import annotations

import argparse
import io
import json
import os
import shutil
import statistics
import subprocess
import sys
import tarfile
import tempfile
import threading
from pathlib import Path

import numpy as np

from benchwright import console
from benchwright.images import encode_jpeg

PEER = (
    "clip-retrieval==2.45.0",
    "setuptools<70",
)  # its clip-anytorch asks pkg_resources for packaging
PEER_FOLDER = Path("build/clip-retrieval")

CONFIG = {
    "embed_dim": 64,
    "vision_cfg": {"image_size": 224, "layers": 2, "width": 64, "head_width": 32, "patch_size": 32},
    "text_cfg": {"context_length": 77, "vocab_size": 49408, "width": 64, "heads": 2, "layers": 1},
}
"""A CLIP so small that decoding is what limits: the pipelines are compared, not the model."""

DISTINCT = 400
"""Different pictures; more would only take time to make, the tools see all of them as new."""

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


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("what", choices=("peer", "memory"))
    parser.add_argument("--samples", type=int, default=3000, help="for peer")
    parser.add_argument("--edge", type=int, default=512, help="longer edge of the pictures, pixels")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--workers", type=int, default=os.cpu_count())
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="bench-embed-") as name:
        folder = Path(name)
        (folder / "config").mkdir()
        (folder / "config" / "tiny.json").write_text(json.dumps(CONFIG))
        if arguments.what == "memory":
            memory(folder)
        else:
            peer(folder, arguments)


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


def write_shards(folder: Path, pictures: list[bytes], samples: int, a_shard: int) -> None:
    """Shards as img2dataset writes them."""
    folder.mkdir()
    for start in range(0, samples, a_shard):
        with tarfile.open(folder / f"{start // a_shard:05d}.tar", "w") as tar:
            for number in range(start, min(samples, start + a_shard)):
                record = {"url": f"https://a.example/{number}.jpg", "caption": "a picture"}
                for extension, content in (
                    ("jpg", pictures[number % len(pictures)]),
                    ("json", json.dumps(record).encode()),
                    ("txt", b"a picture"),
                ):
                    info = tarfile.TarInfo(f"{number:09d}.{extension}")
                    info.size = len(content)
                    tar.addfile(info, io.BytesIO(content))


def ours(shards: Path, folder: Path, workers: int, *options: str) -> tuple[float, float]:
    """Run embed in a process of its own; (seconds of the run, peak memory in MB)."""
    shutil.rmtree(folder / "ours", ignore_errors=True)
    command = [sys.executable, "-m", "benchwright", "embed", str(shards), "--model",
               f"{folder}/config/tiny.json/random", "--workers", str(workers), "--out",
               f"{folder}/ours", "--json", *options]  # fmt: skip
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    peak = Peak(process.pid)
    output, _ = process.communicate()
    if process.returncode:
        raise SystemExit("embed failed; run it by hand to see why")
    return json.loads(output)["seconds"]["elapsed"], peak.stop()


class Peak(threading.Thread):
    """Watches a process and its children: the largest sum of what each holds alone, in MB."""

    def __init__(self, pid: int) -> None:
        super().__init__(daemon=True)
        self._pid, self._most, self._over = pid, 0.0, threading.Event()
        self.start()

    def run(self) -> None:
        """Look now and then."""
        while not self._over.wait(0.2):
            self._most = max(self._most, sum(map(_proportional, _family(self._pid))))

    def stop(self) -> float:
        """The peak."""
        self._over.set()
        self.join()
        return self._most


def _family(pid: int) -> list[int]:
    children = Path(f"/proc/{pid}/task/{pid}/children")
    try:
        return [pid, *(m for child in children.read_text().split() for m in _family(int(child)))]
    except OSError:
        return []  # gone meanwhile


def _proportional(pid: int) -> float:
    """MB a process holds, memory that it shares divided by the number of its sharers."""
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    except OSError:
        return 0.0
    return sum(int(line.split()[1]) for line in lines if line.startswith("Pss:")) / 1024


def memory(folder: Path) -> None:
    """Peak memory of runs over ten and a hundred shards of a thousand samples."""
    pictures, peaks = photographs(64), {}
    for samples in (10_000, 100_000):
        write_shards(folder / str(samples), pictures, samples, 1000)
        seconds, peaks[samples] = ours(folder / str(samples), folder, os.cpu_count() or 1)
        console.say(f"{samples:,} samples: {seconds:.0f} s, peak {peaks[samples]:,.0f} MB")
    console.say(f"ratio {peaks[100_000] / peaks[10_000]:.2f}; flat is 1")


def peer(folder: Path, arguments: argparse.Namespace) -> None:
    """Both tools in turn on the same shards; seconds of each from its own start of work."""
    python = prepared()
    write_shards(folder / "shards", photographs(arguments.edge), arguments.samples, 500)
    weights = folder / "tiny.pt"
    subprocess.run([sys.executable, "-c", (
        "import sys, torch, open_clip\n"
        "open_clip.add_model_config(sys.argv[1])\n"
        "torch.save(open_clip.create_model('tiny').state_dict(), sys.argv[2])"
    ), f"{folder}/config", weights], check=True, stdout=subprocess.DEVNULL)  # fmt: skip
    last = (arguments.samples - 1) // 500
    shards = f"{folder}/shards/{{00000..{last:05d}}}.tar"
    rates: dict[str, list[float]] = {"clip-retrieval": [], "exact": [], "fast": []}
    for _ in range(arguments.rounds):
        shutil.rmtree(folder / "peer", ignore_errors=True)
        command = [python, "-c", PEER_SCRIPT, folder / "peer", folder / "config", weights, shards,
                   arguments.workers, 256]  # fmt: skip
        ran = subprocess.run([*map(str, command)], capture_output=True, text=True, check=False,
                             env={**os.environ, "HF_HUB_OFFLINE": "1"})  # fmt: skip
        if ran.returncode:
            raise SystemExit(f"clip-retrieval failed:\n{ran.stderr[-2000:]}")
        seconds = float(ran.stdout.rpartition("seconds ")[2])
        rates["clip-retrieval"].append(arguments.samples / seconds)
        for mode in ("exact", "fast"):
            seconds, _ = ours(folder / "shards", folder, arguments.workers, "--mode", mode)
            rates[mode].append(arguments.samples / seconds)
    base = statistics.median(rates["clip-retrieval"])
    rows = [
        (name, f"{statistics.median(found):.0f}", f"{statistics.median(found) / base:.2f}",
         ", ".join(f"{rate:.0f}" for rate in found))
        for name, found in rates.items()
    ]  # fmt: skip
    console.table(
        f"{arguments.samples:,} JPEGs of {arguments.edge} px, {arguments.workers} readers",
        ("tool", "images a second", "ratio", "rounds"),
        rows,
    )


def prepared() -> Path:
    """Python of an environment with clip-retrieval, made once; PyTorch is this one's own."""
    python = PEER_FOLDER / "bin" / "python"
    done = PEER_FOLDER / ".installed"
    if not done.is_file():
        subprocess.run([sys.executable, "-m", "venv", PEER_FOLDER], check=True)
        (site,) = PEER_FOLDER.glob("lib/python*/site-packages")
        here = next(path for path in sys.path if path.endswith("site-packages"))
        (site / "beside.pth").write_text(here + "\n")  # found after the environment's own
        subprocess.run([python, "-m", "pip", "install", "--quiet", *PEER], check=True)
        done.touch()
    return python.absolute()


if __name__ == "__main__":
    main()
