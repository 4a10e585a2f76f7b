"""Building a library's network: without its chatter, seeded, and with errors of one line."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from benchwright.curation.models import hub_files
from benchwright.errors import ModelError
from benchwright.seeding import digest


@contextmanager
def building(model_id: str, architecture: str, weights: Path | None) -> Iterator[None]:
    """A block in which a library builds a network and loads its weights.

    Weights that are drawn depend on the architecture's name alone; PyTorch's own random numbers go
    on afterwards as if none had been drawn.

    Args:
        model_id: for messages.
        architecture: the library's name of it.
        weights: the checkpoint; None where weights are drawn.

    Raises:
        ModelError: the library refuses, in the first two lines of what it says.
    """
    import torch

    try:
        with (
            hub_files.quiet_logs(),
            warnings.catch_warnings(),
            torch.random.fork_rng(devices=[]),
        ):
            warnings.simplefilter("ignore")
            torch.manual_seed(digest("random weights", architecture) >> 1)  # it takes 63 bits
            yield
    except (RuntimeError, AssertionError, KeyError, ValueError, TypeError, OSError) as error:
        about = weights or "this architecture"
        lines = str(error).strip().splitlines()
        detail = " ".join(line.strip() for line in lines[:2])[:300]
        raise ModelError(f"{model_id}: {about} does not load: {detail}") from error
