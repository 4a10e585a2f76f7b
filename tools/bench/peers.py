"""Other tools, each in an environment of its own: what they pin excludes ours."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from benchwright.errors import BenchwrightError

DONE = ".installed"
"""Says what an environment holds; one without it was cut short, and is made anew."""


def environment(folder: Path, requirements: Sequence[str]) -> Path:
    """The Python of an environment that holds a peer, made with pip where it is missing.

    Args:
        folder: of the environment.
        requirements: as pip takes them; others than it was made with make it anew.

    Raises:
        BenchwrightError: they cannot be installed; with what pip said last.
    """
    python, done, wanted = folder / "bin" / "python", folder / DONE, "\n".join(requirements)
    if not done.is_file() or done.read_text() != wanted:
        making = [sys.executable, "-m", "venv", "--clear", "--without-pip", str(folder)]
        _run(making, requirements)
        pip = [sys.executable, "-m", "pip", "--disable-pip-version-check", "--python", str(python)]
        _run([*pip, "install", "--quiet", *requirements], requirements)
        done.write_text(wanted)
    return python.absolute()


def _run(command: list[str], requirements: Sequence[str]) -> None:
    ran = subprocess.run(command, capture_output=True, text=True, check=False)
    if ran.returncode:
        said = [line for line in ran.stderr.splitlines() if line.startswith("ERROR")]
        why = (said or ran.stderr.splitlines() or ["no word of why"])[0]
        raise BenchwrightError(
            f"{requirements[0]} cannot be installed ({why[:200]}): it needs a package index"
        )
