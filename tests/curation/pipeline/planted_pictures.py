"""The proof on pictures (tools/mining_proof), and a design of it that takes seconds."""

import sys
from pathlib import Path

TOOLS = Path(__file__).parents[3] / "tools"
sys.path.insert(0, str(TOOLS))

from mining_proof.corpora import corpus  # noqa: E402
from mining_proof.design import Design  # noqa: E402
from mining_proof.pictures import Batch, Pictures, pictures  # noqa: E402
from mining_proof.report import jackknife, lines, prove  # noqa: E402

SMALL = Design(
    classes=("bench", "zebra", "bus"),
    backgrounds=("sand", "snow", "rock"),
    truth=80,
    seeds=2,
    home=80,
    elsewhere=50,
    minimum=10,
)
"""Two strong classes, each at home on another background, and one that is at home on none."""

__all__ = ["SMALL", "Batch", "Design", "Pictures", "corpus", "jackknife", "lines", "pictures",
           "prove"]  # fmt: skip
