"""Arguments and options that several commands share."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

Folder = Annotated[Path, typer.Argument(metavar="DATASET", help="A dataset folder.")]
Workers = Annotated[int | None, typer.Option(min=1, help="Processes; default: all cores.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print the result as JSON on stdout.")]
