"""Train the calibration models: ``python tools/train_calibration.py --out data/calibration``.

Draws the scenes, trains the planted model and its unbiased twin from each seed, measures them all,
and writes the first seed's two models, ``planted.json`` (what was planted), ``measured.json`` and
the model card ``README.md``. The same machine and thread count give the same weights, whose digests
are printed; docs/calibration.md says where they may differ.
"""

from __future__ import annotations

import argparse
import hashlib
import platform
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from pathlib import Path

import torch
from calibration.captions import vocabulary_texts
from calibration.drawing import POOLS, Run, Sizes, draw
from calibration.measuring import Measured, measured
from calibration.network import CONTEXT, config
from calibration.planting import PLANTINGS, planted_file
from calibration.report import card
from calibration.scenes import PREPROCESS
from calibration.settings import Settings
from calibration.training import trained

from benchwright.curation.models.calibration import CONFIG, opened, written
from benchwright.curation.models.words import Words
from benchwright.dataset import write_json, write_text
from benchwright.record import canonical_json
from benchwright.shards import replacing

SETTINGS = Settings(steps=900)


def _arguments(argv: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, required=True, help="folder of the models")
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 1, 2], help="default: 0 1 2")
    parser.add_argument("--twin-seeds", type=int, nargs="+", default=[0], help="default: 0")
    parser.add_argument("--steps", type=int, default=SETTINGS.steps)
    parser.add_argument("--word-steps", type=int, default=SETTINGS.word_steps)
    parser.add_argument("--pool", choices=POOLS, default="full", help="pictures to train on")
    parser.add_argument("--threads", type=int, default=2, help="of PyTorch; part of the seed")
    parser.add_argument(
        "--runs",
        type=Path,
        default=Path("build/calibration"),
        help="folder of every run's model; those that are there are not trained again",
    )
    return parser.parse_args(argv)


def main(argv: Sequence[str] | None = None) -> int:
    """Draw, train, measure, write."""
    options = _arguments(argv)
    torch.set_num_threads(options.threads)
    settings = replace(SETTINGS, steps=options.steps, word_steps=options.word_steps)
    sizes = POOLS[options.pool]
    wanted = {"planted": options.seeds, "unbiased": options.twin_seeds}
    runs = [Run(planting, seed) for planting, seeds in wanted.items() for seed in seeds]
    runs.sort(key=lambda run: run.seed)  # those that ship come first
    folders = {run: options.runs / _name(run, settings, sizes, options.threads) for run in runs}
    start = time.monotonic()
    todo = [run for run in runs if not (folders[run] / CONFIG).exists()]
    pools = draw(todo, sizes)
    _say(f"drawn the pictures of {len(todo)} runs", start)
    words = Words.of_texts(vocabulary_texts(), CONTEXT)
    results: dict[Run, Measured] = {}
    for run in runs:
        if run in todo:
            pool = pools.training.pop(run)
            network = trained(pool, words, PLANTINGS[run.planting], run.seed, settings)
            written(folders[run], config(words), network, words, PREPROCESS)
        model = opened(folders[run], str(run), "cpu", "float32")
        results[run] = measured(model, pools.alone, pools.evenly, pools.pairs)
        _say(f"{run}: weights {model.identity.sha256}", start)
    _ship(options.out, runs, folders)
    made = {
        "settings": asdict(settings),
        "pictures": asdict(sizes),
        "threads": options.threads,
        "torch": torch.__version__,
        "machine": platform.machine(),
        "seeds": {str(run): run.seed for run in runs},
    }
    write_json(options.out / "planted.json", planted_file(made))
    write_json(options.out / "measured.json", {str(run): asdict(results[run]) for run in runs})
    write_text(options.out / "README.md", card(results, made, len(words), _bytes(options.out)))
    return 0


def _name(run: Run, settings: Settings, sizes: Sizes, threads: int) -> str:
    """A folder's name that holds all that decides the weights, but the code."""
    planting = asdict(PLANTINGS[run.planting])
    whole = canonical_json([asdict(settings), asdict(sizes), threads, planting])
    return f"{run}-{hashlib.sha256(whole).hexdigest()[:12]}"


def _ship(out: Path, runs: Sequence[Run], folders: Mapping[Run, Path]) -> None:
    """Copy the first seed's models to where they ship."""
    for planting in PLANTINGS:
        first = next((run for run in runs if run.planting == planting), None)
        for file in sorted(folders[first].iterdir()) if first else ():
            with replacing(out / planting / file.name) as copy:
                copy.write(file.read_bytes())


def _bytes(out: Path) -> int:
    """Of the larger model that ships: weights, tokens and config."""
    folders = [out / planting for planting in PLANTINGS if (out / planting).is_dir()]
    return max(sum(file.stat().st_size for file in folder.iterdir()) for folder in folders)


def _say(text: str, start: float) -> None:
    print(f"{text} ({time.monotonic() - start:.0f} s so far)", file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
