"""What img2dataset says: kept in a log, and heard for the one thing that it does not end for.

It takes a disk that cannot be written for one bad picture after the other, and where its own
message about that cannot be written either, it waits for ever. So its messages come through a pipe,
which never fills up, and the first that tells of the disk ends the run.
"""

from __future__ import annotations

import errno
import os
import re
import threading
from collections import deque
from pathlib import Path
from typing import IO

DISK = (errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EIO, errno.EFBIG)
"""Errors of writing a file that the next file will meet too."""

OS_ERROR = re.compile(rb"\[Errno (\d+)\]")
"""As Python shows an ``OSError``. Errors of servers are stored in tables, and not said."""

QUOTED_LINES = 3
LONGEST_LINE = 2**16
KEPT_LINES = 200
"""Far more than a traceback, of which the last lines are quoted."""


class Listener:
    """Reads what a process says until it ends, in a thread of its own.

    Attributes:
        trouble: why the disk cannot be written, in the system's words; empty while it can.
    """

    def __init__(self, pipe: IO[bytes], log: Path) -> None:
        """Begin to listen.

        Args:
            pipe: what the process writes to; closed here when it has ended.
            log: what was said is added to it.
        """
        self.trouble = ""
        self._pipe, self._log = pipe, log
        self._lines: deque[str] = deque(maxlen=KEPT_LINES)
        self._thread = threading.Thread(target=self._listen, daemon=True)
        self._thread.start()

    def __enter__(self) -> Listener:
        return self

    def __exit__(self, *_: object) -> None:
        """Hear the rest; the processes that may say something have ended."""
        self._thread.join()

    def last_words(self) -> str:
        """The last lines that tell of an error, or the last lines."""
        spoken = [" ".join(line.split()) for line in list(self._lines) if line.strip()]
        errors = [line for line in spoken if "rror" in line]
        return "; ".join((errors or spoken)[-QUOTED_LINES:]) or "it said nothing"

    def _listen(self) -> None:
        with self._pipe:
            while line := self._pipe.readline(LONGEST_LINE):
                self._lines.append(line.decode("utf-8", "replace"))
                found = OS_ERROR.search(line)
                if found and int(found[1]) in DISK:
                    self._note(int(found[1]))
                try:
                    with self._log.open("ab") as file:
                        file.write(line)
                except OSError as error:  # what it says is read on, or it would wait for that
                    self._note(error.errno or errno.EIO)

    def _note(self, number: int) -> None:
        self.trouble = self.trouble or os.strerror(number)
