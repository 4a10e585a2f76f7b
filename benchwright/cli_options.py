"""Arguments and options that several commands share."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Literal

import typer

from benchwright.errors import BenchwrightError

Folder = Annotated[Path, typer.Argument(metavar="DATASET", help="A dataset folder.")]
Workers = Annotated[int | None, typer.Option(min=1, help="Processes; default: all cores.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print the result as JSON on stdout.")]
EngineName = Annotated[
    Literal["local", "ray"], typer.Option("--engine", help="Processes here, or a Ray cluster.")
]
RayAddress = Annotated[
    str, typer.Option(metavar="HOST:PORT", help="Of the Ray cluster; default: Ray on this machine.")
]


@contextmanager
def on_engine(name: str, address: str) -> Iterator[None]:
    """Run what follows on the engine that the options name.

    Raises:
        BenchwrightError: Ray is not installed, no cluster is there, or an address without Ray.
    """
    if name == "local":
        if address:
            raise BenchwrightError("--ray-address: goes with --engine ray")
        yield
        return
    from benchwright.ray_engine import cluster

    with cluster(address):
        yield
