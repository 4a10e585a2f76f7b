"""The command line, run over and over by forks of one process that has imported what it needs.

Starting Python and importing the libraries takes most of a small command's time. Here that is done
once: each command runs in a process of its own, forked from one that imported the modules and did
nothing else, with its own arguments, folder, output and exit code.
"""

import importlib
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

BUILDING = (
    "benchwright.cli", "benchwright.api", "benchwright.run_report", "benchwright.verification",
    "benchwright.builders.build", "benchwright.builders.atlas", "benchwright.builders.flat",
    "benchwright.builders.sample_checks", "benchwright.cards.card", "benchwright.cards.lint",
    "benchwright.cards.croissant", "benchwright.cards.evaluation", "benchwright.release_report",
    "cv2", "pandas", "matplotlib.backends.backend_agg",
)  # fmt: skip
"""What building, checking and describing a set import; none of it reads the Hub's variables."""


class ForkedCommands:
    """A process that imports once and forks a command at a time; ended by ``close``."""

    def __init__(self, environment: Mapping[str, str], modules: Sequence[str] = BUILDING):
        self.environment = dict(environment)
        self._process = subprocess.Popen(
            [sys.executable, __file__, *modules], env=self.environment, text=True,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE,
        )  # fmt: skip

    def fits(self, environment: Mapping[str, str]) -> bool:
        """Whether a command of this environment may run here: modules read the rest at import."""
        return _imported_with(environment) == _imported_with(self.environment)

    def run(
        self,
        *words: object,
        cwd: Path | None = None,
        environment: Mapping[str, str] | None = None,
    ) -> subprocess.CompletedProcess[str]:
        """Run ``benchwright`` with these words, as ``subprocess.run`` would.

        Args:
            words: its arguments.
            cwd: where; this process's folder if None.
            environment: one that ``fits``; the one that the modules were imported in if None.
        """
        arguments = ["benchwright", *map(str, words)]
        with tempfile.TemporaryFile("w+") as out, tempfile.TemporaryFile("w+") as err:
            asked = {"arguments": arguments, "folder": str(cwd or Path.cwd()),
                     "environment": dict(environment or self.environment),
                     "out": _path(out.fileno()), "err": _path(err.fileno())}  # fmt: skip
            self._process.stdin.write(json.dumps(asked) + "\n")
            self._process.stdin.flush()
            code = int(self._process.stdout.readline())
            out.seek(0)
            err.seek(0)
            return subprocess.CompletedProcess(arguments, code, out.read(), err.read())

    def close(self) -> None:
        """End the process; no command runs any more."""
        self._process.stdin.close()
        self._process.stdout.close()
        self._process.wait()


def _imported_with(environment: Mapping[str, str]) -> dict[str, str]:
    ours = ("BENCHWRIGHT_", "PYTEST_")  # read when a command runs, or by no command
    return {name: value for name, value in environment.items() if not name.startswith(ours)}


def _path(descriptor: int) -> str:
    return f"/proc/{os.getpid()}/fd/{descriptor}"


def _serve() -> None:
    """Fork for each line of stdin, and answer with how the fork ended."""
    for name in sys.argv[1:]:
        importlib.import_module(name)
    for line in sys.stdin:
        child = os.fork()
        if not child:
            _become(**json.loads(line))
            return
        _, status = os.waitpid(child, 0)
        print(os.waitstatus_to_exitcode(status), flush=True)  # noqa: T201


def _become(
    arguments: list[str], folder: str, environment: dict[str, str], out: str, err: str
) -> None:
    """Run the command in this process, to its end."""
    for path, mode, number in ((os.devnull, os.O_RDONLY, 0), (out, os.O_RDWR, 1),
                               (err, os.O_RDWR, 2)):  # fmt: skip
        opened = os.open(path, mode)
        os.dup2(opened, number)
        os.close(opened)
    os.chdir(folder)
    os.environ.clear()
    os.environ.update(environment)
    sys.argv = arguments
    from benchwright.cli import main

    main()


if __name__ == "__main__":
    _serve()
