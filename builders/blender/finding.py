"""Finding Blender: a Blender binary, or a Python that has Blender as the module ``bpy``."""

from __future__ import annotations

import os
import shutil
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from benchwright.builders.blender.process import WORKER, BlenderDiedError, BlenderError
from benchwright.builders.blender.process import BlenderProcess as Process

VARIABLE = "BENCHWRIGHT_BLENDER"

PREPARED = Path("build/blender/bin/python")
"""What ``make blender`` prepares, seen from the checkout."""


@dataclass(frozen=True, slots=True)
class Blender:
    """A Blender that answers.

    Attributes:
        command: what starts our worker inside its Python.
        version: as it says itself, such as ``4.5.15 LTS``.
    """

    command: tuple[str, ...]
    version: str


@cache
def find(executable: str | None = None) -> Blender:
    """The Blender to use: the one named, ``$BENCHWRIGHT_BLENDER``'s, on PATH, or prepared here.

    Args:
        executable: a Blender binary or a Python with ``bpy``, if the recipe names one.

    Raises:
        BlenderError: there is none, or the one named does not run our worker.
    """
    named = executable or os.environ.get(VARIABLE)
    place = named or shutil.which("blender") or (PREPARED.is_file() and str(PREPARED))
    if not place:
        raise BlenderError(
            "render: blender needs Blender: `make blender` prepares one in a checkout; or put "
            f"`blender` on PATH, or name one by blender.executable or ${VARIABLE}"
        )
    command = _command(place)
    try:
        process = Process(command)
    except BlenderDiedError as error:
        raise BlenderError(
            f"{place} is neither a Blender that runs nor a Python with bpy ({error}); name "
            f"another by blender.executable or ${VARIABLE}"
        ) from error
    process.close()
    return Blender(command, process.version)


def _command(place: str) -> tuple[str, ...]:
    """What runs our worker: Pythons are known by their name."""
    if Path(place).name.startswith("python"):
        return place, str(WORKER)
    return (
        place, "--background", "--factory-startup", "--python-exit-code", "1",
        "--python", str(WORKER),
    )  # fmt: skip
