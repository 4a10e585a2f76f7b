"""A Blender that stays: asked for scenes, a line of JSON each, over its stdin and stdout."""

from __future__ import annotations

import contextlib
import json
import queue
import signal
import subprocess
import tempfile
import threading
import weakref
from pathlib import Path
from typing import IO, Any

from benchwright.errors import BenchwrightError

START_SECONDS = 180.0
"""Limit on starting: a second on an idle machine, a minute on a busy one with cold files."""

END_SECONDS = 5.0
"""How long it may take to leave when there is nothing more to ask."""

WORKER = Path(__file__).with_name("worker.py")


class BlenderError(BenchwrightError):
    """Blender is missing, or cannot draw what it is asked to."""


class BlenderDiedError(BlenderError):
    """The process ended, or hung and was ended, with a request unanswered."""


class BlenderProcess:
    """One running Blender; ends with this object, at the latest with this process.

    Attributes:
        version: of Blender, as it says itself.
    """

    def __init__(self, command: tuple[str, ...]) -> None:
        """Start one.

        Args:
            command: what runs our worker inside Blender's Python.

        Raises:
            BlenderDiedError: it cannot be started, or does not answer as our worker does.
        """
        self._errors = tempfile.TemporaryFile()  # noqa: SIM115 (a pipe nobody reads would block)
        try:
            self._process = subprocess.Popen(
                command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self._errors,
                encoding="utf-8",
            )  # fmt: skip
        except OSError as error:
            raise BlenderDiedError(f"{command[0]} does not start: {error.strerror}") from error
        self._lines: queue.SimpleQueue[str | None] = queue.SimpleQueue()
        reader = threading.Thread(target=_read, args=(self._process.stdout, self._lines))
        reader.daemon = True
        reader.start()
        self.close = weakref.finalize(self, _end, self._process)
        self.version: str = self._answer(START_SECONDS)["blender"]

    def ask(self, request: dict[str, Any], seconds: float) -> dict[str, Any]:
        """Send a request and wait for its answer.

        Args:
            request: see ``worker.py``.
            seconds: how long to wait.

        Raises:
            BlenderDiedError: there was no answer in time; the process is ended then.
            BlenderError: it answered with an error.
        """
        assert self._process.stdin
        try:
            self._process.stdin.write(json.dumps(request) + "\n")
            self._process.stdin.flush()
        except OSError as error:
            raise self._died("ended") from error
        answer = self._answer(seconds)
        if "error" in answer:
            raise BlenderError(answer["error"])
        return answer

    def _answer(self, seconds: float) -> dict[str, Any]:
        """The next line that is ours; Blender itself greets before our worker runs."""
        while True:
            try:
                line = self._lines.get(timeout=seconds)
            except queue.Empty:
                raise self._died(f"gave no answer in {seconds:.0f} s") from None
            if line is None:
                raise self._died("ended")
            if line.startswith("{"):
                answer: dict[str, Any] = json.loads(line)
                return answer

    def _died(self, how: str) -> BlenderDiedError:
        self.close()
        if self._process.returncode == -signal.SIGINT:
            raise KeyboardInterrupt  # a crash has other signals: the user stops all of us
        self._errors.seek(0)
        last = self._errors.read().decode("utf-8", "replace").strip().splitlines()[-1:]
        said = f": {last[0][:200]}" if last else ""
        return BlenderDiedError(f"Blender {how} (exit code {self._process.returncode}){said}")


def _read(stdout: IO[str], lines: queue.SimpleQueue[str | None]) -> None:
    """Hand lines on as they come, None when there are no more."""
    for line in stdout:
        lines.put(line)
    lines.put(None)


def _end(process: subprocess.Popen[str]) -> None:
    """End the process: it leaves when its stdin ends, and is killed if it hangs."""
    assert process.stdin
    with contextlib.suppress(OSError):  # what it never read cannot be flushed to it
        process.stdin.close()
    try:
        process.wait(timeout=END_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
