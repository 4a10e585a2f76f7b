"""What a new version costs to send: `python tools/bench_publish.py [--scenes 240] [--xet]`.

Publishes a set of 512 px scenes to a stand-in Hub, then the set with a class appended; and, anew,
the set and then the one with the class appended and 0.5 % of its samples withdrawn. Holds all that
the server took in (shards, tables, card, figures, requests) against the bytes of the new samples.
Prints one JSON line a comparison.
"""

import argparse
import json
import random
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import pyarrow.compute as pc
import pyarrow.parquet as pq

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests"))

from hub_server import LocalHub, running

RECIPE = """
recipe: 1
name: bench
title: What a version costs
objects:
  names: [cube, sphere, cylinder, mug, heart, cone, star, torus{appended}]
  colours: ["#2a4bd7", "#ad2323", "#1d8a34"]
subsets:
  - {{name: three, layout: three, scenes: {{scenes: {scenes}, of_objects: 8}}}}
  - {{name: free, layout: {{count: 3}}, scenes: {{scenes: {scenes}, of_objects: 8}}}}
withdrawn: {withdrawn}
"""

WITHDRAWN = 0.005
"""Share of the samples that the second comparison takes out."""

PUBLISH = """
import sys
from pathlib import Path
from benchwright.cards import card
from benchwright.cards.publish import publish
folder, to, version = sys.argv[1:]
card.write(Path(folder))
publish(Path(folder), to, version)
"""


def main() -> None:
    """Measure, in one mode of upload."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--scenes", type=int, default=240, help="scenes a split, before growing")
    parser.add_argument("--xet", action="store_true", help="upload by xet instead of LFS")
    arguments = parser.parse_args()
    for share in (0.0, WITHDRAWN):  # a Hub each: one keeps a content once, whoever sent it
        with tempfile.TemporaryDirectory() as name, running(Path(name, "hub")) as hub:
            line = compared(arguments.scenes, share, arguments.xet, Path(name), hub)
            print(json.dumps(line), flush=True)


def compared(scenes: int, share: float, xet: bool, here: Path, hub: LocalHub) -> dict[str, Any]:
    """Bytes that the server took in for the next version, against those of its new samples."""
    home = here / "home"
    environment = hub.xet_environment(home) if xet else hub.environment(home)
    folder, to = here / "set", "org/bench"
    before = build(folder, scenes, "", [], environment)
    run([sys.executable, "-c", PUBLISH, folder, to, "1.0.0"], environment)
    keys = sorted(key for key, (_, twin_of) in before.items() if not twin_of)
    gone = random.Random(0).sample(keys, round(share * len(keys)))
    after = build(folder, scenes, ", pot", gone, environment)
    hub.clear_log()
    run([sys.executable, "-c", PUBLISH, folder, to, "2.0.0"], environment)
    log = hub.log()
    sent = sum(line["received"] for line in log)
    if xet:  # whose chunks don't pass through the server
        sent += sum(line.get("new_bytes", 0) for line in log)
    new = sum(size for key, (size, _) in after.items() if key not in before)
    return {
        "mode": "xet" if xet else "lfs", "withdrawn": share, "samples": len(before),
        "added": len(after.keys() - before.keys()),
        "removed": len(before.keys() - after.keys()),
        "new_bytes": new, "sent_bytes": sent, "ratio": round(sent / new, 3),
    }  # fmt: skip


def build(
    folder: Path, scenes: int, appended: str, withdrawn: list[str], environment: dict[str, str]
) -> dict[str, tuple[int, str]]:
    """Build the set; key to (bytes, original) of its samples."""
    folder.parent.mkdir(exist_ok=True)
    source = folder.with_suffix(".yaml")
    entries = json.dumps([{"key": key, "why": "for the benchmark"} for key in withdrawn])
    source.write_text(RECIPE.format(scenes=scenes, appended=appended, withdrawn=entries))
    run([sys.executable, "-m", "benchwright", "build", source, "--out", folder], environment)
    manifest = pq.read_table(folder / "manifest.parquet")
    columns = (manifest[name].to_pylist() for name in ("key", "bytes", "twin_of"))
    assert pc.count_distinct(manifest["key"]).as_py() == len(manifest)
    return {key: (size, twin_of) for key, size, twin_of in zip(*columns, strict=True)}


def run(command: list[object], environment: dict[str, str]) -> None:
    """Run a step; its output only matters if it fails."""
    ran = subprocess.run(
        list(map(str, command)), env=environment, capture_output=True, text=True, check=False
    )
    if ran.returncode:
        raise RuntimeError(ran.stderr[-3000:])


if __name__ == "__main__":
    main()
