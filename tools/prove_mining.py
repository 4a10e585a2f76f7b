"""Planted truth on pictures: ``python tools/prove_mining.py``.

Draws scenes of classes whose association with a background was planted in the probe, embeds them
with probe and judge, and mines corpora of many seeds with the miner's own steps: label, filter,
dedup, score, groups, confirm. Prints what was found against what is true of pictures that no
corpus holds. ``--truth``, ``--seeds``, ``--home`` and ``--elsewhere`` make it smaller; what
was drawn stays in ``--cache``.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from mining_proof.design import Design
from mining_proof.report import lines, prove

FULL = Design()


def main(argv: Sequence[str] | None = None) -> int:
    """Draw, mine, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--truth", type=int, default=FULL.truth, help="pictures a truth rests on")
    parser.add_argument("--seeds", type=int, default=FULL.seeds, help="corpora")
    parser.add_argument("--home", type=int, default=FULL.home, help="of a class, in a corpus")
    parser.add_argument("--elsewhere", type=int, default=FULL.elsewhere, help="of each other place")
    parser.add_argument("--permutations", type=int, default=1000, help="of the null proof")
    parser.add_argument("--cache", type=Path, default=Path("build/mining-proof"))
    parser.add_argument("--workers", type=int, default=2, help="processes that draw")
    options = parser.parse_args(argv)
    design = replace(
        FULL, truth=options.truth, seeds=options.seeds, home=options.home,
        elsewhere=options.elsewhere,
    )  # fmt: skip
    began = time.monotonic()

    def say(step: str) -> None:
        print(f"{time.monotonic() - began:6.0f} s  {step}", file=sys.stderr, flush=True)

    with tempfile.TemporaryDirectory(prefix="benchwright-proof-") as folder:
        proof = prove(
            design, options.cache, Path(folder), options.workers, options.permutations, say
        )
    print("\n".join(lines(proof)))
    return 0


if __name__ == "__main__":
    sys.exit(main())
