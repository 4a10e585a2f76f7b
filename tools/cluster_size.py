"""How many GPUs and cores embed so many images in so many hours.

    python tools/cluster_size.py --images 1e9 --hours 24 --decode 160

    GPUs  = images / (rate * hours * 3600 * busy)
    cores = GPUs * rate / decode

``rate`` is what one GPU encodes a second and ``decode`` what one core decodes a second: the lines
"model alone" and "readers alone" of ``benchwright bench embed``, run on one machine of the cluster.
"""

from __future__ import annotations

import argparse
import math

from benchwright import console

RATES = (500, 1000, 2000, 4000, 8000)
"""Images a second and GPU, from large models on old GPUs to small ones on new ones."""


def main() -> None:
    """Print a row a rate."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--images", type=float, default=1e9)
    parser.add_argument("--hours", type=float, default=24)
    parser.add_argument("--decode", type=float, default=160, help="images a second and core")
    parser.add_argument("--busy", type=float, default=0.9, help="share of the time GPUs encode")
    asked = parser.parse_args()
    rows = []
    for rate in RATES:
        gpus = math.ceil(asked.images / (rate * asked.hours * 3600 * asked.busy))
        each = math.ceil(rate / asked.decode)
        rows.append((f"{rate:,}", f"{gpus:,}", f"{each:,}", f"{gpus * each:,}"))
    console.table(
        f"{asked.images:,.0f} images in {asked.hours:g} hours",
        ("images a second and GPU", "GPUs", "cores a GPU", "cores"),
        rows,
    )


if __name__ == "__main__":
    main()
