"""The process that runs img2dataset; started by ``img2dataset_run``, never imported by it.

img2dataset is slow to import, starts processes, and survives the death of who started it. So it
lives in a process group of its own, which ends when its standard input does: the one that started
it holds the other end, however it dies.
"""

# ruff: noqa: E402

from __future__ import annotations

import importlib
import io
import json
import os
import signal
import sys
import threading
from collections.abc import Sequence
from typing import Any

# What img2dataset imports takes PyTorch where there is one, for classes that it does not use:
# half a gigabyte a process, and half the time to start.
sys.modules["torch"] = None  # type: ignore[assignment]

import cv2
import numpy as np
from img2dataset.resizer import Resizer

PNG_SIGNATURE = b"\x89PNG\r\n\x1a\n"
PNG_DEPTH_AT = 24
"""Offset of the bits a channel in a PNG's first chunk, which the standard puts first."""

Resized = tuple[bytes | None, int | None, int | None, int | None, int | None, str | None]


class WholeRangeResizer(Resizer):  # type: ignore[misc]
    """img2dataset's, but 16-bit PNGs keep their tones.

    As it is, it encodes 16-bit pixels as JPEG by cutting them off at 255: nearly all white.
    """

    def __call__(
        self, img_stream: io.BytesIO, blurring_bbox_list: Sequence[object] | None = None
    ) -> Resized:
        """Image bytes as stored, width, height, original width, original height, error."""
        data = img_stream.getvalue()
        if data.startswith(PNG_SIGNATURE) and data[PNG_DEPTH_AT : PNG_DEPTH_AT + 1] == b"\x10":
            try:
                deep: Any = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_UNCHANGED)
            except cv2.error as error:
                return None, None, None, None, None, str(error)
            if deep is not None:
                eight = (deep >> 8).astype(np.uint8)
                img_stream = io.BytesIO(cv2.imencode(".png", eight)[1].tobytes())
        resized: Resized = super().__call__(img_stream, blurring_bbox_list)
        return resized


class NoLogger:
    """Stands in for img2dataset's logging process, whose sums we take from the same files."""

    def __init__(self, *_: object) -> None:
        self.done_shards: set[int] = set()

    def start(self) -> None:
        """Nothing to start."""

    def join(self) -> None:
        """Nothing to wait for."""

    def terminate(self) -> None:
        """Nothing to end."""


def _end_with_parent() -> None:
    os.read(0, 1)  # nothing is ever sent: it returns when the other end is closed
    os.killpg(0, signal.SIGKILL)


def main() -> None:
    """Run img2dataset with the options in the first argument, a JSON object."""
    threading.Thread(target=_end_with_parent, daemon=True).start()
    program: Any = importlib.import_module("img2dataset.main")  # the package hides it by a function
    program.Resizer, program.LoggerProcess = WholeRangeResizer, NoLogger
    program.download(**json.loads(sys.argv[1]))


if __name__ == "__main__":
    main()
