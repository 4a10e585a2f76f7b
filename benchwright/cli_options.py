"""Arguments and options that several commands share."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Literal

import typer

from benchwright import console
from benchwright.errors import BenchwrightError

Folder = Annotated[Path, typer.Argument(metavar="DATASET", help="A dataset folder.")]
Place = Annotated[str, typer.Argument(metavar="DATASET", help="A dataset folder, or its URL.")]
OutPlace = Annotated[
    str | None, typer.Option("--out", metavar="FOLDER", help="Or a URL; default: runs/NAME.")
]
Workers = Annotated[int | None, typer.Option(min=1, help="Processes; default: all cores.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print the result as JSON on stdout.")]
EngineName = Annotated[
    Literal["local", "ray"], typer.Option("--engine", help="Processes here, or a Ray cluster.")
]
RayAddress = Annotated[
    str, typer.Option(metavar="HOST:PORT", help="Of the Ray cluster; default: Ray on this machine.")
]


def say_copy(place: str | None) -> None:
    """Of a folder on a storage, say where its copy lies; the commands after this one take that."""
    from benchwright import mirror

    if place and mirror.is_url(place):
        console.say(f"{place}: there; {mirror.copy_of(place)} is this machine's copy of it")


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
